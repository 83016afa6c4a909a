"""From what the CRM shows to what the ERP is told: companies to customers, heads of deals and orders to documents.

Pure functions. What the CRM does not show is not shown to the ERP either; an empty text is no value. The rules come
from Lime Go's articles on its connector to Fortnox, which is why a deal without rows becomes one row: the deal's
name, quantity 1, the deal's value excluding VAT.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from erpcore.errors import InvalidValueError
from erpcore.models import (
    Address,
    CanonicalModel,
    Company,
    CompanyAddress,
    Coworker,
    CrmOrder,
    Customer,
    CustomField,
    Deal,
    RegisterCountry,
    WriteBack,
    email_addresses,
    organisation_number,
    register_country,
    vat_number,
)
from erpcore.sync.shared import story
from erpcore.sync.shared.rule_fields import JOINED_FIELDS, title_key
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.vat import Vat
from erpcore.sync.shared.view import LinkedDocument


def known_organisation_number(company: Company, rules: SyncRules, *, needed: bool = True) -> str | None:
    """Give the company's organisation number as the ERP is asked for it, check digits proven.

    Args:
        company: The company as the CRM shows it.
        rules: The sync's rules.
        needed: Whether nothing else tells which customer the company is.

    Returns:
        The number; None when the company has none and the rules allow that, or it is not needed.

    Raises:
        InvalidValueError: The number is wrong, or missing and the rules say stop.
    """
    written = (company.organisation_number or "").strip()
    record = company_words(company)
    if not written:
        if not needed or rules.without_organisation_number == "create":
            return None
        shown = company.shown("organisation_number")
        raise InvalidValueError(
            "The company has no organisation number, by which its customer is recognised in the ERP."
            if shown
            else "The CRM does not show the company's organisation number, by which its customer is recognised.",
            field="organisation_number",
            record=record,
            advice="Fill it in on the company in the CRM and send it again, or set "
            "without_organisation_number = “create”."
            if shown
            else "Use a key that may read it, or set without_organisation_number = “create”.",
        )
    try:
        return _proven_number(company, written, rules)
    except InvalidValueError as error:
        error.record = record
        raise


def _proven_number(company: Company, written: str, rules: SyncRules) -> str:
    """Judge a number by the company's country; one whose country is not known is judged by no country's rules."""
    codes = list(dict.fromkeys(each.country_code for each in _addresses(company) if each.country_code))
    unread = [word for each in _addresses(company) if (word := _unread(each))]
    wrong: InvalidValueError | None = None
    registers: list[RegisterCountry | None] = [each for each in map(register_country, codes) if each is not None]
    if not codes and not unread:
        registers.append(None)
    for register in registers:
        try:
            return str(organisation_number(written, register))
        except InvalidValueError as error:
            wrong = wrong or error
    for proven in [vat_number(written, code) for code in codes] or [vat_number(written)]:
        if proven is not None:
            return proven
    if wrong is not None and len(registers) >= len(codes) and not unread:
        raise wrong
    if rules.foreign_organisation_number == "as_written":
        return written
    advice = "Set foreign_organisation_number = “as_written” to send such numbers as they are."
    if unread:
        raise InvalidValueError(
            f"The company's country “{unread[0]}” is not known, so its organisation number “{written}” cannot be "
            "checked.",
            field="postal_address.country",
            advice=f"Write the country in the CRM by its name or its code, such as SE, and send it again. {advice}",
        )
    country = next(each.country or each.country_code for each in _addresses(company) if each.country_code)
    raise InvalidValueError(
        f"The company's country is {country}, whose organisation numbers cannot be checked, and “{written}” is no VAT "
        "number of that country either.",
        field="organisation_number",
        advice=advice,
    )


def unread_countries(company: Company, rules: SyncRules) -> dict[str, str]:
    """Give the countries of which nobody can tell which ones are meant, as they are written.

    Args:
        company: The company as the CRM shows it.
        rules: The sync's rules.

    Returns:
        By the field of the customer that they would fill.
    """
    addresses = {"invoice_address": company.postal_address}
    if rules.deliver_to_visiting_address:
        addresses["delivery_address"] = company.visiting_address
    return {f"{name}.country_code": word for name, address in addresses.items() if (word := _unread(address))}


def _unread(address: CompanyAddress | None) -> str | None:
    return None if address is None or address.country_code else text_of(address.country)


def _addresses(company: Company) -> list[CompanyAddress]:
    return [each for each in (company.postal_address, company.visiting_address) if each is not None]


def customer_from(company: Company, number: str | None, rules: SyncRules) -> Customer:
    """Translate a company to what its customer in the ERP is told.

    Args:
        company: The company as the CRM shows it.
        number: Its organisation number, proven; None for none.
        rules: The sync's rules.

    Returns:
        The customer with the fields that the CRM shows, and no others.

    Raises:
        InvalidValueError: The company has no name.
    """
    name = text_of(company.name)
    if name is None:
        raise InvalidValueError(
            "The company has no name.", field="name", record=company_words(company), advice="Enter it in the CRM."
        )
    found: dict[str, Any] = {"name": name}
    if number is not None:
        found["organisation_number"] = number
    for field in ("email", "invoice_email", "phone", "website"):
        if company.shown(field):
            found[field] = text_of(getattr(company, field))
    for field in {"email", "invoice_email"} & found.keys():
        # Names beside addresses are none. A text without any address goes on, to be told as lost.
        found[field] = "; ".join(email_addresses(found[field] or "")) or found[field]
    if company.shown("postal_address"):
        found["invoice_address"] = _address(company.postal_address)
    if rules.deliver_to_visiting_address and company.shown("visiting_address"):
        found["delivery_address"] = _address(company.visiting_address)
    return Customer.model_validate(found)


def own_address(company: Company, rules: SyncRules) -> dict[str, Any]:
    """Give the fields of a document that carries its own company's name and address.

    Args:
        company: The company as the CRM shows it.
        rules: The sync's rules.
    """
    customer = customer_from(company, None, rules)
    found: dict[str, Any] = {"customer_name": customer.name}
    for field in ("invoice_address", "delivery_address"):
        if (address := getattr(customer, field)) is not None:
            found[field] = address
    return found


def new_customer(customer: Customer, company: Company, vat: Vat, rules: SyncRules) -> Customer:
    """Give what a customer is created with: what the CRM tells, without empty fields, and the defaults of the sync.

    Args:
        customer: From `customer_from`.
        company: The company as the CRM shows it, which may choose its terms of payment. They are not updated later
            (Lime Go's article on Visma eAccounting).
        vat: From `erpcore.sync.shared.vat.vat_of`.
        rules: The sync's rules.
    """
    found = {name: getattr(customer, name) for name in customer.model_fields_set}
    found |= {"vat_treatment": vat.treatment, "vat_number": vat.number}
    if (chosen := rules.customer_defaults.terms_of_payment_field) is not None:
        fields = {title_key(each.title): text_of(each.value) for each in company.custom_fields or ()}
        found |= {"terms_of_payment": own} if (own := fields.get(title_key(chosen))) else {}
    for field in ("terms_of_payment", "currency"):
        found.setdefault(field, getattr(rules.customer_defaults, field))
    return Customer.model_validate({"kind": "company", **{name: value for name, value in found.items() if value}})


def shows_the_same(ours: Customer, theirs: Customer) -> bool:
    """Tell whether the ERP's customer has all that we would write already.

    Args:
        ours: What we would send.
        theirs: What the ERP shows.
    """
    return all(theirs.shown(name) and getattr(theirs, name) == getattr(ours, name) for name in ours.model_fields_set)


def digest(record: CanonicalModel) -> str:
    """Give a hash of what a record shows; two records have the same one when they show the same."""
    shown = record.model_dump(mode="json", exclude_unset=True)
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def document_fields(deal: Deal, company: Company, rules: SyncRules, own: str | None = None) -> dict[str, Any]:
    """Give the fields that an order and an invoice of a deal share, without customer number, rows and dates.

    Args:
        deal: The deal as the CRM shows it.
        company: Its company.
        rules: The sync's rules.
        own: The ERP company's own currency.

    Raises:
        InvalidValueError: The currency is not one of the sync's, or a mapped custom field is no date.
    """
    found: dict[str, Any] = {"customer_name": text_of(company.name)}
    found |= currency_field(deal.currency, rules, "deal", f"deal {deal.id}", own)
    if deal.contact is not None and (name := text_of(deal.contact.name)):
        found["your_reference"] = name
    if reference := our_reference(deal.responsible, rules):
        found["our_reference"] = reference
    for field in filled_in(deal):
        target = rules.mapped_field(field.title)
        if target is None:
            continue
        value: Any = str(field.value).strip()
        if target == "delivery_date":
            value = _date(value, field.title, deal)
        if target in JOINED_FIELDS and target in found:
            value = f"{found[target]}\n{value}"
        found[target] = value
    return found


def order_fields(order: CrmOrder, rules: SyncRules, own: str | None = None) -> dict[str, Any]:
    """Give the head of an ERP's order, without customer number, rows and date (Lime's tables of order fields).

    Args:
        order: The order as the CRM shows it.
        rules: The sync's rules.
        own: The ERP company's own currency.

    Raises:
        InvalidValueError: The currency is not one of the sync's.
    """
    found: dict[str, Any] = currency_field(order.currency, rules, "order", f"order {order.id}", own)
    if reference := text_of(order.your_reference):
        found["your_reference"] = reference
    if reference := our_reference(order.coworker, rules):
        found["our_reference"] = reference
    return found


def currency_field(
    currency: str | None, rules: SyncRules, kind: str, record: str, own: str | None = None
) -> dict[str, Any]:
    """Give the document's currency: the CRM's, else what the rules say.

    Args:
        currency: Of the deal or order.
        rules: The sync's rules.
        kind: Which of the two it is.
        record: The record, for the error.
        own: The ERP company's own currency; None when nobody says it.

    Raises:
        InvalidValueError: It is not one of the sync's, or the CRM tells none and the rules say stop.
    """
    if not currency and rules.currency_not_shown == "stop":
        raise InvalidValueError(
            f"The CRM does not show the {kind}'s currency.",
            field="currency",
            record=record,
            advice=f"Enter it on the {kind}. If the CRM cannot show it, set the rule currency_not_shown to the "
            "currency that all amounts are in, or to “own”.",
        )
    if not currency:
        currency = own if rules.currency_not_shown == "own" else rules.currency_not_shown
    if not currency:
        return {}
    if rules.currencies and currency not in rules.currencies:
        raise InvalidValueError(
            f"The {kind}'s currency {currency} is not one that the ERP has ({', '.join(rules.currencies)}).",
            field="currency",
            record=record,
            advice=f"Correct the {kind}'s currency, or enter the currency in the ERP and in the sync's currencies.",
        )
    return {"currency": currency}


def our_reference(coworker: Coworker | None, rules: SyncRules) -> str | None:
    """Give what of the responsible coworker the document's “our reference” is.

    Args:
        coworker: From the CRM.
        rules: The sync's rules; the first of `our_reference` that is filled in is taken.
    """
    if coworker is None:
        return None
    return next(filter(None, (text_of(getattr(coworker, part)) for part in rules.our_reference)), None)


def filled_in(deal: Deal) -> list[CustomField]:
    """Give the deal's own fields that have a value."""
    return [field for field in deal.custom_fields or () if text_of(field.value) is not None]


