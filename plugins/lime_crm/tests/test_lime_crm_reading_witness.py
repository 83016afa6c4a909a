"""What Lime CRM shows, by the names of its base solution and of its ERP connector, beside the canonical record: written
from Lime's tables of fields, not by the field maps. What it is told is witnessed in `test_lime_crm_witness`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_crm.fields import company_map, deal_map, order_map, order_row_map, person_map
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.written_fields import article_map

from erpcore.fields import FieldMap
from erpcore.models import (
    Article,
    Company,
    CompanyAddress,
    Coworker,
    CrmOrder,
    CrmOrderRow,
    CustomField,
    Deal,
    Person,
)
from erpcore.testing.witness import Witness, differences, unnoticed_swaps

SETTINGS = LimeCrmSettings.model_validate(
    {
        "url": "https://lime.invalid/demo",
        "api_key": "k",
        "company": {"email": "email"},
        "deal": {"erp_id": "erp_ordernumber"},
        "company_custom_fields": ["segment"],
        "deal_custom_fields": ["projektnamn"],
        "won_statuses": ["agreement"],
        "countries": {"Riket": "SE"},
    }
)
ANNA = {"name": "Anna Exempel", "email": "anna@nordverk.example", "number": "17"}
SHOWN_ANNA = {
    "coworker": 3,
    "coworker/name": "Anna Exempel",
    "coworker/email": "anna@nordverk.example",
    "coworker/employeeno": "17",
}
POST = {"street": "Box 2", "street2": "Andra trappan", "postal_code": "222 22", "city": "Lund"}
COMPANY = Witness(
    Company(
        id="1001",
        name="Kontraktsbolaget AB",
        organisation_number="559900-0246",
        email="post@kontrakt.example",
        invoice_email="faktura@kontrakt.example",
        phone="08-111 22 33",
        website="kontrakt.example",
        postal_address=CompanyAddress(
            street="Fakturagatan 1",
            street2="c/o Ek",
            postal_code="111 22",
            city="Stockholm",
            country_code="NO",
            country="Norge",
        ),
        visiting_address=CompanyAddress(
            street="Hamngatan 3", street2="Port 4", postal_code="0150", city="Oslo", country_code="NO", country="Norge"
        ),
        erp_number="10077",
        first_synced_at=datetime(2026, 3, 4, 4, 6, 7, tzinfo=UTC),
        responsible=Coworker(id="3", **ANNA),
        custom_fields=(CustomField(title="segment", value="Guld"),),
    ),
    shown={
        "_id": 1001,
        "name": "Kontraktsbolaget AB",
        "registrationno": "559900-0246",
        "email": "post@kontrakt.example",
        "emailinvoice": "faktura@kontrakt.example",
        "phone": "08-111 22 33",
        "www": "kontrakt.example",
        "country": "Norge",
        "invoiceaddress1": "Fakturagatan 1",
        "invoiceaddress2": "c/o Ek",
        "invoicezipcode": "111 22",
        "invoicecity": "Stockholm",
        "visitingaddress1": "Hamngatan 3",
        "visitingaddress2": "Port 4",
        "visitingzipcode": "0150",
        "visitingcity": "Oslo",
        "erp_id": "10077",
        "erp_firstsynced": "2026-03-04T05:06:07+01:00",
        **SHOWN_ANNA,
        "segment": "Guld",
    },
)
# A company without an address for invoices has them sent where its post goes.
POSTAL_COMPANY = Witness(
    Company(postal_address=CompanyAddress(**POST, country_code="SE", country="Riket"), id="1002", custom_fields=()),
    shown={
        "_id": 1002,
        "country": "Riket",
        "postaladdress1": "Box 2",
        "postaladdress2": "Andra trappan",
        "postalzipcode": "222 22",
        "postalcity": "Lund",
    },
)
KIM = {"name": "Kim Kontrakt", "email": "kim@kontrakt.example", "phone": "08-111 22 44", "mobile_phone": "070-111 22"}
SHOWN_KIM = {
    "name": "Kim Kontrakt",
    "email": "kim@kontrakt.example",
    "phone": "08-111 22 44",
    "mobilephone": "070-111 22",
}
PERSON = Witness(Person(id="77", **KIM), shown={"_id": 77, **SHOWN_KIM})
DEAL = Witness(
    Deal(
        id="501",
        name="Stora avtalet",
        won=True,
        status="agreement",
        value=Decimal("8750.50"),
        won_date=date(2026, 11, 20),
        company_id="1001",
        contact=Person(id="77", **KIM),
        responsible=Coworker(id="3", **ANNA),
        custom_fields=(CustomField(title="projektnamn", value="Etapp 9"),),
        erp_id="90017",
    ),
    shown={
        "_id": 501,
        "name": "Stora avtalet",
        "dealstatus": "agreement",
        "value": Decimal("8750.50"),
        "closeddate": "2026-11-20T00:00:00+01:00",
        "company": 1001,
        "person": 77,
        **{f"person/{name}": value for name, value in SHOWN_KIM.items()},
        **SHOWN_ANNA,
        "projektnamn": "Etapp 9",
        "erp_ordernumber": "90017",
    },
)
ORDER = Witness(
    CrmOrder(
        id="1013",
        status="readytobesent",
        order_number="5002",
        invoice_number="20001",
        erp_db="2",
        company_id="1001",
        customer_number="10077",
        create_invoice=True,
        your_reference="Kim Kontrakt",
        coworker=Coworker(id="3", **ANNA),
        order_date=date(2026, 11, 18),
        currency="NOK",
        net=Decimal("280.63"),
        vat=Decimal("70.16"),
        total=Decimal("350.79"),
        message="Artikel saknas",
        rows=(
            CrmOrderRow(
                row_id="41",
                article_id="9",
                article_number="KV-1",
                description="Kvarnsten",
                quantity=Decimal("2.5"),
                unit="stk",
                unit_price=Decimal("117.25"),
                vat_percent=Decimal(12),
                discount_amount=Decimal("12.50"),
                vat_account="2621",
                income_account="3042",
            ),
        ),
    ),
    shown={
        "_id": 1013,
        "order_status": "readytobesent",
        "order_number": "5002",
        "invoice_number": "20001",
        "erp_db": "2",
        "company": 1001,
        "customer_number": "10077",
        "create_invoice_from_order": True,
        "customer_reference": "Kim Kontrakt",
        **SHOWN_ANNA,
        "order_date": "2026-11-18T00:00:00+01:00",
        "currency": "NOK",
        "order_sum": Decimal("280.63"),
        "order_vat": Decimal("70.16"),
        "order_total_sum": Decimal("350.79"),
        "error_message": "Artikel saknas",
        "orderrow": [
            {
                "_id": 41,
                "article": 9,
                "articleno": "KV-1",
                "description": "Kvarnsten",
                "quantity": Decimal("2.5"),
                "unit": "stk",
                "price": Decimal("117.25"),
                "vat": Decimal("0.12"),
                "discount": Decimal("12.50"),
                "vataccount": "2621",
                "incomeaccount": "3042",
            }
        ],
    },
)
# The company's own number goes before the order's, and a row's before its article's.
KNOWN_BY_THE_COMPANY = Witness(
    CrmOrder(
        id="1014",
        customer_number="10078",
        rows=(CrmOrderRow(row_id="42", article_number="KV-2"), CrmOrderRow(row_id="43", article_number="KV-3")),
    ),
    shown={
        "_id": 1014,
        "company/erp_id": "10078",
        "customer_number": "10077",
        "orderrow": [
            {"_id": 42, "article/articleno": "KV-2"},
            {"_id": 43, "articleno": "KV-3", "article/articleno": "KV-9"},
        ],
    },
)
STATED: dict[str, tuple[FieldMap[Any], *tuple[Witness, ...]]] = {
    "company": (company_map(SETTINGS), COMPANY, POSTAL_COMPANY),
    "person": (person_map(SETTINGS), PERSON),
    "deal": (deal_map(SETTINGS), DEAL),
    "order": (order_map(SETTINGS), ORDER, KNOWN_BY_THE_COMPANY),
}


@pytest.mark.parametrize("name", STATED)
def test_the_map_says_what_lime_says(name: str) -> None:
    assert differences(*STATED[name]) == []


@pytest.mark.parametrize("name", STATED)
def test_no_two_fields_can_be_exchanged_unnoticed(name: str) -> None:
    assert unnoticed_swaps(*STATED[name]) == []


@pytest.mark.parametrize(("stands_as", "held"), [("fraction", Decimal("0.12")), ("percent", Decimal(12))])
def test_vat_stands_as_the_setting_says(stands_as: str, held: Decimal) -> None:
    settings = SETTINGS.model_copy(update={"row_vat_as": stands_as, "article_vat_as": stands_as})
    assert order_row_map(settings).from_native({"quantity": 1, "vat": held}).vat_percent == 12
    article = article_map(settings)
    assert article.from_native({"vat": held}).vat_percent == 12
    assert article.to_native(Article(vat_percent=Decimal(12))) == {"vat": held}
