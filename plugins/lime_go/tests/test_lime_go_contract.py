"""Lime Go keeps the whole contract, through both of its APIs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from erpcore_lime_go.plugin import LimeGoPlugin
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.demo import CLIENT_ID, CLIENT_SECRET, FULL_ACCESS_KEY
from erpcore_lime_go.simulator.records import Company as HeldCompany, Deal as HeldDeal

from erpcore.models import (
    Company,
    CompanyAddress,
    Coworker,
    CustomField,
    Deal,
    DealRow,
    InvoiceStanding,
    Person,
    WebhookRequest,
    WriteBack,
)
from erpcore.testing.contract import Answer, Bench, CrmContract, NativeError
from erpcore.testing.samples import Samples

TOKEN = "an-unguessable-token-5e1f"
DEAL = 850000  # one of the demo's
ANNA = {"name": "Anna Exempel", "email": "anna@nordverk.example"}
ERIK = {"name": "Erik Provsson", "email": "erik@nordverk.example"}
KIM = {
    "name": "Kim Kontrakt",
    "email": "kim@kontrakt.example",
    "phone": "08-111 22 44",
    "mobile_phone": "070-111 22 55",
}
FIELDS = {
    "erp_id_field": "ERP ID",
    "order_number_field": "Ordernr",
    "invoice_number_field": "Fakturanr",
    "status_field": "ERP status",
    "message_field": "ERP message",
}
STANDING_FIELDS = {"invoice_colour_field": "Färg", "invoice_balance_field": "Kvar"}
CUSTOMER_NUMBER = "ERP customer number"
TEXTS = tuple(f"Rad {number}" for number in (4, 1, 6, 1, 3, 7, 2))
ROWS = (
    {"article_id": "P-5", "article_number": "LIC-9", "text": "Licens, år", "quantity": "3.5", "unit": "st"}
    | {"price": "1250.25", "vat": "12", "discount_amount": "40.75", "discount": "6"},
    {"text": "Endast text", "quantity": None},
    {"text": "Gåva", "quantity": "1", "price": "0"},
    *({"text": text} for text in TEXTS),
)
SEED: dict[str, Any] = {
    "switches": {
        "feed_page": 3,
        "event_time": True,
        "custom_fields_patch": "replace",
        "integration_limit": 100_000,
        "organization_limit": 100_000,
        "deal_fields": {"value": "value", "contact": "customerContact", "currency": "currency"},
        "organization_fields": {
            "postal_address": "postalAddress",
            "visiting_address": "visitAddress",
            "website": "webSite",
        },
        "person_mobile_phone_field": "mobilePhoneNumber",
    },
    "pipelines": [{"name": "Avtal", "stages": [{"name": "Avtal tecknat", "category": "won"}]}],
    "custom_fields": [{"title": title, "entity_type": "deals"} for title in ("Ordernr", "Fakturanr", "Färg", "Kvar")],
    "companies": [
        {"name": "Kontraktsbolaget AB", "business_id": "559900-0246", "email": "post@kontrakt.example"}
        | {"status": "customer", "phone": "08-111 22 33", "domain": "kontrakt.example", "owner": ANNA["email"]}
        | {"street": "Postgatan 4", "postal_code": "222 33", "city": "Lund", "country": "SE"}
        | {"visiting_address": {"street": "Havnegata 7", "postal_code": "0152", "city": "Oslo", "country": "NO"}}
        | {"custom_fields": {CUSTOMER_NUMBER: "10077", "Kundgrupp": "Guld"}}
        | {"contacts": [KIM, {"name": "Bo Bar"}]},
        {"name": "Bara Telefon AB", "phone": "040-11 11 11"},
        {"name": "Bara Namn AB"},
    ],
    "deals": [
        {
            "name": "Stora avtalet",
            "revision": 7,
            "value": "8750.50",
            "currency": "NOK",
            "company": "Kontraktsbolaget AB",
        }
        | {"contact": "Kim Kontrakt", "responsible": ERIK["email"], "pipeline": "Avtal"}
        | {"custom_fields": {"Projekt": "Etapp 9", "ERP ID": "90017", "ERP rows": json.dumps(ROWS)}},
        {"name": "Bara ett namn", "currency": None},
    ],
}
DEAL_ROWS = (
    DealRow(
        article_id="P-5",
        article_number="LIC-9",
        description="Licens, år",
        quantity=Decimal("3.5"),
        unit="st",
        unit_price=Decimal("1250.25"),
        vat_percent=Decimal(12),
        discount_amount=Decimal("40.75"),
        discount_percent=Decimal(6),
    ),
    DealRow(description="Endast text", quantity=None),
    DealRow(description="Gåva", quantity=Decimal(1), unit_price=Decimal(0)),
    *(DealRow(description=text) for text in TEXTS),
)


def full_company(key: str, anna: str, **more: Any) -> Company:
    return Company(
        id=key,
        name="Kontraktsbolaget AB",
        organisation_number="559900-0246",
        email="post@kontrakt.example",
        phone="08-111 22 33",
        website="kontrakt.example",
        postal_address=CompanyAddress(
            street="Postgatan 4", postal_code="222 33", city="Lund", country_code="SE", country="SE"
        ),
        erp_number="10077",
        is_customer=True,
        responsible=Coworker(id=anna, **ANNA),
        custom_fields=(CustomField(title="Kundgrupp", value="Guld"),),
        **more,
    )


def full_deal(key: str, company: str, kim: str, erik: str) -> Deal:
    return Deal(
        id=key,
        name="Stora avtalet",
        won=True,
        status="Avtal tecknat",
        value=Decimal("8750.50"),
        currency="NOK",
        company_id=company,
        contact=Person(id=kim, **KIM),
        responsible=Coworker(id=erik, **ERIK),
        rows=DEAL_ROWS,
        custom_fields=(CustomField(title="Projekt", value="Etapp 9"),),
        erp_id="90017",
    )


def bare_deal(key: str) -> Deal:
    nothing = dict.fromkeys(("value", "currency", "company_id", "contact", "responsible", "rows", "erp_id"))
    return Deal(id=key, name="Bara ett namn", won=False, status="Kontakt", custom_fields=(), **nothing)


def bare_company(key: str, name: str, **more: Any) -> Company:
    empty = dict.fromkeys(("organisation_number", "website", "erp_number", "responsible"))
    return Company(**{"id": key, "name": name, **empty, "is_customer": False, "custom_fields": (), **more})


def bare_person(key: str) -> Person:
    return Person(id=key, name="Bo Bar", email=None, phone=None, mobile_phone=None)


def refused(status: int, code: str, detail: str) -> Answer:
    body = {"errors": [{"status": str(status), "code": code, "title": detail, "detail": detail}]}
    return Answer(status, {"content-type": "application/vnd.api+json"}, json.dumps(body))


def won_again(bench: Bench) -> None:
    bench.system.win_deal(DEAL)
    bench.system.move_deal(DEAL, stage="Offert")


def told_in_the_same_words(bench: Bench) -> int:
    lime = bench.system
    lime.switch(event_keys={"position": ""}, event_time=False, feed_page=50)
    events = lime.account.events
    before = len(events)
    lime.win_deal(DEAL)
    events += [replace(events[-1], position=len(events) + number) for number in (1, 2)]
    return len(events) - before


class LimeGoContract(CrmContract):
    """What both APIs share."""

    plugin_class = LimeGoPlugin
    cassettes = Path(__file__).parent / "cassettes"
    simulator = LimeGoSimulator
    seed: ClassVar = SEED
    sign_in = "/oauth/.*"
    # What tells of requests and times.
    passing = frozenset({"events", "feed_positions", "revision", "updated_at", "changed_at"})

    feed_acts: ClassVar = {"again": lambda bench, deal: won_again(bench)}

    @classmethod
    def prepare(cls, bench: Bench) -> Samples:
        bench.system.add_contact("Siv Fri")  # who works nowhere
        bench.keep()
        return super().prepare(bench)

    @classmethod
    def make_events(cls, bench: Bench, number: int) -> None:
        lime = bench.system
        for count in range(number):
            lime.edit_deal(DEAL, name=f"Affär {count} {datetime.now(UTC).timestamp()}")
            lime.win_deal(DEAL)
            lime.move_deal(DEAL, stage="Offert")

    @classmethod
    def fill(cls, bench: Bench, number: int) -> None:
        companies = [{"name": f"Bolag {each} AB"} for each in range(number)]
        bench.system.seed({"companies": companies, "deals": [{"name": f"Affär {each}"} for each in range(number)]})

    @classmethod
    def held_write_back(cls, bench: Bench, kind: str, record_id: str) -> WriteBack:
        lime = bench.system
        titles = {name.removesuffix("_field"): title for name, title in FIELDS.items()}
        if kind == "company":
            held, kept, titles = lime.account.get(HeldCompany, record_id), "companies", {"erp_id": CUSTOMER_NUMBER}
        else:
            held, kept = lime.account.get(HeldDeal, record_id), "deals"
        keys = {name: lime.account.custom_field(kept, title).key for name, title in titles.items()}
        stands = {name: held.custom_fields.get(key) for name, key in keys.items()}
        return WriteBack.model_validate({"record_kind": kind, "record_id": record_id, **stands})


class TestLimeGoClassicContract(LimeGoContract):
    settings: ClassVar = {
        "api": "classic",
        "base_url": "{address}",
        "api_key": FULL_ACCESS_KEY,
        "set_custom_field_mutation": "setDealCustomField",
        "webhook_token": TOKEN,
        "feed_page": 3,
        "won_statuses": ("Avtal tecknat",),
        "rows_field": "ERP rows",
        "company_erp_number_field": CUSTOMER_NUMBER,
        **STANDING_FIELDS,
        **FIELDS,
    }
    held = (
        full_company(
            "pase100004",
            "1",
            visiting_address=CompanyAddress(
                street="Havnegata 7", postal_code="0152", city="Oslo", country_code="NO", country="NO"
            ),
        ),
        # A telephone proves that the key is shown contact data, so that the rest of it is empty.
        bare_company(
            "pase100005",
            "Bara Telefon AB",
            phone="040-11 11 11",
            email=None,
            postal_address=None,
            visiting_address=None,
        ),
        # Without any contact data nobody can tell whether the key is shown it.
        bare_company("pase100006", "Bara Namn AB"),
        full_deal("850003", "pase100004", "200004", "2"),
        bare_deal("850004"),
    )
    persons: ClassVar = {"pase100004": [Person(id="200004", **KIM), bare_person("200005")], "pase100005": []}
    write_backs = (WriteBack(record_kind="deal", record_id="850003", erp_id="4711"),)
    standings = (InvoiceStanding(record_kind="deal", record_id="850003", balance=Decimal("1.50")),)
    feed_acts: ClassVar = {**LimeGoContract.feed_acts, "alike": told_in_the_same_words}
    native_errors = (
        NativeError("credentials", Answer(401, body={"message": "Unknown API key"}), "Unknown API key"),
        NativeError("right", Answer(403, body={"message": "Key may not"}), "Key may not"),
        NativeError("missing", Answer(404, body={"message": "No such"}), "No such", of="write"),
        NativeError("values", Answer(400, body={"message": "Fel värde: Å"}), "Fel värde: Å"),
        NativeError("too_fast", Answer(429, {"retry-after": "120"}, {"message": "Slow"}), "Slow", retry_after=120.0),
        NativeError("unavailable", Answer(500, body={"message": "Broken"}), "Broken"),
        NativeError("secret", lambda secret: Answer(400, body={"message": f"Not with {secret}"}), "Not with"),
    )

    @classmethod
    def delivery(cls, bench: Bench) -> WebhookRequest:
        body = {"position": "7", "eventType": "DealWon", "deal": {"id": 850000, "name": "A", "value": 12.5}}
        return WebhookRequest(
            path=f"/webhooks/lime/{TOKEN}",
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
            received_at=datetime.now(UTC),
        )


class TestLimeGoAgenticContract(LimeGoContract):
    settings: ClassVar = {
        "api": "agentic",
        "base_url": "{address}",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "rows_field": "ERP rows",
        "company_erp_number_field": CUSTOMER_NUMBER,
        **STANDING_FIELDS,
        **FIELDS,
    }
    held = (
        full_company("726f50cb-58b9-56f6-91ca-f9e6c596765a", "f7ff167b-000b-5881-8e45-625ec203ff8c"),
        bare_company(
            "3031016c-bda4-53c3-bdbd-d2623fc46649",
            "Bara Namn AB",
            email=None,
            phone=None,
            postal_address=CompanyAddress(street=None, postal_code=None, city=None, country_code=None, country=None),
        ),
        full_deal(
            "f8090c4b-b56a-5841-87f6-2f81541b7116",
            "726f50cb-58b9-56f6-91ca-f9e6c596765a",
            "5a806302-8d30-5a58-a9a6-c68011a21f3f",
            "f0245e96-ad17-51a3-89a1-2ea095635b4c",
        ).model_copy(update={"revision": 7}),
        bare_deal("50cc09e1-d8f2-5718-a956-b6eea6736d13").model_copy(update={"revision": 0}),
    )
    persons: ClassVar = {
        "726f50cb-58b9-56f6-91ca-f9e6c596765a": [
            Person(id="5a806302-8d30-5a58-a9a6-c68011a21f3f", **KIM),
            bare_person("a497c477-7e4d-5185-9d53-1c3af883fc40"),
        ],
        "3031016c-bda4-53c3-bdbd-d2623fc46649": [],
    }
    write_backs = (WriteBack(record_kind="deal", record_id="f8090c4b-b56a-5841-87f6-2f81541b7116", erp_id="4711"),)
    standings = (InvoiceStanding(record_kind="deal", record_id="f8090c4b-b56a-5841-87f6-2f81541b7116"),)
    feed_acts: ClassVar = {**LimeGoContract.feed_acts, "forgotten": lambda bench: bench.system.expire_cursors()}
    not_offered: ClassVar[dict[str, str]] = {
        "receive_events": "the Agentic API delivers nothing; its change feed is read",
        "subscribe_events": "the Agentic API delivers nothing; its change feed is read",
    }
    native_errors = (
        NativeError("credentials", refused(401, "unauthorized", "Token is dead"), "Token is dead", "unauthorized"),
        NativeError("right", refused(403, "forbidden", "Not for you"), "Not for you", "forbidden"),
        NativeError("missing", refused(404, "not_found", "No such deal"), "No such deal", "not_found"),
        NativeError("values", refused(422, "invalid", "Fel värde: Å"), "Fel värde: Å", "invalid"),
        NativeError("too_fast", Answer(429, {"retry-after": "120"}, {"errors": []}), retry_after=120.0),
        NativeError("unavailable", refused(500, "internal", "Broken"), "Broken"),
        NativeError("secret", lambda secret: refused(422, "invalid", f"Not with {secret}"), "Not with", "invalid"),
    )
