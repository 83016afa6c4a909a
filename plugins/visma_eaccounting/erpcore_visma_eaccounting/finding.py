"""Finding a record by what people call it, because Visma's addresses need its own id.

A number that is an id of Visma's already is asked for directly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from erpcore.errors import MissingRecordError, NotFoundError
from erpcore.http import path_of
from erpcore.models import Ref
from erpcore_visma_eaccounting import values
from erpcore_visma_eaccounting.client import Record, VismaClient, instant, quoted

_AT_ONCE = 20
"""Articles that one filter asks for, so that addresses stay short."""


def by_key(client: VismaClient, register: str, key: str) -> list[Record]:
    """Read the record of an id; empty when there is none."""
    try:
        return [client.get(path_of(register, key), "Id")]
    except NotFoundError:
        return []


def customer(client: VismaClient, wanted: Ref) -> Record:
    """Read a customer by id, or find it by number where the id is not known.

    Raises:
        NotFoundError: There is none.
    """
    if wanted.key is not None:
        return client.get(path_of("customers", wanted.key), "Id")
    number = wanted.number
    found = client.all(
        "customers", f"CustomerNumber eq {quoted(number)}", fits=lambda each: each.get("CustomerNumber") == number
    )
    for record in found:
        return record
    raise NotFoundError(
        f"Visma eAccounting has no customer {number}.",
        record=f"customer {number}",
        advice="Check that the customer still exists in Visma eAccounting.",
    )


def articles(client: VismaClient, numbers: Iterable[str]) -> Mapping[str, Record]:
    """Find articles by number; what is not there is left out."""
    return {str(record["Number"]): record for record in numbered(client, numbers)}


def numbered(client: VismaClient, numbers: Iterable[str]) -> Iterator[Record]:
    """Read the articles that have one of some numbers, many numbers to a request."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _AT_ONCE):
        some = set(wanted[start : start + _AT_ONCE])
        text = " or ".join(f"Number eq {quoted(number)}" for number in sorted(some))
        yield from client.all("articles", text, fits=lambda each, some=some: each.get("Number") in some)  # type: ignore[misc] # mypy cannot infer a lambda's defaults


def order(client: VismaClient, number: str, key: str | None = None) -> Record:
    """Read an order by id, or find it by number where the id is not known. The id may stand in the number's place.

    Raises:
        NotFoundError: There is none.
    """
    if key is not None or values.is_key(number):
        return client.get(path_of("orders", key or number), "Id")
    if number.isascii() and number.isdigit():
        for record in client.all("orders", f"Number eq {number}", fits=lambda each: number_of(each) == number):
            return record
    raise NotFoundError(
        f"Visma eAccounting has no order {number}.",
        record=f"order {number}",
        advice="Check that the order still exists in Visma eAccounting.",
    )


def required_customer(client: VismaClient, wanted: Ref) -> Record:
    """Find the customer of a document that shall be made.

    Raises:
        MissingRecordError: There is none.
    """
    try:
        return customer(client, wanted)
    except NotFoundError as error:
        raise _missing("customer", wanted.number) from error


def required_articles(client: VismaClient, numbers: Iterable[str]) -> Mapping[str, Record]:
    """Find the articles of a document's rows.

    Raises:
        MissingRecordError: One is not there.
    """
    wanted = set(numbers)
    found = articles(client, wanted)
    for number in sorted(wanted - found.keys()):
        raise _missing("article", number)
    return found


def number_of(order: Record) -> str:
    """Give an order's number; its id while it has none, as a draft."""
    number = order.get("Number")
    return str(order["Id"]) if number is None else str(number)


def not_before(client: VismaClient, days: int | None) -> datetime | None:
    """Give the moment so many days ago, to bound a search; None for no bound."""
    return None if days is None else client.host.clock.now() - timedelta(days=days)


def made_since(client: VismaClient, days: int | None) -> list[str]:
    """Give the filter for what was made in the last days; none for no bound."""
    first = not_before(client, days)
    return [] if first is None else [f"CreatedUtc ge {instant(first)}"]


def _missing(what: str, number: str) -> MissingRecordError:
    return MissingRecordError(
        f"Visma eAccounting has no {what} {number}.",
        advice=f"Make the {what} in Visma eAccounting, or correct it in the CRM, then send the record again.",
    )
