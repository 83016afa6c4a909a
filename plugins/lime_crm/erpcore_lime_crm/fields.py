"""The field maps: how one installation shows companies, deals and orders, and takes invoices and articles.

They are built from the settings, since the installation names its properties. Payloads are those of `records.Record`:
an option is its key, and ``coworker/name`` is a property of the object behind the relation ``coworker``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from erpcore.fields import (
    OMIT,
    Computed,
    Entry,
    Field,
    FieldMap,
    Rows,
    Unsupported,
    country,
    currency_code,
    exact,
    flag,
    identifier,
)
from erpcore.models import Company, CrmOrder, CrmOrderRow, Deal, Person

from .settings import LimeCrmSettings, VatAs
from .values import day, moment, text

ID = "_id"
NOT_THERE = "the installation has no such property (its name in the settings is empty)"
_HUNDRED = Decimal(100)


def company_map(settings: LimeCrmSettings) -> FieldMap[Company]:
    """Build the table of companies."""
    names, person = settings.company, settings.coworker
    postal = [names.postal_street, names.postal_street2, names.postal_postal_code, names.postal_city]
    invoice = [names.invoice_street, names.invoice_street2, names.invoice_postal_code, names.invoice_city]
    visiting = [names.visiting_street, names.visiting_street2, names.visiting_postal_code, names.visiting_city]
    return FieldMap(
        Company,
        [
            read("id", ID, identifier),
            read("name", names.name),
            read("organisation_number", names.organisation_number),
            read("email", names.email),
            read("invoice_email", names.invoice_email),
            read("phone", names.phone),
            read("website", names.website),
            *_address("postal_address", [invoice, postal], settings),
            *_address("visiting_address", [visiting], settings),
            read("erp_number", names.erp_id),
            Unsupported("is_customer", reason="the company's sync status says that it is to be sent"),
            read("first_synced_at", names.first_synced, lambda raw: moment(raw, settings.zone), "written once"),
            *_coworker("responsible", names.coworker, person.name, person.email, person.number),
            _custom(settings.company_custom_fields, "company_custom_fields"),
        ],
    )


def person_map(settings: LimeCrmSettings) -> FieldMap[Person]:
    """Build the table of contact persons."""
    names = settings.person
    return FieldMap(
        Person,
        [
            read("id", ID, identifier),
            read("name", names.name),
            read("email", names.email),
            read("phone", names.phone),
            read("mobile_phone", names.mobile_phone),
        ],
    )


def deal_map(settings: LimeCrmSettings) -> FieldMap[Deal]:
    """Build the table of deals."""
    names, person, coworker = settings.deal, settings.person, settings.coworker
    won = frozenset(settings.won_statuses)

    def is_won(payload: Mapping[str, Any]) -> Any:
        return payload[names.status] in won if names.status in payload else OMIT

    return FieldMap(
        Deal,
        [
            read("id", ID, identifier),
            read("name", names.name),
            Computed("won", "", lambda _: OMIT, "the status is among won_statuses", read=is_won),
            read("status", names.status),
            read("value", names.value, exact),
            Unsupported("currency", reason="Lime's base solution has none on a deal", default="the ERP company's own"),
            read("won_date", names.won_date, lambda raw: day(raw, settings.zone)),
            read("company_id", names.company, identifier),
            *_related("contact", names.person, ("name", "email", "phone", "mobile_phone"), dict(person)),
            *_coworker("responsible", names.coworker, coworker.name, coworker.email, coworker.number),
            Unsupported("rows", reason="deal articles are an add-on's; an order carries them", not_built=True),
            _custom(settings.deal_custom_fields, "deal_custom_fields"),
            read("erp_id", names.erp_id),
            Unsupported("revision", reason="Lime CRM does not count changes"),
        ],
    )


def order_map(settings: LimeCrmSettings) -> FieldMap[CrmOrder]:
    """Build the table of orders, in the order of Lime's own table of order fields."""
    names, coworker, keys = settings.order, settings.coworker, settings.order_status_keys
    words = {key: word for word, key in dict(keys).items()}
    on_company = f"{names.company}/{settings.company.erp_id}"

    def customer_number(payload: Mapping[str, Any]) -> Any:
        # The company's own number first: the one on the order is a copy from when the order was made.
        told = [text(payload[name]) for name in (on_company, names.customer_number) if payload.get(name) is not None]
        shown = any(name in payload for name in (on_company, names.customer_number))
        return next(filter(None, told), None) if shown else OMIT

    return FieldMap(
        CrmOrder,
        [
            read("id", ID, identifier),
            read("order_number", names.order_number, note="written back"),
            read("invoice_number", names.invoice_number, note="written back"),
            read("erp_db", names.erp_db),
            read("company_id", names.company, identifier),
            Computed(
                "customer_number",
                ", ".join(filter(None, (on_company, names.customer_number))),
                lambda _: OMIT,
                "the company's number, else the one on the order",
                read=customer_number,
            ),
            read("create_invoice", names.create_invoice, flag),
            # A key that is none of ours is shown as no status: an order in it is not to be sent.
            read("status", names.status, lambda key: words.get(str(key)), "keys in order_status_keys, or none"),
            read("your_reference", names.your_reference),
            *_coworker("coworker", names.coworker, coworker.name, coworker.email, coworker.number),
            read("order_date", names.order_date, lambda raw: day(raw, settings.zone)),
            read("currency", names.currency, currency_code),
            read("net", names.net, exact, "computed by Lime CRM"),
            read("vat", names.vat, exact, "computed by Lime CRM"),
            read("total", names.total, exact, "computed by Lime CRM"),
            read("message", names.message, note="written back"),
            Rows("rows", names.rows, order_row_map(settings)),
        ],
    )


