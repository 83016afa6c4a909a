"""Settings that the other tests leave at their default: each is moved, and something else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_crm.names import (
    CompanyNames,
    CoworkerNames,
    DealNames,
    InvoiceRowNames,
    OrderNames,
    OrderRowNames,
    PersonNames,
)
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.simulator import LimeCrmSimulator, Model
from erpcore_lime_crm.simulator.model import STANDARD

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.models import Company, CrmOrder, Deal, Invoice, InvoiceRow, WriteBack
from erpcore.simulator import running
from plugins.lime_crm.tests.test_lime_crm_webhook import (
    NOW,
    V1,
    V2,
    company,
    order,
    raw,
    read,
    request,
    sign_v1,
    sign_v2,
    status_of,
)

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]
TABLES = {
    "company": CompanyNames,
    "coworker": CoworkerNames,
    "person": PersonNames,
    "deal": DealNames,
    "order": OrderNames,
    "order_row": OrderRowNames,
    "invoice_row": InvoiceRowNames,
}
"""Setting -> its names. Each of them is renamed below, in Lime CRM and in the settings."""
INVOICE = Invoice(
    number="90001",
    customer_number="10001",
    kind="invoice",
    invoice_date=date(2026, 11, 22),
    total=Decimal("125.00"),
    balance=Decimal("125.00"),
    booked=True,
    rows=(InvoiceRow(row_id="r1", article_number="K", description="Kurs", quantity=Decimal(2), amount=Decimal(100)),),
)


def moved() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Give every name of every table another one: for the simulated installation, and as settings."""
    renamed: dict[str, str] = {}
    settings: dict[str, dict[str, str]] = {}
    for table, names in TABLES.items():
        limetype = names.model_fields["limetype"].default
        there = {each.name for each in STANDARD[limetype] if not each.related}
        for setting in names.model_fields:
            usual = getattr(names(), setting)
            if usual in there and not (
                setting == "rows" or any(each.related and each.name == usual for each in STANDARD[limetype])
            ):
                renamed[f"{limetype}.{usual}"] = f"own_{usual}"
                settings.setdefault(table, {})[setting] = f"own_{usual}"
    return renamed, settings


def shown(crm: CrmConnection, lime: LimeCrmSimulator) -> tuple[Company, CrmOrder, list[Deal], dict[str, Any]]:
    """Read a company, an order and the deals, and store and look at an invoice."""
    ids = [each.id for each in lime.account.all("company")]
    held = lime.account.all("order")[0]
    stored = crm.store_invoice(INVOICE, CONTEXT)
    (row,) = lime.account.related(lime.object("invoice", int(stored.key or 0)), "invoicerow")
    deals = [crm.fetch_deal(str(each.id), None, CONTEXT) for each in lime.account.all("deal")]
    return crm.fetch_customer(str(ids[0]), CONTEXT), crm.fetch_order(str(held.id), CONTEXT), deals, dict(row.values)


def test_every_name_of_the_installation_is_a_setting(connector: Connect) -> None:
    usual = LimeCrmSimulator()
    renamed, settings = moved()
    other = LimeCrmSimulator(model=Model(renamed))
    with running(usual) as first, running(other) as second:
        read = shown(connector(first), usual)
        assert shown(connector(second, **settings), other) == read
    assert read[3]["units"] == 2
    assert len(renamed) > 50, "all of them, and not a few"


def test_a_company_s_status_keys_are_the_installation_s(connector: Connect) -> None:
    keys = {"company.erp_status.synced": "finns", "company.erp_status.readyforfirstsync": "ny"}
    lime = LimeCrmSimulator(model=Model(option_keys=keys))
    held = lime.object("company", "Sundet Handel AS")
    told = WriteBack(record_kind="company", record_id=str(held.id), status="synced")
    with running(lime) as url:
        connector(url, company_status_keys={"synced": "finns", "readyforfirstsync": "ny"}).write_back(told, CONTEXT)
    assert held.values["erp_status"] == "finns"
    own = V1.model_copy(
        update={"company_status_keys": V1.company_status_keys.model_copy(update={"readyforfirstsync": "ny"})}
    )
    assert [each.kind for each in read(company("ny", ["erp_status"]), own)] == ["company_is_customer"]
    assert read(company("ny", ["erp_status"])) == []


