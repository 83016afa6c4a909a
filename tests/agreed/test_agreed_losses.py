"""What the CRM states and a document would not show is a loss, which the sync's rules govern: with every ERP, whether a
won deal becomes an order or an invoice, and for an order of the CRM."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import Coworker, CrmOrderRow, CustomField, Person
from tests.agreed.vendor_shop import everywhere, row, stopped, words
from tests.agreed.vendor_world import AdministrationBooks, EAccountingBooks, FortnoxBooks, PowerOfficeBooks, Vendor

MADE = ["order", *(pytest.param(made, marks=pytest.mark.proof) for made in ("invoice", "order of an order"))]
"""What a sale becomes: one every time, all of them as proof."""


def losses(shop: Any) -> list[str]:
    return [line.text for line in shop.world.story("d1", shop.kind) if line.kind == "loss"]


@everywhere(3)
def test_a_unit_that_the_document_would_not_show_stops_where_losses_stop(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = make_shop(vendor, made, on_loss="block")
    shop.company()
    run = shop.win(rows=(row("1", "1000", unit="flak"),))
    assert stopped(run)
    assert "flak" in words(run)
    assert shop.documents() == 0
    assert shop.win("d2", rows=(row("1", "1000", unit="st"),)).state == "done"


@pytest.mark.parametrize("made", MADE)
def test_the_article_s_unit_is_a_loss_only_where_it_is_another_than_the_crm_states(make_shop: Any, made: str) -> None:
    shop = make_shop(EAccountingBooks, made)
    shop.company()
    units = ("st", "stk", "flak", "flak", None)
    rows = tuple(row("1", "200", **({} if unit is None else {"unit": unit})) for unit in units)
    assert shop.win(rows=rows).state == "done"
    kind = "invoice" if made == "invoice" else "order"
    assert losses(shop) == [
        f"{kind}, rows 3-4, unit: “flak” is replaced by the ERP's own “st” (the article's unit is used)."
    ]


@pytest.mark.parametrize(("policy", "state"), [("allow", "done"), ("block", "failed")])
def test_the_rule_of_the_very_field_governs_the_article_s_unit(make_shop: Any, policy: str, state: str) -> None:
    shop = make_shop(EAccountingBooks, "order", on_loss_of={"rows.unit": policy})
    shop.company()
    assert shop.win(rows=(row("1", "1000", unit="flak"),)).state == state
    assert bool(losses(shop)) is (policy == "block")


@pytest.mark.parametrize("made", MADE)
def test_a_free_row_has_the_unit_of_the_article_that_the_connection_puts_there(make_shop: Any, made: str) -> None:
    shop = make_shop(EAccountingBooks, made, on_loss="block")
    shop.company()
    run = shop.win(rows=(row("1", "1000", article_number=None, unit="tim"),))
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert "“tim” is replaced by the ERP's own “st”" in str(run.error_text)
    assert shop.win("d2", rows=(row("1", "1000", article_number=None, unit="st"),)).state == "done"


def test_two_units_of_one_new_article(make_shop: Any) -> None:
    shop = make_shop(EAccountingBooks, "order")
    shop.company()
    new = {"article_number": "N-1", "description": "Ny vara"}
    assert shop.win(rows=(row("1", "500", unit="st", **new), row("1", "500", unit="tim", **new))).state == "done"
    assert [each for each in losses(shop) if "unit" in each] == [
        "order, row 2, unit: “tim” is replaced by the ERP's own “st” (the article's unit is used)."
    ]


@pytest.mark.parametrize(
    ("vendor", "own", "other"), [(PowerOfficeBooks, "3000", "3100"), (EAccountingBooks, "3001", "3002")]
)
@pytest.mark.parametrize("article", ["A25", pytest.param(None, marks=pytest.mark.proof)])
def test_an_account_that_is_the_article_s_is_a_loss_where_it_is_another(
    make_shop: Any, vendor: type[Vendor], own: str, other: str, article: str | None
) -> None:
    shop = make_shop(vendor, "order of an order", on_loss="block")
    shop.company()
    kept = CrmOrderRow(
        article_number=article, description="Del", quantity=Decimal(1), unit_price=Decimal(1000), income_account=other
    )
    run = shop.win("d1", rows=(kept,))
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert f"“{other}” is replaced by the ERP's own “{own}”" in str(run.error_text)
    assert shop.documents() == 0
    assert shop.win("d2", rows=(kept.model_copy(update={"income_account": own}),)).state == "done"


@pytest.mark.parametrize("made", MADE)
def test_a_vat_rate_that_is_the_article_s_is_a_loss_where_it_is_another(make_shop: Any, made: str) -> None:
    # The difference of 0.13 is within the tolerance of the sums, and the document shows another rate all the same.
    shop = make_shop(EAccountingBooks, made, on_loss="block")
    shop.company()
    run = shop.win("d1", rows=(row("1", "1", vat_percent=Decimal(12)),), value=Decimal(1))
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert "vat_percent: “12” is replaced by the ERP's own “25”" in str(run.error_text)
    assert shop.documents() == 0
    assert shop.win("d2", rows=(row("1", "1", vat_percent=Decimal(25)),), value=Decimal(1)).state == "done"
    assert shop.win("d3", rows=(row("1", "1", vat_percent=Decimal(0)),), value=Decimal(1)).state == "done"


@everywhere(4)
def test_a_country_that_nobody_can_read_is_lost_to_the_customer(
    make_shop: Any, vendor: type[Vendor], made: str
) -> None:
    shop = make_shop(vendor, made, on_loss="block", without_organisation_number="create", undecided_vat="note")
    shop.company(organisation_number=None, address={"country": "Atlantis", "country_code": ...})
    run = shop.win(rows=(row("1", "1000"),))
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert "invoice_address.country_code: “Atlantis” is left out" in str(run.error_text)
    assert not [each for each in shop.vendor.customers() if each["name"] == "Bolaget"]


@everywhere(5)
def test_a_row_that_is_sent_in_another_form_is_a_loss(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made, on_loss="block")
    shop.company()
    run = shop.win(rows=(row("10000", "0.0125"),), value=Decimal(125))
    if run.state == "done":
        assert shop.vendor.name == "poweroffice", "it keeps any number of decimals"
        return
    assert stopped(run)
    assert "10000 × 0.0125" in words(run) or "125.00" in words(run)
    assert shop.documents() == 0


@everywhere(6, deals_alone=True)
def test_whom_a_document_cannot_name_is_a_loss(make_shop: Any, vendor: type[Vendor], made: str) -> None:
    shop = make_shop(vendor, made, on_loss="block")
    shop.company()
    run = shop.win(
        rows=(row("1", "1000"),), responsible=Coworker(number="17"), contact=Person(email="kim@kund.example")
    )
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert "our_reference: “17” is left out (the CRM shows no name of this coworker)" in str(run.error_text)
    assert "your_reference: “kim@kund.example” is left out" in str(run.error_text)


@pytest.mark.parametrize(("policy", "state"), [("warn", "done"), ("block", "failed")])
def test_the_invoice_of_an_order_has_another_company_s_address(make_shop: Any, policy: str, state: str) -> None:
    # An order carries its own company's name and address; a draft that is made of it has the customer's.
    shop = make_shop(EAccountingBooks, "order", convert_to_invoice=True, on_loss_of={"invoice_address": policy})
    shop.company("c1", name="Kvarnen Ett", address={"street": "Ettan 1"})
    shop.company("c2", name="Kvarnen Två", address={"street": "Tvåan 2"})
    assert shop.win("d1", company_id="c1").state == "done"
    assert losses(shop) == []
    assert shop.win("d2", company_id="c2").state == state
    told = [line.text for line in shop.world.story("d2", "deal") if line.kind == "loss"]
    assert "invoice, customer_name: “Kvarnen Två” is the ERP's own" in "\n".join(told)
    assert "invoice, invoice_address: “Tvåan 2, 111 22, Stockholm, SE” is the ERP's own" in "\n".join(told)


@pytest.mark.parametrize("vendor", [AdministrationBooks, FortnoxBooks, PowerOfficeBooks, EAccountingBooks])
def test_what_an_order_says_and_its_invoice_does_not(make_shop: Any, vendor: type[Vendor]) -> None:
    rules = {"field_mapping": {"Leverans": "delivery_date"}, "convert_to_invoice": True, "real_invoices": True}
    shop = make_shop(vendor, "order", on_loss_of={"delivery_date": "block"}, **rules)
    shop.company()
    fields = (CustomField(title="Leverans", value="2026-12-01"),)
    run = shop.win(rows=(row("1", "1000"),), custom_fields=fields)
    if vendor is not AdministrationBooks:
        assert run.state == "done", "its invoices have a day of delivery"
        return
    assert (run.state, run.error_class) == ("failed", "FieldLossError")
    assert "invoice, delivery_date: “2026-12-01” is left out (an invoice has none)" in str(run.error_text)
    assert shop.documents() == 0
    shop.world.rules(**rules)
    assert shop.win("d2", rows=(row("1", "1000"),), custom_fields=fields).state == "done"
