"""What people do in Lime CRM's window, as functions on an account.

Companies, articles and coworkers may be referred to by id or by name (articles by number).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from .account import Account, LimeObject, UnknownObjectError
from .model import STANDARD
from .switches import Switches

PERSON = 3
"""Id of the user who works in the window."""
_SYNCED_PROPERTIES = frozenset(
    {"name", "registrationno", "phone", "country", "emailinvoice", "coworker"}
    | {f"postal{part}" for part in ("address1", "address2", "zipcode", "city")}
    | {f"visiting{part}" for part in ("address1", "address2", "zipcode", "city")}
    | {f"invoice{part}" for part in ("address1", "address2", "zipcode", "city")}
)
_KEYS = {"company": "name", "person": "name", "coworker": "name", "article": "articleno", "articlegroup": "name"}
_EXACT = frozenset({"quantity", "price", "vat", "discount", "value", "probability", "costprice"})
_TIMES = frozenset({"order_date", "closeddate", "expecteddate"})


def find(account: Account, limetype: str, told: int | str) -> LimeObject:
    """Give an object by its id, or by what people call it.

    Raises:
        UnknownObjectError: There is none.
    """
    if isinstance(told, int):
        return account.get(limetype, told)
    key = _KEYS.get(limetype, "name")
    for each in account.all(limetype):
        if each.values.get(key) == told:
            return each
    raise UnknownObjectError(f"There is no {limetype} {told!r}.")


def add(account: Account, limetype: str, **values: Any) -> LimeObject:
    """Add an object; relations by id or name, options by standard key, numbers also as text, times without zone."""
    return account.create(limetype, _told(account, limetype, values), PERSON)


def edit(account: Account, switches: Switches, limetype: str, told: int | str, **values: Any) -> LimeObject:
    """Change an object as a person does.

    Raises:
        ValueError: It is an order in process, or a row of one: everything on it is read-only then.
    """
    with account.lock:
        thing = find(account, limetype, told)
        _refuse_in_process(account, thing)
        account.change(thing, _told(account, limetype, values), PERSON)
        if limetype == "company" and switches.marks_changes and values.keys() & _SYNCED_PROPERTIES:
            _mark(account, thing)
        return thing


def add_order(account: Account, company: int | str, rows: list[Mapping[str, Any]], **values: Any) -> LimeObject:
    """Add a draft order with its rows."""
    with account.lock:
        customer = find(account, "company", company)
        told = {
            "customer_number": customer.values.get("erp_id", ""),
            "coworker": customer.values.get("coworker"),
            "currency": "SEK",
            "erp_db": "1",
            **values,
        }
        order = add(account, "order", company=customer.id, **told)
        for row in rows:
            add_row(account, order.id, **row)
        return order


def add_row(account: Account, order: int, **values: Any) -> LimeObject:
    """Add a row to an order; what is not told is taken from its article."""
    with account.lock:
        thing = account.get("order", order)
        _refuse_in_process(account, thing)
        told = dict(values)
        if told.get("article") is not None:
            article = find(account, "article", told["article"])
            inherited = {"articleno": "articleno", "description": "description", "unit": "unit", "price": "price"}
            inherited |= {"vat": "vat", "incomeaccount": "incomeaccount"}
            told = {name: article.values[held] for name, held in inherited.items()} | told
        return add(account, "orderrow", order=thing.id, **told)


def set_status(account: Account, limetype: str, told: int | str, status: str) -> LimeObject:
    """Set an order's or a company's sync status, by its standard key."""
    name = {"order": "order_status", "company": "erp_status"}[limetype]
    with account.lock:
        thing = find(account, limetype, told)
        _refuse_in_process(account, thing)
        return account.change(thing, {name: {"key": account.model.key(limetype, name, status)}}, PERSON)


def win_deal(account: Account, deal: int | str) -> LimeObject:
    """Set a deal's status and its closing date."""
    with account.lock:
        thing = find(account, "deal", deal)
        key = account.model.key("deal", "dealstatus", "agreement")
        return account.change(thing, {"dealstatus": {"key": key}, "closeddate": account.now()}, PERSON)


def _mark(account: Account, company: LimeObject) -> None:
    def key(status: str) -> str:
        return account.model.key("company", "erp_status", status)

    if company.values.get("erp_status") in (key("synced"), key("error")):
        account.change(company, {"erp_status": {"key": key("updatesmade")}}, PERSON)


def _refuse_in_process(account: Account, thing: LimeObject) -> None:
    order = thing
    if thing.limetype == "orderrow" and thing.values.get("order") is not None:
        order = account.get("order", thing.values["order"])
    in_process = account.model.key("order", "order_status", "inprocess")
    if order.limetype == "order" and order.values.get("order_status") == in_process:
        raise ValueError(f"Order {order.id} is in process; nothing on it can be changed now.")


def _told(account: Account, limetype: str, values: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in values.items():
        prop = account.property(limetype, name)
        if prop is None and any(each.name == name for each in STANDARD[limetype]):
            continue  # this installation lacks it, so nobody can fill it in
        if prop is not None and prop.type == "belongsto" and isinstance(value, str):
            told[name] = find(account, prop.related, value).id
        elif prop is not None and prop.type == "option" and isinstance(value, str):
            told[name] = {"key": account.model.key(limetype, name, value)}
        elif name in _EXACT and isinstance(value, str | float):
            told[name] = Decimal(str(value))
        elif name in _TIMES and isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            told[name] = datetime.fromisoformat(value).isoformat()
        else:
            told[name] = value
    return told
