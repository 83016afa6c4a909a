"""How the classic API shows records: plain dicts for GraphQL, and the bodies of events.

Key names of events are unconfirmed apart from ``position``, ``eventType`` and ``coworker``; they are all written in
`event_body`, and `Switches.event_keys` renames them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from .account import ERP_ID_TITLE, ROWS_TITLE, Account, Event, kind_of
from .records import RELATION_OF_STATUS, Address, Company, Contact, CustomFieldDefinition, Deal, Owner, Record
from .switches import Switches

View = dict[str, Any]
MAX_FIRST = 20


def page(found: list[Any], first: int, offset: int, switches: Switches) -> list[Any]:
    """A piece of a list.

    Args:
        found: the whole list.
        first: how many; the published most is 20.
        offset: how many to skip.
        switches: what more than 20 does.

    Raises:
        ValueError: out of range.
    """
    if first < 0 or offset < 0:
        raise ValueError("first and offset must not be negative")
    if first > MAX_FIRST and switches.first_over_max == "error":
        raise ValueError(f"first must be at most {MAX_FIRST}")
    return found[offset : offset + min(first, MAX_FIRST)]


def rows_as_json(deal: Deal) -> str:
    """A deal's rows as JSON text; numbers are strings, so that no reader turns money into floats."""
    return json.dumps(
        [{k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(row).items()} for row in deal.rows],
        ensure_ascii=False,
    )


def shown_custom_fields(account: Account, switches: Switches, record: Record) -> dict[str, Any]:
    """A record's custom fields by key, with the deal's rows as one of them when the switch says so."""
    shown = dict(getattr(record, "custom_fields", {}))
    if isinstance(record, Deal) and record.rows and switches.rows_in_custom_field:
        definition = account.custom_field_or_none("deals", ROWS_TITLE)
        if definition is not None:
            shown.setdefault(definition.key, rows_as_json(record))
    return shown


