"""The printed tables against Lime's help page on orders, typed from it here."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from erpcore.cli.app import app

ORDER = [
    ("Order number", "OrderNo"),
    ("Invoice number", "?"),
    ("Invoice", "-"),
    ("ERP db", "-"),
    ("Company", "-"),
    ("Customer number", "CustomerCode"),
    ("Create invoice from order", "N/A"),
    ("Order status", "-"),
    ("Customer reference", "CustomerReference"),
    ("Coworker", "OurReferenceEmployeeCode"),
    ("Order date", "OrderDate"),
    ("Currency", "CurrencyCode"),
    ("Order sum (excl VAT)", "-"),
    ("VAT", "-"),
    ("Order sum (incl VAT)", "-"),
    ("Error message", "-"),
]
ORDER_ROW = [
    ("Order", "-"),
    ("Row ID", "Calculated in Service"),
    ("Description", "Description"),
    ("Article", "ProductCode"),
    ("Quantity", "Quantity"),
    ("Unit", "UnitOfMeasure"),
    ("Price per unit", "UnitPrice"),
    ("VAT (%)", "N/A"),
    ("Discount (amount)", "DiscountPercent (Calculated in service)"),
    ("VAT account", "N/A"),
    ("Income account", "N/A"),
]
SENT_AS = {
    "Order number": "SalesOrderNo",
    "Customer number": "CustomerNo",
    "Customer reference": "CustomerReference",
    "Coworker": "SalesPersonEmployeeNumber",
    "Order date": "SalesOrderDate",
    "Currency": "CurrencyCode",
    "Description": "Description",
    "Article": "ProductCode",
    "Quantity": "Quantity",
    "Unit": "UnitOfMeasureCode",
    "Price per unit": "ProductUnitPrice",
    "Discount (amount)": "Allowance",
    "Row ID": "SortOrder",
}


def printed(model: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["fields", "poweroffice", model, "--json"])
    assert result.exit_code == 0, result.output
    lines: list[dict[str, Any]] = json.loads(result.output)[f"{model}_page"]
    return lines


@pytest.mark.parametrize(("model", "page"), [("order", ORDER), ("order_row", ORDER_ROW)])
def test_every_row_of_the_page_is_printed_in_its_order_with_its_names(model: str, page: list[tuple[str, str]]) -> None:
    assert [(line["label"], line["known_as"]) for line in printed(model)] == page


@pytest.mark.parametrize("model", ["order", "order_row"])
def test_what_is_not_sent_or_worked_out_says_why(model: str) -> None:
    for line in printed(model):
        if line["known_as"] in ("N/A", "-", "?") or line["state"] in ("computed", "unsupported", "crm only"):
            assert len(line["note"]) > 10, line


@pytest.mark.parametrize("model", ["order", "order_row"])
def test_each_row_that_is_carried_out_shows_its_name_on_the_wire(model: str) -> None:
    shown = {line["label"]: line["native"] for line in printed(model)}
    assert {label: shown[label] for label in SENT_AS if label in shown} == {
        label: name for label, name in SENT_AS.items() if label in shown
    }


def test_the_reason_for_no_vat_and_no_accounts_is_the_product() -> None:
    notes = {line["label"]: line["note"] for line in printed("order_row")}
    assert all("product" in notes[label] for label in ("VAT (%)", "VAT account", "Income account"))


def test_the_table_for_people_has_the_page_and_the_wire() -> None:
    result = CliRunner().invoke(app, ["fields", "poweroffice", "order"], env={"COLUMNS": "200"})
    assert "as the help page has it" in result.output
    assert "OurReferenceEmployeeCode" in result.output
    assert result.output.count("SalesPersonEmployeeNumber") >= 2
