"""The limetypes of the simulated installation: Lime's base solution with the ERP connector's and order add-on's fields.

Published are the tables of company, invoice, invoice row, article and article group (ERP connector and CPQ
documentation, Table and Field Definitions). The names of order and order row are not, but for
``create_invoice_from_order``, ``customer_reference``, ``currency``, ``coworker``, ``description``, ``quantity`` and
``unit``. An installation differs anyway, so every name can be changed and every property left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

PropertyType = Literal["string", "link", "decimal", "yesno", "option", "time", "belongsto", "hasmany"]


@dataclass(frozen=True)
class Property:
    """One property of a limetype.

    Attributes:
        name: Its name in the standard model; what the API calls it may differ, see `Model`.
        type: As the limetype interface calls it.
        length: Longest text; 0 where there is no such bound.
        options: Keys and texts, for options; the first one is the default.
        related: The other limetype, for relations.
        unique: Whether two objects may not share a value that is filled in.
        required: Whether it must be filled in.
    """

    name: str
    type: PropertyType
    length: int = 0
    options: tuple[tuple[str, str], ...] = ()
    related: str = ""
    unique: bool = False
    required: bool = False


def _texts(**lengths: int) -> list[Property]:
    return [Property(name, "string", length) for name, length in lengths.items()]


def _of(kind: PropertyType, *names: str) -> list[Property]:
    return [Property(name, kind) for name in names]


def _one(**related: str) -> list[Property]:
    return [Property(name, "belongsto", related=limetype) for name, limetype in related.items()]


def _many(*limetypes: str) -> list[Property]:
    return [Property(limetype, "hasmany", related=limetype) for limetype in limetypes]


_COMPANY_STATUS = (
    ("empty", "Not activated"),
    ("readyforfirstsync", "Ready for first sync"),
    ("updatesmade", "Updates made"),
    ("inprocess", "In process"),
    ("synced", "Synced"),
    ("error", "Error"),
)
_ORDER_STATUS = (
    ("notready", "Draft"),
    ("readytobesent", "Ready to be sent"),
    ("inprocess", "In process"),
    ("synced", "Sent"),
    ("error", "Error"),
)
_DEAL_STATUS = (
    ("contact", "Contact"),
    ("tender", "Tender"),
    ("agreement", "Agreement"),
    ("onhold", "On hold"),
    ("rejected", "Rejected"),
)

_COLOURS = (("", ""), ("green", "Paid"), ("yellow", "Open"), ("red", "Overdue"))

STANDARD: Mapping[str, tuple[Property, ...]] = {
    "coworker": (
        Property("name", "string", 128, required=True),
        *_texts(firstname=64, lastname=64, email=128, employeeno=32),
        *_many("company", "deal", "order"),
    ),
    "company": (
        Property("name", "string", 128, required=True),
        *_texts(
            registrationno=32,
            phone=32,
            country=64,
            postaladdress1=72,
            postaladdress2=72,
            postalzipcode=10,
            postalcity=72,
            visitingaddress1=72,
            visitingaddress2=72,
            visitingzipcode=10,
            visitingcity=72,
            invoiceaddress1=72,
            invoiceaddress2=72,
            invoicezipcode=10,
            invoicecity=72,
            erp_errormessage=512,
        ),
        Property("www", "link", 128),
        Property("emailinvoice", "link", 100),
        Property("erp_id", "string", 16, unique=True),
        Property("erp_status", "option", options=_COMPANY_STATUS),
        *_of("time", "erp_firstsynced", "erp_lastsynced"),
        *_of("decimal", "erp_turnover_yearnow", "erp_turnover_lastyear"),
        *_of("yesno", "inactive"),
        *_one(coworker="coworker"),
        *_many("person", "deal", "order", "invoice"),
    ),
    "person": (
        *_texts(firstname=64, lastname=64, name=128, email=128, phone=32, mobilephone=32, position=64),
        *_of("yesno", "inactive"),
        *_one(company="company"),
        *_many("deal"),
    ),
    "deal": (
        Property("name", "string", 128, required=True),
        *_of("decimal", "value", "probability"),
        Property("dealstatus", "option", options=_DEAL_STATUS),
        *_of("time", "closeddate", "expecteddate"),
        *_texts(erp_ordernumber=64),
        *_one(company="company", person="person", coworker="coworker"),
    ),
    "order": (
        *_texts(
            order_number=64,
            invoice_number=64,
            erp_db=32,
            customer_number=32,
            customer_reference=256,
            currency=32,
            error_message=512,
        ),
        Property("order_status", "option", options=_ORDER_STATUS),
        *_of("yesno", "create_invoice_from_order"),
        *_of("time", "order_date"),
        *_of("decimal", "order_sum", "order_vat", "order_total_sum"),
        *_one(company="company", coworker="coworker", deal="deal", invoice="invoice"),
        *_many("orderrow"),
    ),
    "orderrow": (
        *_texts(description=256, articleno=32, unit=32, vataccount=32, incomeaccount=32),
        *_of("decimal", "quantity", "price", "vat", "discount"),
        *_one(order="order", article="article"),
    ),
    "invoice": (
        Property("invoice_number", "string", 64, unique=True),
        *_texts(customerid=128, customer_reference=256, invoice_type=64, currency=32),
        *_of("time", "invoice_date", "invoice_expires", "paid_date"),
        *_of("decimal", "invoice_sum", "invoice_vat", "invoice_total_sum", "invoice_balance", "exchange_rate"),
        *_of("yesno", "paid", "invoice_shredded"),
        Property("invoice_colour", "option", options=_COLOURS),
        *_one(company="company", coworker="coworker"),
        *_many("invoicerow", "order"),
    ),
    "invoicerow": (
        *_texts(rowid=32, item=128, description=128),
        *_of("decimal", "units", "row_value", "row_margin"),
        *_one(invoice="invoice"),
    ),
    "articlegroup": (
        *_texts(name=64),
        *_of("yesno", "active"),
        *_many("article"),
    ),
    "article": (
        *_texts(articleno=32, description=50, unit=32, incomeaccount=32, shorttext=512, longtext=4000),
        *_of("decimal", "price", "vat", "costprice", "grossmarginratio"),
        *_of("yesno", "active"),
        *_one(articlegroup="articlegroup"),
        *_many("orderrow"),
    ),
    # Not in Lime's standard: a register of the ERP, as an installation may keep one.
    "termsofpayment": (
        Property("code", "string", 64, required=True, unique=True),
        *_texts(name=128),
        *_of("decimal", "days"),
        *_of("yesno", "active"),
    ),
}
"""Limetype -> properties, under their standard names."""


class Model:
    """The limetypes of one installation, and what the API calls them.

    Args:
        renamed: ``"order.order_status": "orderstatus"`` renames a property, ``"order": "salesorder"`` a limetype.
        without: Properties (``"company.erp_errormessage"``) or limetypes (``"deal"``) that it lacks.
        option_keys: ``"order.order_status.synced": "sent"`` gives an option another key.

    Raises:
        ValueError: A name is not in the standard model.
    """

    def __init__(
        self,
        renamed: Mapping[str, str] | None = None,
        without: Iterable[str] = (),
        option_keys: Mapping[str, str] | None = None,
    ) -> None:
        self._public = dict(renamed or {})
        self._without = frozenset(without)
        self._keys = dict(option_keys or {})
        known = set(STANDARD) | {f"{limetype}.{each.name}" for limetype, held in STANDARD.items() for each in held}
        strange = [name for name in (*self._public, *self._without) if name not in known]
        strange += [name for name in self._keys if name.rpartition(".")[0] not in known]
        if strange:
            raise ValueError(f"The standard model has no {', '.join(sorted(strange))}.")
        self._internal = {self.public(limetype): limetype for limetype in STANDARD if limetype not in self._without}
        self._properties = {limetype: self._present(limetype, held) for limetype, held in STANDARD.items()}

    def limetypes(self) -> list[str]:
        """Give the limetypes that there are, by their standard names."""
        return list(self._internal.values())

    def limetype(self, public: str) -> str | None:
        """Give the standard name of what the API calls so; None when there is no such limetype."""
        return self._internal.get(public)

    def properties(self, limetype: str) -> Sequence[Property]:
        """Give a limetype's properties, by standard names and with this installation's option keys."""
        return self._properties[limetype]

    def _present(self, limetype: str, held: Sequence[Property]) -> tuple[Property, ...]:
        return tuple(
            replace(each, options=tuple((self.key(limetype, each.name, key), text) for key, text in each.options))
            for each in held
            if f"{limetype}.{each.name}" not in self._without and each.related not in self._without
        )

    def public(self, limetype: str, name: str | None = None) -> str:
        """Give what the API calls a limetype, or one of its properties."""
        return self._public.get(limetype, limetype) if name is None else self._public.get(f"{limetype}.{name}", name)

    def key(self, limetype: str, name: str, key: str) -> str:
        """Give this installation's key of an option."""
        return self._keys.get(f"{limetype}.{name}.{key}", key)