class ClassicViews:
    """Makes the dicts that GraphQL resolves; nested lists are functions, called with GraphQL's arguments.

    Args:
        account: whose records.
        switches: names of fields and mutations.
    """

    def __init__(self, account: Account, switches: Switches) -> None:
        self._account = account
        self._switches = switches

    def organization(self, company: Company | None) -> View | None:
        """One company."""
        if company is None:
            return None
        account, extra = self._account, self._switches.organization_fields
        view: View = {
            "id": company.classic_id,
            "name": company.name,
            "city": company.city,
            "email": company.email,
            "phoneNumber": [company.phone] if company.phone else [],
            "organizationNumber": company.business_id,
            "responsibleCoworker": self.coworker(account.owner_of(company)),
            "customFields": self._custom_fields(company),
            "integrationId": company.integration_id,
            "temperature": 0,
            "customerRelation": RELATION_OF_STATUS[company.status],
            "tags": [],
            "employees": self._list(
                lambda: [c for c in account.all(Contact) if c.company == company.id], self.person, _person_text
            ),
            "deals": self._list(
                lambda: [d for d in account.all(Deal) if d.company == company.id], self.deal, self._deal_text
            ),
        }
        postal = Address(company.street, company.postal_code, company.city, company.country)
        for ours, address in (("postal_address", postal), ("visiting_address", company.visiting_address)):
            if ours in extra:
                view[extra[ours]] = _address(address)
        if "website" in extra:
            view[extra["website"]] = company.domain
        return view

    def person(self, contact: Contact | None) -> View | None:
        """One person."""
        if contact is None:
            return None
        company = self._account.company_of(contact)
        mobile = self._switches.person_mobile_phone_field
        phones = [number for number in (contact.phone, None if mobile else contact.mobile_phone) if number]
        return {
            **({mobile: contact.mobile_phone} if mobile else {}),
            "id": str(contact.number),
            "name": contact.full_name,
            "email": contact.email,
            self._switches.person_phone_field: phones,
            "employerName": company.name if company else None,
            # A function, since person -> employer -> employees -> person has no end.
            "employer": lambda _info: self.organization(company),
            "tags": [],
            "customFields": self._custom_fields(contact),
        }

    def deal(self, deal: Deal | None) -> View | None:
        """One deal; its status is the label of its stage."""
        if deal is None:
            return None
        account, extra = self._account, self._switches.deal_fields
        company, stage = account.company_of(deal), account.stage_of(deal)
        view: View = {
            "id": deal.number,
            "name": deal.name,
            "customerName": company.name if company else None,
            "status": stage.name if stage else None,
            "source": deal.source,
            "tags": [],
            "responsibleCoworker": self.coworker(account.owner_of(deal)),
            "customFields": self._custom_fields(deal),
            "customer": lambda _info: self.organization(company),
        }
        beyond: dict[str, Callable[[], Any]] = {
            "value": lambda: deal.value,
            "currency": lambda: deal.currency,
            "contact": lambda: self.person(account.contact_of(deal)),
            "erp_id": lambda: deal.custom_fields.get(account.custom_field("deals", ERP_ID_TITLE).key),
        }
        return view | {name: beyond[ours]() for ours, name in extra.items()}

    def coworker(self, owner: Owner | None) -> View | None:
        """A responsible coworker, as GraphQL shows one (events show other keys)."""
        if owner is None:
            return None
        return {
            "id": owner.number,
            "name": owner.full_name,
            "email": owner.email,
            "phoneNumber": owner.phone,
        }

    def organizations(self, query: str, first: int, offset: int) -> list[View | None]:
        """Companies whose name, number or city has the query in it."""
        return self._list(lambda: self._account.all(Company), self.organization, _company_text)(
            None, query=query, first=first, offset=offset
        )

    def deals(self, query: str, first: int, offset: int) -> list[View | None]:
        """Deals whose name or company has the query in it."""
        return self._list(lambda: self._account.all(Deal), self.deal, self._deal_text)(
            None, query=query, first=first, offset=offset
        )

    def _deal_text(self, deal: Deal) -> str:
        company = self._account.company_of(deal)
        return f"{deal.name} {company.name if company else ''}"

    def _custom_fields(self, record: Company | Contact | Deal) -> list[View]:
        shown = shown_custom_fields(self._account, self._switches, record)
        empty_too = self._switches.empty_custom_fields == "null"
        return [
            {
                "title": definition.label,
                "type": "Link" if definition.field_type == "url" else "String",
                "value": str(shown[definition.key]) if definition.key in shown else None,
            }
            for definition in self._account.all(CustomFieldDefinition)
            if definition.entity_type == kind_of(type(record)) and (definition.key in shown or empty_too)
        ]

    def _list(
        self, records: Callable[[], list[Any]], view: Callable[[Any], View | None], text: Callable[[Any], str]
    ) -> Callable[..., list[View | None]]:
        def resolve(_info: Any, query: str = "", first: int = 10, offset: int = 0) -> list[View | None]:
            found = [r for r in records() if query.casefold() in text(r).casefold()]
            return [view(r) for r in page(found, first, offset, self._switches)]

        return resolve


def event_body(switches: Switches, event: Event) -> dict[str, Any]:
    """What the feed and subscribers are given for an event."""
    coworker, subject = event.coworker, event.subject
    about: dict[str, Any]
    if isinstance(subject, Deal):
        about = {"deal": {"id": subject.number, "name": subject.name, "value": as_json_number(subject.value)}}
    else:
        about = {"organization": {"id": subject.classic_id, "name": subject.name}}
    body = {
        "position": str(event.position),
        "eventType": event.event_type,
        "coworker": coworker
        and {"firstName": coworker.first_name, "lastName": coworker.last_name, "email": coworker.email},
        **about,
    }
    if switches.event_time:
        body["timestamp"] = subject.updated_at.isoformat()
    return _renamed(body, switches.event_keys)


def as_json_number(value: Decimal | None) -> int | float | None:
    """A deal's value as the JSON number a classic answer carries.

    A float here is only the way to JSON: Python writes back the same digits for the at most 15 that a value has.
    """
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _renamed(body: dict[str, Any], names: dict[str, str], prefix: str = "") -> dict[str, Any]:
    renamed = {}
    for key, value in body.items():
        path = f"{prefix}{key}"
        name = names.get(path, key)
        if name:
            renamed[name] = _renamed(value, names, f"{path}.") if isinstance(value, dict) else value
    return renamed


def _address(address: Address | None) -> View | None:
    if address is None or not any(vars(address).values()):
        return None
    return {
        "street": address.street,
        "zipCode": address.postal_code,
        "city": address.city,
        "countryCode": address.country,
    }


def _person_text(contact: Contact) -> str:
    return f"{contact.full_name} {contact.email or ''}"


def _company_text(company: Company) -> str:
    return f"{company.name} {company.business_id or ''} {company.city or ''} {company.classic_id}"
