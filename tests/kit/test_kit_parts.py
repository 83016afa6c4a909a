"""The kit's own parts: the report, the look for leaks, the samples."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory.plugin import MemoryPlugin

from erpcore.fields import Computed, Entry, Field, FieldMap, Rows, Unsupported
from erpcore.models import Article, CanonicalModel, Invoice, Order, OrderRow, Ref
from erpcore.testing.contract import ErpContract
from erpcore.testing.contract.makers import comes_back
from erpcore.testing.leaks import leaks
from erpcore.testing.report import Result, make_report, read_report, render, write_report
from erpcore.testing.samples import WRITES, Samples, entries, required, shown
from erpcore.testing.tap import Sent, floats_in
from erpcore.testing.witness import Witness, differences, unnoticed_swaps


def result(rule: str, outcome: str, reason: str = "", case: str | None = None) -> Result:
    return Result("acme", "erp", "TestAcme", rule, case, outcome, reason)  # type: ignore[arg-type] # one of the four


RESULTS = (
    result("F02", "failed", "the city is lost", "create_customer-invoice_address.city"),
    result("D01", "passed"),
    result("F01", "passed", case="create_order-remarks"),
    result("O05", "deviation", "the system makes a second invoice"),
    result("P01", "not applicable", "the plugin does not implement fetch_articles"),
)


def test_a_report_survives_its_file_and_is_in_order(tmp_path: Path) -> None:
    report = make_report(RESULTS)
    write_report(report, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == report
    assert [each.rule for each in report.results] == ["D01", "F01", "F02", "O05", "P01"]


def test_a_file_that_is_no_report_is_told(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"results": [{"rule": "D01"}]}')
    with pytest.raises(ValueError, match="is no contract report"):
        read_report(path)


def test_the_table_counts_what_applies_and_names_the_rest() -> None:
    text = render(make_report(RESULTS))
    assert "| Plugin | declaration | fields | operations | lists |" in text
    assert "| acme | ✓ 1/1 | ✗ 1/2 | ✓ 0/1 | – |" in text
    assert "- F02 create_customer-invoice_address.city: FAILED: the city is lost" in text
    assert "- O05: deviates: the system makes a second invoice" in text
    assert "- P01: does not apply: the plugin does not implement fetch_articles" in text


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "Authorization: Bearer abcdef0123456789",
        '"next": "bX9qW2vT7kLp4RzN8sYd3HcJ6fGm1AeU"',
        "https://acme.invalid/v1/orders?key=bX9qW2vT7kLp4RzN8sYd3HcJ6fGm1AeU",
        "anna.andersson@storbolaget.se",
        "born 19121212-1212",
    ],
)
def test_what_looks_like_a_secret_or_a_person_is_found(text: str) -> None:
    found = list(leaks(text))
    assert len(found) >= 1
    assert not any(text in each for each in found), "the finding repeats what it found"


@pytest.mark.parametrize(
    "text",
    [
        '{"OrganisationNumber": "556036-0793", "Email": "ekonomi@example.com", "Name": "Cassettbolaget AB"}',
        "https://fortnox.invalid/3/orders?externalinvoicereference1=cassette:order",
        "test_create_find_and_convert_an_order.yaml and a_long_name_of_words_that_is_no_key",
        "f50a443f-960d-50ca-9031-fbf19bb710f2",
        "page[after]=WzMxLCAiMjAyNi0xMS0yMlQxNjoyMiJd",
        "https://visma.invalid/v2/articles?$filter=ChangedUtc+ge+2026-11-20T07%3A58%3A00Z",
    ],
)
def test_ordinary_records_are_no_leaks(text: str) -> None:
    assert list(leaks(text)) == []


@pytest.mark.parametrize("plugin", [MemoryPlugin, FortnoxPlugin])
def test_every_field_of_a_map_has_a_sample_of_its_own_type(plugin: type) -> None:
    samples = Samples("1", "2", "A1")
    for model in set(WRITES.values()):
        for path, _, _ in entries(plugin.field_maps, model):
            is_shown, value = shown(samples.record(model, path), path)
            assert is_shown, f"{model}.{path}"
            assert value not in (None, ""), f"{model}.{path}"


def test_an_authors_sample_goes_before_the_kits_and_brings_companions_along() -> None:
    companions = {"article.currency": {"price": Decimal(10)}}
    samples = Samples(own={"article.currency": "NOK", "unit": "h"}, companions=companions)
    article = samples.record("article", "currency", "unit")
    assert (article.currency, article.price, article.unit) == ("NOK", Decimal(10), "h")


def test_a_companion_that_is_a_record_is_left_as_the_author_wrote_it() -> None:
    place = {"invoice_address": {"city": "Oslo"}}
    samples = Samples(companions={"customer.invoice_address.street": place})
    customer = samples.with_value("customer", "invoice_address.street", "Storgata 1")
    assert customer.model_dump(exclude_unset=True)["invoice_address"] == {"city": "Oslo", "street": "Storgata 1"}
    assert place == {"invoice_address": {"city": "Oslo"}}


def table_of(model: type[CanonicalModel], *own: Entry) -> FieldMap[Any]:
    """A map of these fields, and of no others."""
    names = {each.name for each in own}
    return FieldMap(
        model, [*own, *(Unsupported(name, reason="no") for name in model.model_fields if name not in names)]
    )


def test_a_field_that_is_required_is_in_the_least_record() -> None:
    table = table_of(Article, Field("number", "no", required=True), Field("vat_percent", "vat", required=True))
    samples = Samples(required=required({"article": table}))
    assert samples.base("article").keys() == {"description", "number", "vat_percent"}
    assert samples.record("article", number="7").number == "7"


def test_each_least_record_has_a_number_of_its_own_in_the_form_of_the_authors() -> None:
    needed = {"article": ("number",), "customer": ("number",)}
    samples = Samples(required=needed, own={"customer.number": "0099"})
    assert [samples.base("article")["number"] for _ in range(2)] == ["K-101", "K-102"]
    assert [samples.base("customer")["number"] for _ in range(2)] == ["0102", "0103"]
    alike = samples.of_one_number()
    assert [alike.base("customer")["number"] for _ in range(2)] == ["0099", "0099"]
    assert Samples(required=needed, own={"article.number": "STOL"}).base("article")["number"] == "STOL1"


def test_a_witness_with_nothing_beside_one_with_a_record_is_held_to_it() -> None:
    table = table_of(Invoice, Field("credits", "credited", direction="read"), Field("ocr", "kid", direction="read"))
    note = Witness(Invoice(credits=Ref(number="3"), ocr="77"), shown={"credited": {"number": "3"}, "kid": "77"})
    plain = Witness(Invoice(credits=None, ocr="78"), shown={"credited": None, "kid": "78"})
    assert unnoticed_swaps(table, note, plain) == []
    assert unnoticed_swaps(table, plain, note) == []
    assert differences(table, note, plain) == []


def test_what_is_worked_out_and_read_comes_back() -> None:
    def plugin(**read: Any) -> type[ErpContract]:
        rows = table_of(OrderRow, Computed("vat_percent", "vat", str, "from the code", **read))
        maps = {"order": table_of(Order, Rows("rows", "lines", rows))}
        return type("Contract", (ErpContract,), {"plugin_class": type("Plugin", (MemoryPlugin,), {"field_maps": maps})})

    assert comes_back(plugin(read=lambda held: held["vat"]), "order", "rows.vat_percent")
    assert not comes_back(plugin(), "order", "rows.vat_percent")


def test_requests_are_the_same_when_they_say_the_same() -> None:
    assert Sent("POST /orders", {"a": Decimal("1.0")}).same(Sent("POST /orders", {"a": Decimal("1.0")}, changed=True))
    assert not Sent("POST /orders", {"a": 1}).same(Sent("POST /orders", {"a": 2}))
    assert floats_in({"rows": [{"price": 1.5, "quantity": Decimal("1.5")}]}) == ["rows: price: 1.5"]
