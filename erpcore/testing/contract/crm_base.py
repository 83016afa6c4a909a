"""What the rules for CRMs share: what an author states, reading lists to their end, comparing the CRM's state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from erpcore.connection import CrmConnection
from erpcore.fields import Field
from erpcore.models import (
    Article,
    CanonicalModel,
    Company,
    CrmEvent,
    CrmOrder,
    Deal,
    Invoice,
    InvoiceStanding,
    Page,
    Person,
    Register,
    WebhookRequest,
    WriteBack,
)
from erpcore.registry import PluginKind
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.acting import Acting
from erpcore.testing.samples import Samples, entries

WrittenKind = Literal["deal", "order", "company"]
READS: Mapping[str, tuple[str, type[CanonicalModel]]] = {
    "fetch_deal": ("deal", Deal),
    "fetch_customer": ("company", Company),
    "fetch_order": ("crm_order", CrmOrder),
    "fetch_articles": ("article", Article),
}
"""The hooks that read records, the names of their field maps, and their models."""

_MOST_PAGES = 40
_READS = (
    "fetch_deal",
    "fetch_customer",
    "fetch_order",
    "fetch_order_head",
    "fetch_companies",
    "fetch_persons",
    "fetch_articles",
    "fetch_events",
)
_WRITES = ("write_back", "take_order", "show_invoices", "store_invoice", "store_article", "subscribe_events")
STORES = {"store_invoice": "invoice", "store_article": "article"}
"""The hooks that store records, and what they store."""
STORED_NUMBER = "K-7001"
"""Number of the record that is stored."""
SUBSCRIBED = "https://erpcore.invalid/webhooks/contract/0123456789abcdef0123456789abcdef"
"""Where events are to be delivered."""
# Each another one, so that none can stand in the place of another.
_AMOUNTS = {
    "net": Decimal("400.25"),
    "vat": Decimal("100.06"),
    "total": Decimal("500.31"),
    "balance": Decimal("120.50"),
}


class CrmBase(Acting):
    """What an author states beside what `Contract` asks for.

    Attributes:
        held: Records as the CRM holds them at the start, two at least of each kind that is read: typed from what stands
            in the CRM, not from what the plugin shows. A field that is empty there is None; one that the CRM does not
            show is left out. Each field that the plugin reads has a value in one of them that no other field has, and
            another value, or none, in another one.
        persons: Who works at a company of `held`, by its key, typed as `held` is; two companies at least, of which one
            has somebody, with every field that the plugin reads.
        write_backs: What can be told about a record that is there.
        standings: What stands of the invoices of records that are there, one of each kind that has a field for it.
        kept_register: A register of the ERP that the contract's settings name a place for.
        feed_acts: What else happens in the CRM that its feed tells of, by name. ``again`` takes the bench and the key
            of a record of `make_events`, and lets the same happen to it once more, at once. ``stored``, where the feed
            goes by times, takes the bench and a moment, lets something be stored with it, and gives the key of its
            record. ``forgotten``, where the CRM keeps the place for a while, lets it forget the place. ``alike``, where
            events have no key of their own, lets things happen that are told in the same words, and gives how many.
        delivery_lasts: Seconds for which a delivery is believed at most, when it tells when it was signed.
        passing: Members of the bench's state that tell of requests and times rather than of records.
    """

    kind: ClassVar[PluginKind] = "crm"
    held: ClassVar[Sequence[CanonicalModel]] = ()
    persons: ClassVar[Mapping[str, Sequence[Person]]] = {}
    write_backs: ClassVar[Sequence[WriteBack]] = ()
    standings: ClassVar[Sequence[InvoiceStanding]] = ()
    kept_register: ClassVar[Register | None] = None
    feed_acts: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    delivery_lasts: ClassVar[float | None] = None
    passing: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def make_events(cls, bench: Bench, number: int) -> None:
        """Let so many things happen in the CRM that its feed tells, each to another record or at another time."""
        raise TypeError(f"{cls.__name__} must say how something happens in the CRM: define make_events.")

    @classmethod
    def delivery(cls, bench: Bench) -> WebhookRequest:
        """Give a delivery as the CRM sends it, when the plugin takes deliveries."""
        raise TypeError(f"{cls.__name__} must give a delivery: define delivery.")

    @classmethod
    def held_invoices(cls, bench: Bench) -> Sequence[Invoice]:
        """Give the invoices that the CRM holds, read from its own tables, when the plugin stores them."""
        raise TypeError(f"{cls.__name__} must tell which invoices the CRM holds: define held_invoices.")

    @classmethod
    def held_write_back(cls, bench: Bench, kind: WrittenKind, record_id: str) -> WriteBack:
        """Give what stands where numbers, status and message are written back, read from the CRM's own tables.

        Args:
            bench: The system.
            kind: Which kind of record.
            record_id: The key of one of `held`.

        Returns:
            Empty places as None; what the CRM has no place for is left out.
        """
        raise TypeError(f"{cls.__name__} must tell what was written back: define held_write_back.")

    @classmethod
    def fill(cls, bench: Bench, number: int) -> None:
        """Let the CRM hold so many more companies, deals and orders, as far as it has them."""
        raise TypeError(f"{cls.__name__} must say how the CRM comes to hold more: define fill.")

    @classmethod
    def reads(cls) -> list[str]:
        """See `Acting.reads`."""
        return [name for name in _READS if name in cls.operations()]

    @classmethod
    def writes(cls) -> list[str]:
        """See `Acting.writes`."""
        asked = {"write_back": cls.write_backs, "show_invoices": cls.standings}
        return [name for name in _WRITES if name in cls.operations() and asked.get(name, True)]

    @classmethod
    def ready(cls, connection: Any, operation: str, samples: Samples) -> Callable[[], Any]:
        """See `Acting.ready`."""
        crm: CrmConnection = connection
        match operation:
            case "fetch_events":
                end = all_events(crm, None)[1]
                return lambda: crm.fetch_events(end, context())
            case "fetch_companies":
                return lambda: crm.fetch_companies(None, context())
            case "fetch_articles":
                return lambda: crm.fetch_articles(None, None, context())
            case "fetch_order_head":
                return lambda: crm.fetch_order_head(cls.first_key("fetch_order"), context())
            case "take_order":
                head = crm.fetch_order_head(cls.first_key("fetch_order"), context())
                return lambda: crm.take_order(head, context())
            case "fetch_persons":
                return lambda: crm.fetch_persons(cls.first_key("fetch_customer"), context())
            case "write_back":
                return lambda: crm.write_back(cls.write_backs[0], context())
            case "show_invoices":
                shown = cls.standings[0].model_copy(update={"colour": "red"})
                return lambda: crm.show_invoices(shown, context())
            case "store_invoice" | "store_article":
                record = whole_record(crm, operation, samples)
                store: Callable[..., Any] = getattr(crm, operation)
                return lambda: store(record, context())
            case "subscribe_events":
                return lambda: crm.subscribe_events(SUBSCRIBED, context())
        return lambda: read_held(crm, operation, cls.first_key(operation))

    @classmethod
    def held_of(cls, model: type[CanonicalModel]) -> list[Any]:
        """Give the records of a model that the author states."""
        return [record for record in cls.held if type(record) is model]

    @classmethod
    def first_key(cls, hook: str) -> str:
        """Give the key of the first record that a hook reads."""
        held = cls.held_of(READS[hook][1])
        assert held, f"state a {READS[hook][1].__name__} in `held`: {hook} reads one"
        return key_of(held[0])


def carried_fields(crm: CrmConnection, model: str) -> list[str]:
    """Give the fields that the plugin stores, and reads back with the same value.

    Args:
        crm: The connection.
        model: ``invoice`` or ``article``.
    """
    maps = crm.plugin.field_maps
    both = [path for path, _, entry in entries(maps, model) if isinstance(entry, Field) and entry.direction == "both"]
    assert both, f"the field map of the {model} carries nothing"
    return both


def whole_record(crm: CrmConnection, hook: str, samples: Samples) -> Invoice | Article:
    """Give a record that shows all that the plugin stores.

    Args:
        crm: The connection.
        hook: One of `STORES`.
        samples: The sample values.
    """
    paths = carried_fields(crm, STORES[hook])
    amounts = {name: amount for name, amount in _AMOUNTS.items() if name in paths}
    record = samples.record(STORES[hook], *paths, number=STORED_NUMBER, **amounts)
    assert isinstance(record, Invoice | Article)
    return record


def key_of(record: Any) -> str:
    """Give the key that a record is read by."""
    return str(record.number if isinstance(record, Article) else record.id)


def read_held(crm: CrmConnection, hook: str, key: str) -> Any:
    """Read a record through the plugin.

    Args:
        crm: The connection.
        hook: One of `READS`.
        key: The record's key; an article's number.
    """
    match hook:
        case "fetch_customer":
            return crm.fetch_customer(key, context())
        case "fetch_deal":
            return crm.fetch_deal(key, None, context())
        case "fetch_order":
            return crm.fetch_order(key, context())
    return article(crm, key)


def all_events(crm: CrmConnection, cursor: str | None) -> tuple[list[CrmEvent], str | None]:
    """Read, and let go where the feed is used up by reading, as the engine does, to the end."""
    events: list[CrmEvent] = []
    for _ in range(_MOST_PAGES):
        page = crm.fetch_events(cursor, context())
        events += page.events
        if crm.can("acknowledge_events"):
            crm.acknowledge_events(page, context())
        cursor = page.next_cursor if page.next_cursor is not None else cursor
        if not page.more:
            return events, cursor
    raise AssertionError(f"the feed has not come to an end after {_MOST_PAGES} pages")


def article_pages(crm: CrmConnection, since: datetime | None) -> Iterator[Page[Article]]:
    """Give the pages of articles that changed since a moment (aware; None for all), to the end."""
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = crm.fetch_articles(since, cursor, context())
        yield page
        if page.next_cursor is None:
            return
        assert page.next_cursor != cursor, "the cursor does not move"
        cursor = page.next_cursor
    raise AssertionError(f"the list of articles has not come to an end after {_MOST_PAGES} pages")


def all_companies(crm: CrmConnection) -> Iterator[Page[Company]]:
    """Give the pages of all companies, to the end."""
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = crm.fetch_companies(cursor, context())
        yield page
        if page.next_cursor is None:
            return
        assert page.next_cursor != cursor, "the cursor does not move"
        cursor = page.next_cursor
    raise AssertionError(f"the list of companies has not come to an end after {_MOST_PAGES} pages")


def article(crm: CrmConnection, number: str | None) -> Article:
    """Give the one article of a number, from the list of all."""
    found = [each for page in article_pages(crm, None) for each in page.items if each.number == number]
    assert len(found) == 1, f"the CRM shows {len(found)} articles of the number {number}, not one"
    return found[0]


def without(state: Any, passing: frozenset[str]) -> Any:
    """Give the state without members that tell of requests rather than of records."""
    match state:
        case dict():
            return {name: without(value, passing) for name, value in state.items() if name not in passing}
        case list():
            return [without(value, passing) for value in state]
    return state
