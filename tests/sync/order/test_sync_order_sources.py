"""Lime's tables of order fields, to PowerOffice Go and to Visma Administration: each line, and the test that proves it.

The labels and what the comments ask for are typed from the two pages; what they have in common stands once.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FLOW, SUMS, STATUS = (
    "tests/sync/order/test_sync_order_fields.py",
    "tests/sync/shared/test_sync_sums.py",
    "tests/sync/order/test_sync_order_status.py",
)
E2E, PAGE = "tests/e2e/test_e2e_orders.py", "plugins/poweroffice/tests/test_poweroffice_page.py"
DISCOUNT = "plugins/poweroffice/tests/test_poweroffice_discount.py"

PROOFS: dict[str, list[tuple[str, str]]] = {
    "Order number: written back": [
        (FLOW, "test_the_order_number_is_written_back"),
        (E2E, "test_a_ready_order_goes_over_and_its_number_comes_back"),
    ],
    "Invoice number: written back if Create invoice from order was true": [
        (FLOW, "test_create_invoice_from_order_converts_the_order_and_writes_the_invoice_number_back"),
        (E2E, "test_create_invoice_from_order_converts_it_and_the_number_comes_back"),
    ],
    "Invoice: relation set when the resulting invoice is booked and thereby created": [
        (E2E, "test_the_invoice_relation_is_set_when_the_booked_invoice_is_stored"),
    ],
    "ERP db: key for several ERP databases": [
        (FLOW, "test_the_erp_db_chooses_the_sync"),
        (E2E, "test_the_order_s_key_chooses_the_erp_database"),
    ],
    "ERP db: otherwise always the same value": [(FLOW, "test_a_sync_without_erp_db_takes_every_order")],
    "Company: relation to the customer": [
        (FLOW, "test_an_order_without_customer_number_goes_by_the_organisation_number_of_its_company"),
    ],
    "Customer number: key to find the right customer": [(FLOW, "test_the_customer_number_is_the_key_to_the_customer")],
    "Create invoice from order: converts the order to an invoice": [
        (FLOW, "test_create_invoice_from_order_converts_the_order_and_writes_the_invoice_number_back"),
        (FLOW, "test_without_create_invoice_from_order_there_is_no_invoice"),
    ],
    "Order status: shows the current sync status": [
        (STATUS, "test_an_order_is_in_process_before_anything_is_read_that_is_sent"),
        (STATUS, "test_an_order_that_is_not_ready_makes_nothing"),
    ],
    "Customer reference, Coworker, Order date, Currency": [
        (FLOW, "test_customer_reference_coworker_date_and_currency_go_over"),
    ],
    "Order sums: calculated summation of the rows": [
        (SUMS, "test_a_row_is_quantity_times_price_less_its_discount_and_vat_comes_on_top"),
        (SUMS, "test_sums_in_the_crm_that_are_not_those_of_its_rows_stop_the_order"),
        (SUMS, "test_sums_that_differ_ask_a_person_and_stand_on_the_order"),
        (SUMS, "test_a_difference_is_told_if_and_only_if_it_is_more_than_rounding"),
        (E2E, "test_a_sum_that_the_erp_computes_otherwise_asks_a_person"),
    ],
    "Error message: populated if any error occurs": [
        (STATUS, "test_a_refusal_is_on_the_record_in_words_and_set_back_to_ready_the_order_goes_again"),
        (E2E, "test_a_missing_product_is_told_on_the_order_and_mended_it_goes_again"),
    ],
    "Rows: order, description, article, quantity, unit, price, VAT, discount, accounts": [
        (FLOW, "test_each_field_of_a_row_goes_over"),
    ],
    "Row ID: calculated; VAT, accounts: not available, with the reason": [
        (PAGE, "test_what_is_not_sent_or_worked_out_says_why"),
        (PAGE, "test_the_reason_for_no_vat_and_no_accounts_is_the_product"),
    ],
    "Discount (amount): percent, calculated": [
        (DISCOUNT, "test_the_row_sum_is_the_crms_within_an_ore_or_a_loss_is_told"),
    ],
    "Income account: an article that does not exist is created towards an account": [
        (FLOW, "test_an_article_that_the_erp_lacks_is_created_towards_the_rows_income_account"),
    ],
    "After success the ERP is master": [
        (STATUS, "test_changes_after_success_are_not_sent"),
        (E2E, "test_after_success_what_is_changed_in_the_crm_is_not_sent"),
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