def asks_for_invoice(field: CustomField, rules: SyncRules) -> bool:
    """Tell whether a custom field is the one by which a deal asks for an invoice."""
    wanted = rules.convert_field
    return wanted is not None and title_key(field.title) == title_key(wanted)


def wants_invoice(deal: Deal, rules: SyncRules) -> bool:
    """Tell whether the deal's order is to be turned into an invoice.

    Args:
        deal: The deal.
        rules: The sync's rules.
    """
    if rules.convert_to_invoice:
        return True
    answers = [str(field.value).strip().casefold() for field in filled_in(deal) if asks_for_invoice(field, rules)]
    return any(answer in {"yes", "true", "ja", "x", "1"} for answer in answers)


def write_back_of(
    kind: str, record_id: str, document: LinkedDocument, invoice_number: str | None, status: str = story.SYNCED
) -> WriteBack:
    """Give what the CRM is to know of the document of a deal or an order.

    A deal's ERP ID is the number of the order, or of the invoice where invoices are made directly.

    Args:
        kind: ``deal`` or ``order``.
        record_id: The CRM's key of it.
        document: Its document.
        invoice_number: The invoice that the order became.
        status: How far it has come.
    """
    found = {"status": status, "message": None} | ({"erp_id": document.number} if kind == "deal" else {})
    found["order_number" if document.kind == "order" else "invoice_number"] = document.number
    if invoice_number is not None:
        found["invoice_number"] = invoice_number
    return WriteBack.model_validate({"record_kind": kind, "record_id": record_id, **found})


def company_words(company: Company) -> str:
    """Name a company for people."""
    name = text_of(company.name)
    return f"company {company.id} ({name[:60]})" if name else f"company {company.id}"


def text_of(value: str | None) -> str | None:
    """Give a text without blanks around it; None when nothing is left."""
    return (value or "").strip() or None


def _address(address: CompanyAddress | None) -> Address | None:
    if address is None:
        return None
    shown = {name: text_of(getattr(address, name)) for name in address.model_fields_set & Address.model_fields.keys()}
    return Address.model_validate(shown) if any(shown.values()) else None


def _date(text: str, title: str, deal: Deal) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValueError(
            f"The custom field “{title}” says “{text}”, which is no date.",
            field="delivery_date",
            record=f"deal {deal.id}",
            advice="Write it as year-month-day, such as 2026-11-30, and send the deal again.",
        ) from None