@pytest.mark.parametrize(("kind", "usual"), [("invoice", "Invoice"), ("credit", "Credit"), ("cash", "Cash")])
def test_the_type_of_an_invoice_is_written_in_the_installation_s_words(
    lime: LimeCrmSimulator, connect: Connect, kind: Any, usual: str
) -> None:
    words = {"invoice_text": "Faktura", "credit_text": "Kreditfaktura", "cash_text": "Kontantfaktura"}
    for settings, text in (({}, usual), (words, words[f"{kind}_text"])):
        stored = connect(**settings).store_invoice(INVOICE.model_copy(update={"kind": kind}), CONTEXT)
        assert lime.object("invoice", int(stored.key or 0)).values["invoice_type"] == text


def test_which_properties_of_a_company_are_synced_may_be_said(lime: LimeCrmSimulator) -> None:
    told = V1.model_copy(update={"synced_properties": ("erp_turnover_yearnow",)})
    for changed, usual, said in (("phone", 1, 0), ("erp_turnover_yearnow", 0, 1)):
        assert len(read(company("synced", [changed]))) == usual
        assert len(read(company("synced", [changed]), told)) == said


@pytest.mark.parametrize(("seconds", "status"), [(300, None), (60, 401)])
def test_how_fresh_a_delivery_must_be(seconds: int, status: int | None) -> None:
    settings = V2.model_copy(update={"webhook_fresh_seconds": seconds, "webhook_late_seconds": 0})
    body = raw(order())
    for age in (timedelta(seconds=200), timedelta(seconds=-200)):
        held = request(body, sign_v2(body, at=NOW - age))
        if status is None:
            assert read(order(), settings, at=NOW - age)
        else:
            assert status_of(held, settings) == status


def test_how_large_a_delivery_may_be() -> None:
    body = raw(order(note="x" * 1000))
    held = request(body, sign_v1(body))
    assert read(order(note="x" * 1000))
    assert status_of(held, V1.model_copy(update={"webhook_max_bytes": 1000})) == 413


def test_the_subscription_has_the_name_that_was_given(lime: LimeCrmSimulator, connect: Connect) -> None:
    for settings, name in (({}, "erpcore"), ({"subscription_name": "Økonomi"}, "Økonomi")):
        crm = connect(webhook_secret="a-secret-of-the-subscription", **settings)
        crm.subscribe_events("http://127.0.0.1:9/webhooks/lime/x", CONTEXT)
        (held,) = lime.deliveries.subscriptions()
        assert held.name == name
        (check,) = [each for each in crm.check_connection(CONTEXT).checks if each.name == "webhook"]
        assert name in check.detail


def test_what_the_rows_come_to_is_written_where_there_is_a_place(lime: LimeCrmSimulator, connect: Connect) -> None:
    deal, order = lime.account.all("deal")[0], lime.account.all("order")[0]
    for kind, held, settings in (
        ("deal", deal, {"deal": {"rows_sum": "probability"}}),
        ("order", order, {"order": {"rows_sum": "order_vat", "vat": ""}}),
    ):
        told = WriteBack.model_validate({"record_kind": kind, "record_id": str(held.id), "net": Decimal("61.50")})
        lime.journal.clear()
        connect().write_back(told, CONTEXT)
        assert lime.journal.entries("PUT") == [], "there is no such property by default"
        connect(**settings).write_back(told, CONTEXT)
        (put,) = lime.journal.entries("PUT")
        assert [Decimal(str(value)) for value in json.loads(put.body).values()] == [Decimal("61.50")]


def test_a_setting_of_a_group_of_names_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such"):
        LimeCrmSettings.model_validate({"url": "https://a.example/b", "api_key": "x", "company": {"no_such": "x"}})
