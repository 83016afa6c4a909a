"""Putting records into a simulated company: through the same code that a client's requests go through."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from erpcore.simulator import no_strangers, put_records
from erpcore_poweroffice.simulator import customers, invoices, ledger, orders, settings_lists
from erpcore_poweroffice.simulator.books import Books, Record
from erpcore_poweroffice.simulator.calls import Answer, Call, Refused
from erpcore_poweroffice.simulator.contacts import CONTACT_PERSONS, DELIVERY_ADDRESSES, Part
from erpcore_poweroffice.simulator.members import Shape, read
from erpcore_poweroffice.simulator.products import GROUPS, PRODUCTS
from erpcore_poweroffice.simulator.sending import send_by_hand

_REGISTERS = tuple(settings_lists.SHAPES)
_DOCUMENTS = ("product_groups", "products", "customers", "contact_persons", "delivery_addresses", "orders", "payments")
KEYS = (*_REGISTERS, "settings", "receivers", *_DOCUMENTS)
"""What a company's seed may hold, in the order in which it is put in."""


def put_in(data: Mapping[str, Any], books: Books) -> None:
    """Put records in.

    Args:
        data: See `KEYS`. Registers (employees, payment_terms, accounts and so on) hold records as in replies.
            `settings` has the account numbers `StandardSalesAccount` and `OptionalSalesAccount`, `IsVatRegistered`,
            `VatNumber`, and exchange rates by currency under `rates`. `receivers` are organisation numbers that take
            EHF. The others hold records as in requests; beside that each may have `CreatedBy` (an application key;
            a person without it), contact persons and delivery addresses name their customer by `CustomerNo`, an
            order that has `Sent` (members of a send request) becomes an invoice that a person or `SentBy` sent, and
            a payment has `InvoiceNo` and may have `Amount`, `PostingDate` and `IsWriteOff`.
        books: The company's.

    Raises:
        ValueError: The data does not fit; what came before the wrong record is in.
    """
    no_strangers(data, KEYS)
    makers: dict[str, Callable[[Any], object]] = {
        **{table: partial(_register, table, books) for table in _REGISTERS},
        "settings": lambda setting: _setting(books, *setting),
        "receivers": books.receivers.add,
        "product_groups": partial(_post, GROUPS.create, {}, books),
        "products": partial(_post, PRODUCTS.create, {}, books),
        "customers": partial(_post, customers.create, {}, books),
        "contact_persons": partial(_part, CONTACT_PERSONS, books),
        "delivery_addresses": partial(_part, DELIVERY_ADDRESSES, books),
        "orders": partial(_order, books),
        "payments": partial(pay, books),
    }
    put_records({**data, "settings": data.get("settings", {}).items()}, makers, Refused)


def pay(books: Books, record: Mapping[str, Any]) -> Record:
    """Book a payment of an invoice, see `put_in`.

    Raises:
        Refused: There is no such invoice.
        ValueError: The data does not fit.
    """
    if strangers := record.keys() - {"InvoiceNo", "Amount", "PostingDate", "IsWriteOff"}:
        raise ValueError(f"a payment has no {', '.join(sorted(strangers))}")
    if "InvoiceNo" not in record:
        raise ValueError("a payment needs an InvoiceNo")
    amount, day = record.get("Amount"), record.get("PostingDate")
    if amount is not None and not Decimal(str(amount)).is_finite():
        raise ValueError(f"a payment cannot be of {amount}")
    return invoices.pay(
        books,
        int(record["InvoiceNo"]),
        None if amount is None else Decimal(str(amount)),
        day=None if day is None else date.fromisoformat(str(day)),
        write_off=bool(record.get("IsWriteOff")),
    )