def order_row_map(settings: LimeCrmSettings) -> FieldMap[CrmOrderRow]:
    """Build the table of order rows."""
    names = settings.order_row
    of_article = f"{names.article}/{settings.article.number}" if names.article else ""

    def article_number(payload: Mapping[str, Any]) -> Any:
        places = [name for name in (names.article_number, of_article) if name in payload]
        found = (text(payload[name]) for name in places if payload[name] is not None)
        return next(filter(None, found), None) if places else OMIT

    def number(name: str, read_number: Callable[[Any], Any] = exact) -> Callable[[Mapping[str, Any]], Any]:
        def read_it(payload: Mapping[str, Any]) -> Any:
            if name not in payload:
                return OMIT
            if payload[name] is None or (_is_text_row(payload) and not payload[name]):
                return None
            return read_number(payload[name])

        return read_it

    def _is_text_row(payload: Mapping[str, Any]) -> bool:
        # Lime shows an empty number as 0, so a row without article, quantity and price is one that only carries text.
        return not (
            payload.get(names.quantity)
            or payload.get(names.unit_price)
            or payload.get(names.article)
            or payload.get(names.article_number)
        )

    def computed(field: str, name: str, read_number: Callable[[Any], Any] = exact, reason: str = "") -> Entry:
        why = reason or "empty on a row that only carries text"
        if not name:
            return Unsupported(field, reason=NOT_THERE)
        return Computed(field, name, lambda _: OMIT, why, read=number(name, read_number))

    return FieldMap(
        CrmOrderRow,
        [
            read("row_id", ID, identifier),
            read("description", names.description),
            read("article_id", names.article, identifier),
            Computed(
                "article_number",
                ", ".join(filter(None, (names.article_number, of_article))),
                lambda _: OMIT,
                "the number on the row, else that of its article",
                read=article_number,
            ),
            computed("quantity", names.quantity),
            read("unit", names.unit),
            computed("unit_price", names.unit_price),
            computed(
                "vat_percent",
                names.vat,
                lambda raw: vat_percent(exact(raw), settings.row_vat_as),
                "stands as row_vat_as says",
            ),
            computed("discount_amount", names.discount_amount, reason="an amount on the whole row, excluding VAT"),
            read("vat_account", names.vat_account),
            read("income_account", names.income_account),
        ],
    )


