"""Lime CRM keeps the whole contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from erpcore_lime_crm.plugin import LimeCrmPlugin
from erpcore_lime_crm.simulator import LimeCrmSimulator
from erpcore_lime_crm.simulator.demo import API_KEY, API_USER

from erpcore.models import (
    Article,
    Company,
    CompanyAddress,
    Coworker,
    CrmOrder,
    CrmOrderRow,
    CustomField,
    Deal,
    Invoice,
    InvoiceStanding,
    Person,
    WebhookRequest,
    WriteBack,
)
from erpcore.simulator import Clock
from erpcore.testing.contract import Answer, Bench, CrmContract, NativeError
from erpcore.testing.samples import Samples
from plugins.lime_crm.tests.lime_crm_delivery import signed_delivery
from plugins.lime_crm.tests.lime_crm_tables import company_stored, held_invoice, more_persons, ready_again

SECRET = "a-secret-of-the-subscription"
COMPANY, ORDER = "1021", "1030"
ANNA = {"name": "Anna Exempel", "email": "anna@nordverk.example"}
ERIK = {"name": "Erik Provsson", "email": "erik@nordverk.example"}
KIM = {"name": "Kim Kontrakt", "email": "kim@kontrakt.example", "phone": "22 11 11 22"}
ROWS = tuple(f"Rad {number}" for number in (4, 1, 6, 1, 3, 7, 2, 9))
SEED: dict[str, Any] = {
    "switches": {"requests": 100_000},
    "companies": [
        {"name": "Kontrakt AS", "registrationno": "910 000 039", "emailinvoice": "post@kontrakt.example"}
        | {"phone": "22 11 11 11", "www": "kontrakt.example", "country": "Norge", "coworker": "Anna Exempel"}
        | {"invoiceaddress1": "Fakturagata 4", "invoiceaddress2": "Boks 44"}
        | {"invoicezipcode": "0144", "invoicecity": "Drammen"}
        | {"visitingaddress1": "Havnegata 5", "visitingaddress2": "Port 55"}
        | {"visitingzipcode": "0155", "visitingcity": "Moss"}
        | {"erp_id": "10077", "erp_turnover_yearnow": 125000, "erp_firstsynced": "2026-03-04T05:06:07+01:00"},
        {"name": "Bare Navn AS"},
    ],
    "persons": [
        {**KIM, "mobilephone": "400 11 133", "company": "Kontrakt AS"},
        {"name": "Bo Bare", "company": "Kontrakt AS"},
    ],
    "articlegroups": [{"name": "Kontrakt", "active": True}],
    "articles": [
        {"articleno": "KONTRAKT-1", "description": "Kontraktskurs", "unit": "dag", "price": "4500.25"}
        | {"costprice": "1500.75", "vat": "0.12", "articlegroup": "Kontrakt", "incomeaccount": "3041", "active": True},
        {"articleno": "KONTRAKT-2", "description": "Bare nummer og tekst"},
    ],
    "deals": [
        {
            "name": "Stor avtale",
            "value": "8750.50",
            "dealstatus": "agreement",
            "closeddate": "2026-11-20T09:00:00+01:00",
        }
        | {"company": "Kontrakt AS", "person": "Kim Kontrakt", "coworker": "Erik Provsson"}
        | {"erp_ordernumber": "90017", "probability": 75},
        {"name": "Bare et navn"},
    ],
    "orders": [
        {"company": "Kontrakt AS", "coworker": "Erik Provsson", "customer_reference": "Innkjøp, Kim"}
        | {"order_number": "4001", "invoice_number": "9001", "erp_db": "Norge", "create_invoice_from_order": True}
        | {"order_status": "error", "order_date": "2026-11-19", "currency": "NOK", "error_message": "Vare mangler"}
        | {
            "rows": [
                {"article": "KONTRAKT-1", "quantity": "2.5", "discount": "450.50", "vataccount": "2701"},
                {"description": "Sal etter avtale"},
            ],
        },
        {"company": "Bare Navn AS", "currency": "", "erp_db": ""},
        {"company": "Bare Navn AS", "currency": "", "erp_db": "", "rows": [{"description": text} for text in ROWS]},
    ],
}
NORWAY = {"country_code": "NO", "country": "Norge"}


def bare_row(key: str, text: str) -> CrmOrderRow:
    empty = dict.fromkeys(name for name in CrmOrderRow.model_fields if name not in ("row_id", "description"))
    return CrmOrderRow.model_validate({**empty, "row_id": key, "description": text})


def bare_order(key: str, *rows: CrmOrderRow) -> CrmOrder:
    nothing = dict.fromkeys(("net", "vat", "total"), Decimal(0))
    empty = dict.fromkeys(CrmOrder.model_fields)
    told = {"id": key, "status": "notready", "company_id": "1022", "create_invoice": False, "rows": rows}
    return CrmOrder.model_validate({**empty, **nothing, **told})


HELD = (
    Company(
        id=COMPANY,
        name="Kontrakt AS",
        organisation_number="910 000 039",
        invoice_email="post@kontrakt.example",
        phone="22 11 11 11",
        website="kontrakt.example",
        postal_address=CompanyAddress(
            street="Fakturagata 4",
            street2="Boks 44",
            postal_code="0144",
            city="Drammen",
            country_code="NO",
            country="Norge",
        ),
        visiting_address=CompanyAddress(
            street="Havnegata 5", street2="Port 55", postal_code="0155", city="Moss", **NORWAY
        ),
        erp_number="10077",
        first_synced_at=datetime(2026, 3, 4, 4, 6, 7, tzinfo=UTC),
        responsible=Coworker(id="1001", number="101", **ANNA),
        custom_fields=(CustomField(title="erp_turnover_yearnow", value="125000"),),
    ),
    Company(
        id="1022",
        name="Bare Navn AS",
        organisation_number=None,
        invoice_email=None,
        phone=None,
        website=None,
        # The country is the company's; of an address that is not there it says nothing.
        postal_address=CompanyAddress(street=None, street2=None, postal_code=None, city=None),
        visiting_address=CompanyAddress(street=None, street2=None, postal_code=None, city=None),
        erp_number=None,
        first_synced_at=None,
        responsible=None,
        custom_fields=(CustomField(title="erp_turnover_yearnow", value="0"),),
    ),
    Deal(
        id="1028",
        name="Stor avtale",
        won=True,
        status="agreement",
        value=Decimal("8750.50"),
        won_date=date(2026, 11, 20),
        company_id=COMPANY,
        contact=Person(id="1023", mobile_phone="400 11 133", **KIM),
        responsible=Coworker(id="1002", number="102", **ERIK),
        custom_fields=(CustomField(title="probability", value="75"),),
        erp_id="90017",
    ),
    Deal(
        id="1029",
        name="Bare et navn",
        won=False,
        status="contact",
        value=Decimal(0),  # Lime CRM has no empty numbers
        won_date=None,
        company_id=None,
        contact=None,
        responsible=None,
        custom_fields=(CustomField(title="probability", value="0"),),
        erp_id=None,
    ),
    CrmOrder(
        id=ORDER,
        status="error",
        order_number="4001",
        invoice_number="9001",
        erp_db="Norge",
        company_id=COMPANY,
        customer_number="10077",
        create_invoice=True,
        your_reference="Innkjøp, Kim",
        coworker=Coworker(id="1002", number="102", **ERIK),
        order_date=date(2026, 11, 19),
        currency="NOK",
        net=Decimal("10800.13"),
        vat=Decimal("1296.02"),
        total=Decimal("12096.15"),
        message="Vare mangler",
        rows=(
            CrmOrderRow(
                row_id="1031",
                article_id="1026",
                article_number="KONTRAKT-1",
                description="Kontraktskurs",
                quantity=Decimal("2.5"),
                unit="dag",
                unit_price=Decimal("4500.25"),
                vat_percent=Decimal(12),
                discount_amount=Decimal("450.50"),
                vat_account="2701",
                income_account="3041",
            ),
            CrmOrderRow(
                row_id="1032",
                article_id=None,
                article_number=None,
                description="Sal etter avtale",
                quantity=None,
                unit=None,
                unit_price=None,
                vat_percent=None,
                discount_amount=None,
                vat_account=None,
                income_account=None,
            ),
        ),
    ),
    bare_order("1033"),
    bare_order("1034", *(bare_row(str(1035 + at), text) for at, text in enumerate(ROWS))),
    Article(
        key="1026",
        number="KONTRAKT-1",
        description="Kontraktskurs",
        unit="dag",
        price=Decimal("4500.25"),
        cost_price=Decimal("1500.75"),
        vat_percent=Decimal(12),
        group="Kontrakt",
        income_account="3041",
        active=True,
    ),
    Article(
        key="1027",
        number="KONTRAKT-2",
        description="Bare nummer og tekst",
        unit=None,
        price=Decimal(0),
        cost_price=Decimal(0),
        vat_percent=Decimal(0),
        group=None,
        income_account=None,
        active=False,
    ),
)
# Where numbers, status and message stand, in the simulator's own tables.
PLACES: dict[str, dict[str, str]] = {
    "deal": {"erp_id": "erp_ordernumber"},
    "company": {"erp_id": "erp_id", "status": "erp_status", "message": "erp_errormessage"},
    "order": {
        "order_number": "order_number",
        "invoice_number": "invoice_number",
        "customer_number": "customer_number",
        "erp_db": "erp_db",
        "status": "order_status",
        "message": "error_message",
    },
}


def refused(status: int, text: str, **headers: str) -> Answer:
    return Answer(status, {"content-type": "application/json", **headers}, json.dumps({"error": text}))


def started_earlier() -> LimeCrmSimulator:
    # A server tells its time in whole seconds, so what it holds at the start is from before.
    simulator = LimeCrmSimulator(clock=Clock(datetime.now(UTC) - timedelta(minutes=1)))
    simulator.clock.advance(60)
    return simulator


class TestLimeCrmContract(CrmContract):
    plugin_class = LimeCrmPlugin
    cassettes = Path(__file__).parent / "cassettes"
    simulator = started_earlier
    settings: ClassVar[dict[str, Any]] = {
        "url": "{address}/demo",
        "api_key": API_KEY,
        "api_user_id": API_USER,
        "webhook_secret": SECRET,
        "webhook_signature": "v2",
        # Any option serves as the colour: the standard has none.
        "deal": {"erp_id": "erp_ordernumber", "invoice_colour": "dealstatus"},
        "colour_keys": {"green": "agreement", "yellow": "onhold", "red": "rejected"},
        "company_custom_fields": ("erp_turnover_yearnow",),
        "deal_custom_fields": ("probability",),
        "registers": {"terms_of_payment": {"limetype": "termsofpayment", "days": "days"}},
    }
    seed: ClassVar[dict[str, Any]] = SEED
    held = HELD
    persons: ClassVar = {
        COMPANY: [
            Person(id="1023", mobile_phone="400 11 133", **KIM),
            Person(id="1024", name="Bo Bare", email=None, phone=None, mobile_phone=None),
        ],
        "1022": [],
    }
    write_backs = (
        WriteBack(record_kind="order", record_id=ORDER, order_number="4711", status="synced", message=None),
        WriteBack(record_kind="company", record_id="1022", erp_id="10002", status="synced"),
    )
    kept_register = "terms_of_payment"
    delivery_lasts = 86_400.0
    standings = (InvoiceStanding(record_kind="deal", record_id="1028", numbers="1, 2"),)
    # When a record was changed and when a company was last synced: each telling has its own moment. The first time of
    # being synced is not among them, since telling it again must leave that alone.
    passing: ClassVar[frozenset[str]] = frozenset({"timestamp", "created", "erp_lastsynced"})
    sample_values: ClassVar[dict[str, Any]] = {
        "customer_number": "10001",
        "article_number": "KURS-1",
        "contribution_margin": Decimal("61.50"),
    }
    paging: ClassVar[dict[str, Any]] = {"page_size": 3}
    native_errors = (
        NativeError("credentials", refused(401, "The API key is not known"), "The API key is not known"),
        NativeError("right", refused(403, "Not with these policies"), "Not with these policies"),
        NativeError("missing", refused(404, "No such order"), "No such order", of="write"),
        NativeError("values", refused(400, "Fel värde: Å"), "Fel värde: Å"),
        NativeError("values", refused(422, "Ogiltigt: Ø"), "Ogiltigt: Ø"),
        NativeError("too_fast", refused(429, "Too many", **{"retry-after": "120"}), "Too many", retry_after=120.0),
        NativeError("unavailable", refused(500, "Broken"), "Broken"),
        NativeError("secret", lambda secret: refused(400, f"Not with {secret}"), "Not with"),
    )

    feed_acts: ClassVar = {"again": ready_again, "stored": company_stored}

    @classmethod
    def prepare(cls, bench: Bench) -> Samples:
        more_persons(bench)
        bench.keep()
        return super().prepare(bench)

    @classmethod
    def make_events(cls, bench: Bench, number: int) -> None:
        simulator = bench.system
        for _ in range(number):
            order = simulator.add_order("Fjellvik Bygg AS", [{"article": "KURS-1", "quantity": "1"}])
            simulator.set_ready(order.id)

    @classmethod
    def fill(cls, bench: Bench, number: int) -> None:
        companies = [{"name": f"Selskap {each} AS"} for each in range(number)]
        more = [{"company": f"Selskap {each} AS", "name": f"Avtale {each}"} for each in range(number)]
        bench.system.seed(
            {"companies": companies, "deals": more, "orders": [{"company": each["company"]} for each in more]}
        )

    @classmethod
    def held_invoices(cls, bench: Bench) -> Sequence[Invoice]:
        account = bench.system.account
        return [held_invoice(each, account.related(each, "invoicerow")) for each in account.all("invoice")]

    @classmethod
    def held_write_back(cls, bench: Bench, kind: str, record_id: str) -> WriteBack:
        values = bench.system.account.get(kind, int(record_id)).values
        stands = {name: values[place] or None for name, place in PLACES[kind].items()}
        return WriteBack.model_validate({"record_kind": kind, "record_id": record_id, **stands})

    @classmethod
    def delivery(cls, bench: Bench) -> WebhookRequest:
        values = {
            "id": int(ORDER),
            "order_status": "readytobesent",
            "updateduser": 3,
            "timestamp": "2026-11-22T13:00:00.000000+01:00",
        }
        inner = {"id": int(ORDER), "limetype": "order", "values": values, "original_values": {}}
        body = json.dumps({"event": "order.update", "body": inner}).encode()
        return signed_delivery(body, SECRET, bench.now())