def state(books: Books) -> dict[str, Any]:
    """Return every record as its own GET shows it, under the names that a seed uses; invoices and ledger too."""
    call = Call(application=books.integration.application)
    tables = books.tables
    return {
        **{
            table: [settings_lists.shown(books, table, record) for record in tables[table].values()]
            for table in _REGISTERS
        },
        "product_groups": [GROUPS.shown(books, record) for record in tables["product_groups"].values()],
        "products": [PRODUCTS.shown(books, record) for record in tables["products"].values()],
        "customers": [customers.shown(books, record) for record in tables["customers"].values()],
        "contact_persons": [CONTACT_PERSONS.shown(record) for record in tables["contact_persons"].values()],
        "delivery_addresses": [DELIVERY_ADDRESSES.shown(record) for record in tables["delivery_addresses"].values()],
        "orders": [
            orders.complete(books, order, call)
            for order in tables["orders"].values()
            if not order.values.get("Invoiced")
        ],
        "invoices": [
            {**invoices.shown(books, invoice, call), "OutgoingInvoiceLines": invoices.lines_shown(books, invoice)}
            for invoice in tables["invoices"].values()
        ],
        "entries": [ledger.shown(books, entry, call) for entry in tables["entries"].values()],
    }


def _register(table: str, books: Books, record: Mapping[str, Any]) -> None:
    shape = settings_lists.SHAPES[table]
    values = {name: _value(shape, name, value) for name, value in record.items()}
    settings_lists.resolve_codes(books, table, values)
    record_id = values.pop("Id", None)
    if record_id is None and table == "series":
        record_id = books.new_uuid()
    elif record_id is None:
        record_id = books.count_up("contact" if table == "employees" else "id")
    books.add(table, record_id, values, Call(application=record.get("CreatedBy", "")))


def _value(shape: Shape, name: str, value: Any) -> Any:
    member = shape.members.get(name)
    if member is None or not member.shown:
        raise ValueError(f"there is no member {name}")
    if isinstance(value, float):
        value = Decimal(str(value))
    return value if member.kind.startswith("{") else read(member.kind, str(value) if isinstance(value, date) else value)


def _setting(books: Books, name: str, value: Any) -> None:
    match name:
        case "StandardSalesAccount" | "OptionalSalesAccount":
            account = books.by("accounts", "AccountNo", value)
            if account is None:
                raise ValueError(f"there is no account {value}")
            books.settings[f"{name}Id"] = account.id
        case "SalesPersonEmployeeNumber":
            employee = books.by("employees", "Number", value)
            if employee is None:
                raise ValueError(f"there is no employee {value}")
            books.settings["SalesPersonEmployeeId"] = employee.id
        case "rates":
            rates = {code: Decimal(str(rate)) for code, rate in value.items()}
            books.settings["rates"] = {**books.settings.get("rates", {}), **rates}
        case "IsVatRegistered" | "VatNumber":
            books.settings[name] = value
        case _:
            raise ValueError(f"there is no setting {name}")


def _post(
    create: Callable[[Books, Call], Answer],
    params: Mapping[str, str],
    books: Books,
    record: Mapping[str, Any],
    *own: str,
) -> dict[str, Any]:
    sent = {name: value for name, value in record.items() if name not in ("CreatedBy", *own)}
    body = json.dumps(sent, default=str).encode()
    answer = create(books, Call(application=record.get("CreatedBy", ""), params=params, body=body))
    made: dict[str, Any] = answer.content
    return made


def _part(part: Part, books: Books, record: Mapping[str, Any]) -> None:
    customer = books.by("customers", "Number", record.get("CustomerNo"))
    if customer is None:
        raise ValueError(f"there is no customer {record.get('CustomerNo')}")
    _post(part.create, {"contactId": str(customer.id)}, books, record, "CustomerNo")


def _order(books: Books, record: Mapping[str, Any]) -> None:
    made = _post(orders.create, {}, books, record, "Sent", "SentBy")
    if "Sent" in record:
        send_by_hand(books, books.get("orders", made["Id"]), record["Sent"], by=record.get("SentBy", ""))
