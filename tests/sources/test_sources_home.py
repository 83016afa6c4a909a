"""The sentences of Lime's articles about invoices, colours, articles, terms of payment and mails: each, and its tests.

The numbers are those of the articles: 1 Lime Go, how the new ERP sync works; 3 Lime Go and Visma eAccounting; 4 and 5
Lime CRM's orders to PowerOffice Go and to Visma Administration. Article 2 says nothing about these.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INVOICES, ARTICLES = "tests/e2e/test_e2e_invoices.py", "tests/e2e/test_e2e_articles.py"
HOME, GONE = "tests/sync/invoice/test_sync_invoices_home.py", "tests/sync/invoice/test_sync_invoices_gone.py"
DEAL, PRICES = "tests/sync/deal/test_sync_deal_sources.py", "tests/sync/shared/test_sync_prices.py"
ROUNDS, REGISTERS = "tests/sync/article/test_sync_article_rounds.py", "tests/e2e/test_e2e_registers.py"
TERMS, MAILS = "tests/sources/test_source_visma_eaccounting.py", "tests/notify/test_notify_notices.py"
SMTP, ORDERS = "tests/notify/test_notify_smtp.py", "tests/e2e/test_e2e_orders.py"
CODING = "plugins/visma_admin/tests/test_visma_admin_hooks.py"

PROOFS: dict[str, list[tuple[str, str]]] = {
    "1: an order or a draft of an invoice is made": [
        (DEAL, "test_a_deal_put_in_a_positive_last_step_sends_customer_and_deal_and_an_order_is_created"),
        (DEAL, "test_a_deal_put_in_a_positive_last_step_makes_an_invoice_where_that_is_chosen"),
        (INVOICES, "test_a_draft_of_an_invoice_is_in_the_mirror_alone"),
    ],
    "1: the invoice or order number, the payment status and the deal's ERP ID come back": [
        (DEAL, "test_the_number_is_sent_back_as_the_deal_erp_id"),
        (INVOICES, "test_amount_payment_status_responsible_coworker_and_contact_person_come_over"),
    ],
    "1: the payment status can be seen on the company card": [
        (INVOICES, "test_an_invoice_made_by_hand_in_the_erp_is_its_customer_s"),
        (HOME, "test_an_invoice_made_by_hand_in_the_erp_is_shown_by_its_customer"),
    ],
    "1: red is not paid and past due": [
        (INVOICES, "test_if_the_invoice_is_red_the_customer_has_not_paid_and_it_has_passed_the_due_date"),
        (HOME, "test_turning_red_over_night_asks_the_erp_nothing_and_tells_each_record_once"),
        (HOME, "test_the_day_is_the_company_s"),
    ],
    "1: yellow is not paid and not past due": [
        (INVOICES, "test_if_the_invoice_is_yellow_it_is_still_not_paid_but_the_due_date_has_not_passed"),
        (HOME, "test_on_the_day_of_payment_itself_it_is_yellow_still"),
    ],
    "1: green is paid": [
        (INVOICES, "test_if_it_is_green_the_invoice_is_paid"),
        (HOME, "test_the_erp_s_word_that_it_is_paid_counts_where_rounding_leaves_some_ore"),
        (GONE, "test_a_cash_invoice_is_paid_whatever_balance_the_erp_shows"),
    ],
    "1: invoice info, billing status and the responsible coworker can be seen; amount, contact person and so on": [
        (INVOICES, "test_amount_payment_status_responsible_coworker_and_contact_person_come_over"),
        (HOME, "test_everything_an_invoice_says_is_in_the_mirror"),
    ],
    "1: payments of invoices are seen without asking the customer": [
        (INVOICES, "test_a_payment_comes_home_whether_or_not_it_moves_the_invoice_s_change_stamp"),
    ],
    "1: as soon as the invoice is created in the ERP, it is created in the CRM; you see it": [
        (INVOICES, "test_as_soon_as_the_invoice_is_created_in_the_erp_it_should_be_created_in_the_crm"),
        (HOME, "test_an_invoice_that_has_just_been_made_is_looked_for_at_once"),
    ],
    "1: it is only visible; if it needs changing, that has to be done in the ERP": [
        (INVOICES, "test_an_invoice_is_not_editable_only_visible_if_it_needs_changing_it_has_to_be_done_in_the_erp"),
        (INVOICES, "test_a_draft_that_is_deleted_in_the_erp_is_gone_here_too"),
    ],
    "1: products and articles are synced between the systems, with correct information in each": [
        (
            ARTICLES,
            "test_products_and_articles_are_synced_between_the_systems_so_that_each_has_correct_product_information",
        ),
        (ARTICLES, "test_an_article_changed_in_the_erp_is_at_hand_where_lime_go_has_no_place_for_products"),
        (ROUNDS, "test_only_real_changes_travel_and_each_once"),
    ],
    "1: articles are synced on top of customers and invoices": [
        (ARTICLES, "test_articles_are_added_on_top_of_the_existing_sync"),
    ],
    "1: correct pricing by the calculated deal total, its discount, and each product's value": [
        (PRICES, "test_correct_pricing_information_by_the_deal_total_its_discount_and_each_product_value"),
    ],
    "1: an article of a deal without an ERP number is created, and its number is not reported back": [
        (DEAL, "test_an_article_without_erp_number_is_created_and_its_number_not_reported_back"),
    ],
    "1: when a sync fails, an e-mail says what failed": [
        (MAILS, "test_what_happens_if_my_ongoing_sync_fails_we_send_an_email"),
        (MAILS, "test_an_outage_of_many_deals_is_one_mail"),
        (SMTP, "test_a_mail_arrives_as_text_and_html"),
    ],
    "3: the CRM receives the different terms of payment": [
        (REGISTERS, "test_the_crm_will_receive_the_different_terms_of_payment_options_available"),
    ],
    "3: you may select the terms of payment to use for new companies": [
        (TERMS, "test_you_may_select_what_terms_of_payment_to_use_of_the_different_options_available"),
        (TERMS, "test_a_company_may_choose_its_own_terms_of_the_options_available"),
    ],
    "3: you have to check that the option is correct": [
        (TERMS, "test_you_will_have_to_check_that_the_option_selected_is_correct"),
        (TERMS, "test_a_choice_that_is_wrong_is_told_when_the_worker_starts"),
    ],
    "3: the new company gets the terms of payment of the settings": [
        (TERMS, "test_the_new_company_will_get_the_terms_of_payment_setting"),
    ],
    "3: terms of payment are not updated": [(TERMS, "test_terms_of_payment_will_not_be_updated")],
    "4, 5: the order's relation to its invoice is set when that is booked and so created in the CRM": [
        (INVOICES, "test_the_relation_is_set_when_the_resulting_invoice_is_booked_and_thereby_created_in_lime_crm"),
    ],
    "4, 5: the invoice number is written back if an invoice was made from the order": [
        (ORDERS, "test_create_invoice_from_order_converts_it_and_the_number_comes_back"),
    ],
    "5: an article that does not exist is created towards account number 1": [
        (CODING, "test_a_new_article_is_made_towards_the_coding_of_the_settings"),
    ],
}


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("sentence", PROOFS)
def test_each_sentence_has_its_tests(sentence: str) -> None:
    missing = [f"{file}::{name}" for file, name in PROOFS[sentence] if name not in names_in(file)]
    assert not missing
