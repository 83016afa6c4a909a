"""A company is linked by hand, and three won deals in Lime Go become orders and invoice drafts in Visma eAccounting.

People, companies and numbers are invented.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from erpcore.demo.home import Settled
from erpcore.demo.lime_go_fortnox import INVOICE_NOW, LIME_GO, colour_shown, lime_go_settings
from erpcore.demo.scenario import DemoDeed, DemoRecord, Scenario
from erpcore.host import Token
from erpcore.store import Store, StoreTokenStore
from erpcore.sync.shared.story import money

SHOWS = {
    "Ställningar etapp 1": "the customer that was linked by hand",
    "Licenser 2027": "existing customer, then an invoice draft",
    "Specialbeslag": "an article that Visma lacks",
}
COMPANY = "Granudden Bygg AB"

VISMA: dict[str, Any] = {
    "articles": [
        {"Number": "STALL-2", "Name": "Ställning, 2 m", "NetPrice": 790, "GrossPrice": 987.5},
        {"Number": "NAT-1", "Name": "Skyddsnät", "NetPrice": 89.9, "GrossPrice": 112.38},
        {"Number": "MONT", "Name": "Montering, timme", "NetPrice": 650, "GrossPrice": 812.5},
        {"Number": "LIC-1", "Name": "Licens, år", "NetPrice": 1200, "GrossPrice": 1500},
    ],
    "customers": [
        {"CustomerNumber": "10", "Name": "Sjöstrand Redov. AB", "CorporateIdentityNumber": "5599000121"},
    ],
}


def _visma(url: str) -> dict[str, Any]:
    return {
        "plugin": "visma_eaccounting",
        "base_url": url,
        "identity_url": url,
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "terms_of_payment": "10 dagar netto",
        "default_article": "MONT",
    }


def _consent(visma: Any, store: Store) -> None:
    """Keep what a person's consent gives, as “erpcore connect” does."""
    issued = visma.tokens()
    until = visma.clock.now() + timedelta(seconds=issued.expires_in)
    with StoreTokenStore(store).locked("visma_eaccounting") as held:
        held.save(Token(issued.access_token, issued.refresh_token, until, " ".join(issued.grant.scopes)))


def _deeds(lime_go: Any) -> list[DemoDeed]:
    records = lime_go.state()["records"]
    company = next(each for each in records["companies"] if each["name"] == COMPANY)
    person = next(each for each in records["contacts"] if each["company"] == company["id"])
    key, name = f"pase{company['number']}", f"{person['first_name']} {person['last_name']}"
    return [
        DemoDeed(key, "create", f"Add {COMPANY} as a customer, with the terms of payment of the settings"),
        DemoDeed(key, "contact", f"Add its contact person {name}", person_id=str(person["number"])),
        DemoDeed(
            key,
            "update",
            "Overwrite the customer: the company has moved, and the person has a new telephone",
            before=lambda: _move(lime_go, company["id"], str(person["number"])),
        ),
    ]


def _move(lime_go: Any, company: str, person: str) -> None:
    lime_go.edit_company(company, street="Nya Hamngatan 9", postal_code="411 06")
    lime_go.edit_contact(person, phone="031-000 99 99")


def _records(lime_go: Any) -> list[DemoRecord]:
    deals = lime_go.state()["records"]["deals"]
    found = [each for each in deals if each["name"] in SHOWS]
    return [DemoRecord(id=str(each["number"]), name=each["name"], shows=SHOWS[each["name"]]) for each in found]


def _documents(visma: Any) -> list[str]:
    state = visma.state()
    lines = []
    for customer in state["customers"]:
        contact = f", contact person {customer['ContactPersonName']}" if customer["ContactPersonName"] else ""
        lines.append(
            f"customer {customer['CustomerNumber']}, {customer['Name']}, {customer['InvoiceAddress1']}{contact}"
        )
    lines += [
        f"order {order['Number']}, {order['InvoiceCustomerName']}, "
        f"{money(Decimal(str(order['Amount'])), order['CurrencyCode'])} incl. VAT"
        for order in state["orders"]
    ]
    lines += [
        f"invoice draft of {draft['InvoiceCustomerName']}, {money(Decimal(str(draft['TotalAmount'])), 'SEK')} incl. VAT"
        for draft in state["customerinvoicedrafts"]
    ]
    lines += [
        f"invoice {invoice['InvoiceNumber']}, {invoice['InvoiceCustomerName']}, "
        f"{money(Decimal(str(invoice['TotalAmountInvoiceCurrency'])), 'SEK')} incl. VAT"
        for invoice in state["customerinvoices"]
    ]
    return lines


def _settle(visma: Any) -> Settled:
    """Book what is a draft, and pay the first invoice."""
    words = [
        f"the draft of {draft['InvoiceCustomerName']} is booked as invoice {visma.book_draft(draft['Id'])}."
        for draft in visma.state()["customerinvoicedrafts"]
    ]
    held = visma.state()["customerinvoices"]
    if held and Decimal(str(held[0]["RemainingAmount"])) > 0:
        visma.pay_invoice(held[0]["InvoiceNumber"])
        words.append(f"invoice {held[0]['InvoiceNumber']} is paid.")
    numbers = [str(invoice["InvoiceNumber"]) for invoice in held]
    return Settled(words, numbers[:1], numbers[1:])


def _nothing_to_mend(_lime_go: Any, _erp: Any, deal: DemoRecord) -> str:
    """Refuse to mend a deal: none of this demonstration's fails."""
    raise ValueError(f"{deal.name} was not meant to fail")


SCENARIO = Scenario(
    crm="lime_go",
    erp="visma_eaccounting",
    record_kind="deal",
    crm_seed=LIME_GO,
    erp_seed=VISMA,
    crm_connection=lime_go_settings,
    erp_connection=_visma,
    # The demo wins its deals at once, perhaps before the first look into the feed. Companies are linked by hand.
    rules={
        "won_deal": "order",
        "convert_field": INVOICE_NOW,
        "feed_history": "send",
        "send_customers": False,
        "send_customer_changes": False,
    },
    records=_records,
    start=lambda lime_go, deal: lime_go.win_deal(deal.id),
    mend=_nothing_to_mend,
    documents=_documents,
    settle=_settle,
    colour_shown=colour_shown,
    language="sv",
    prepare=_consent,
    deeds=_deeds,
)