def vat_percent(held: Decimal | None, stands_as: VatAs) -> Decimal | None:
    """Read a VAT rate in percent.

    Args:
        held: As it stands in Lime CRM.
        stands_as: Whether that is a fraction or percent.
    """
    return held if held is None or stands_as == "percent" else held * _HUNDRED


def vat_held(percent: Decimal, stands_as: VatAs) -> Decimal:
    """Write a VAT rate; the opposite of `vat_percent`."""
    return percent if stands_as == "percent" else percent / _HUNDRED


def read(name: str, native: str, convert: Callable[[Any], Any] = text, note: str = "") -> Entry:
    """Declare a field that is only read; unsupported where the installation has no such property.

    Args:
        name: Canonical name.
        native: The installation's name, or empty.
        convert: The value's reading.
        note: For the printed table.
    """
    if not native:
        return Unsupported(name, reason=NOT_THERE)
    return Field(name, native, read=convert, direction="read", note=note)


def _related(name: str, relation: str, members: tuple[str, ...], names: Mapping[str, str]) -> list[Entry]:
    if not relation:
        return [Unsupported(name, reason=NOT_THERE)]
    held = ((each, f"{relation}/{names[each]}" if names[each] else "") for each in members)
    return [read(f"{name}.id", relation, identifier), *(read(f"{name}.{each}", native) for each, native in held)]


def _coworker(name: str, relation: str, of_name: str, of_email: str, of_number: str) -> list[Entry]:
    held = {"name": of_name, "email": of_email, "number": of_number}
    return _related(name, relation, ("name", "email", "number"), held)


def _address(name: str, places: list[list[str]], settings: LimeCrmSettings) -> list[Entry]:
    """Declare an address that is the first of several which has anything filled in."""
    place = settings.company.country
    codes = {each.casefold(): code for each, code in settings.countries.items()}

    def chosen(payload: Mapping[str, Any]) -> list[str]:
        filled = (place for place in places if any(each and payload.get(each) for each in place))
        return next(filled, places[-1])

    def part(number: int) -> Callable[[Mapping[str, Any]], Any]:
        def read_part(payload: Mapping[str, Any]) -> Any:
            held = chosen(payload)[number]
            if held not in payload:
                return OMIT
            return None if payload[held] is None else text(payload[held])

        return read_part

    def written(payload: Mapping[str, Any]) -> str | None:
        told = text(payload[place]) if payload.get(place) is not None else None
        # The country is the company's: it says nothing of an address that is not filled in.
        return told if any(each and payload.get(each) for each in chosen(payload)) else None

    def country_code(payload: Mapping[str, Any]) -> Any:
        told = written(payload)
        return OMIT if told is None else codes.get(told.casefold()) or country(told) or OMIT

    def entry(member: str, number: int) -> Entry:
        held = [place[number] for place in places if place[number]]
        why = "the first address that is filled in" if len(places) > 1 else "as it stands"
        return Computed(f"{name}.{member}", ", ".join(held), lambda _: OMIT, why, read=part(number))

    return [
        *(entry(member, place) for place, member in enumerate(("street", "street2", "postal_code", "city"))),
        Computed(
            f"{name}.country_code",
            place,
            lambda _: OMIT,
            "by its code, its name, or what countries says; not shown when nobody can read it",
            read=country_code,
        ),
        Computed(
            f"{name}.country",
            place,
            lambda _: OMIT,
            "as it is written",
            read=lambda payload: written(payload) or OMIT,
        ),
    ]


def _custom(names: tuple[str, ...], setting: str) -> Entry:
    if not names:
        return Unsupported("custom_fields", reason=f"none are named in {setting}")

    def filled_in(payload: Mapping[str, Any]) -> Any:
        told = {name: text(payload[name]) for name in names if payload.get(name) is not None}
        return tuple({"title": name, "value": value} for name, value in told.items() if value)

    return Computed("custom_fields", ", ".join(names), lambda _: OMIT, "those that are filled in", read=filled_in)
