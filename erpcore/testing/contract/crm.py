"""`CrmContract`: all rules for a plugin for a CRM."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any, ClassVar

import pytest

from erpcore.connection import CrmConnection
from erpcore.errors import ErpcoreError, NotFoundError, WebhookRefusedError
from erpcore.fields import Field
from erpcore.models import Article, CrmEvent, Invoice, Page, WebhookRequest, WriteBack
from erpcore.registry import Kind
from erpcore.testing.bench import Bench, FaultName, attempt, context
from erpcore.testing.contract.base import Situation, needs
from erpcore.testing.contract.declaration import Declaration
from erpcore.testing.contract.errors import Errors
from erpcore.testing.contract.guard import Guard
from erpcore.testing.contract.recordings import Recordings
from erpcore.testing.samples import Samples, entries, shown

_MOST_PAGES = 40
_ARTICLES = 7
_NUMBER = "K-7001"
# Each another one, so that none can stand in the place of another.
_AMOUNTS = {
    "net": Decimal("400.25"),
    "vat": Decimal("100.06"),
    "total": Decimal("500.31"),
    "balance": Decimal("120.50"),
}
_FAULTS: tuple[FaultName, ...] = ("lose_answer", "error_before")
_READS = ("fetch_deal", "fetch_customer", "fetch_order")
_BROKEN_DELIVERIES: dict[str, bytes] = {
    "empty": b"",
    "garbage": b"\x00\xff\xfe not a delivery",
    "html": b"<html></html>",
    "list": b"[1, 2, 3]",
    "number": b"7",
    "deep": b"[" * 5_000,
    "huge": b'{"a": "' + b"x" * 5_000_000 + b'"}',
}


class CrmContract(Declaration, Errors, Recordings, Guard):
    """Inherit this, and state what `Contract` asks for, and these.

    Attributes:
        deal_id: A deal that is there; None when the CRM keeps none.
        company_id: A company that is there.
        order_id: An order that is there; None when the CRM keeps none.
        write_backs: What can be told about a record that is there.
        passing: Members of the bench's state that tell of requests and times rather than of records.
    """

    kind: ClassVar[Kind] = "crm"
    repeatable: ClassVar[bool] = True
    deal_id: ClassVar[str | None] = None
    company_id: ClassVar[str] = ""
    order_id: ClassVar[str | None] = None
    write_backs: ClassVar[tuple[WriteBack, ...]] = ()
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
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the reads, and the broken deliveries."""
        yield from super().cases(rule)
        if rule in ("S01", "S02"):
            known = {"fetch_deal": cls.deal_id, "fetch_customer": cls.company_id, "fetch_order": cls.order_id}
            yield from ((name, name) for name in _READS if name in cls.operations() and known[name])
        if rule == "S09" and "receive_events" in cls.operations():
            yield from ((name, name) for name in _BROKEN_DELIVERIES)

    @classmethod
    def can_write(cls) -> bool:
        """Whether it can write back."""
        return "write_back" in cls.operations() and bool(cls.write_backs)

    @classmethod
    def read(cls, connection: Any, samples: Samples) -> Any:
        """Read a company."""
        return connection.fetch_customer(cls.company_id, context())

    @classmethod
    def write(cls, connection: Any, samples: Samples, situation: Situation | None = None) -> Any:
        """Write back what the contract gives first."""
        return connection.write_back(cls.write_backs[0], context())

    @pytest.fixture
    def samples(self, contract_samples: Samples) -> Samples:
        """No samples: a CRM's records are there already."""
        return contract_samples

    def test_S01_a_record_is_read_as_often_as_asked(self, bench: Bench, case: str) -> None:
        """A record is read with its key, twice the same, and by another connection the same."""
        one, two = bench.crm("one"), bench.crm("two")
        key = self._known(case)
        record = _read(one, case, key)
        assert record.id == key
        assert _read(one, case, key) == record
        assert _read(two, case, key) == record

    def test_S02_an_unknown_record_is_not_found(self, bench: Bench, case: str) -> None:
        """Reading what is not there is a NotFoundError that names it."""
        key = self._known(case)
        unknown = key[:-3] + ("404" if key[-3:] != "404" else "405")
        with pytest.raises(NotFoundError) as caught:
            _read(bench.crm(), case, unknown)
        assert unknown in str(caught.value), "the error does not say which record"
        assert not caught.value.retryable

    @needs("fetch_events")
    def test_S03_reading_events_uses_nothing_up(self, bench: Bench) -> None:
        """What happened is told with a key of its own, and told again when the same is asked again."""
        crm = bench.crm()
        start = _to_the_end(crm)
        self.make_events(bench, 2)
        page = crm.fetch_events(start, context())
        assert len(page.events) >= 2, "two things happened, but the feed does not tell both"
        keys = [event.key for event in page.events]
        assert len(set(keys)) == len(keys), "two events share a key"
        again = bench.crm("again").fetch_events(start, context())
        assert [event.key for event in again.events] == keys, "reading has used events up, or their keys change"

    @needs("fetch_events")
    def test_S04_every_event_comes_once_to_the_end(self, bench: Bench) -> None:
        """Many events come in order, each once over all pages; the feed comes to an end, and goes on from there."""
        crm = bench.crm(**self.paging)
        start = _to_the_end(crm)
        self.make_events(bench, 9)
        events, end = _all_events(crm, start)
        keys = [event.key for event in events]
        assert len(keys) >= 9
        assert len(set(keys)) == len(keys), "an event came twice"
        times = [event.happened_at for event in events if event.happened_at is not None]
        assert times == sorted(times), "events do not come oldest first"
        self.make_events(bench, 1)
        later, _ = _all_events(crm, end)
        assert {event.key for event in later} - set(keys), "what happened after the end is not told"

    @needs("fetch_events", "acknowledge_events")
    def test_S05_letting_go_takes_only_what_was_stored(self, bench: Bench) -> None:
        """Letting a page go lets go of its events and of no event that came after it was read."""
        crm = bench.crm(**self.paging)
        self.make_events(bench, 1)
        end = _to_the_end(crm)
        told_before = {event.key for event in crm.fetch_events(end, context()).events}
        self.make_events(bench, 1)
        events, end = _all_events(crm, end)
        usual = len({event.key for event in events} - told_before)
        # The last page is read, more happens, and only then is the page let go.
        page = crm.fetch_events(end, context())
        self.make_events(bench, 1)
        crm.acknowledge_events(page, context())
        seen = {event.key for event in (*events, *page.events)} | told_before
        later = {event.key for event in _all_events(crm, end)[0]} - seen
        assert len(later) == usual, f"{usual} events happened after the page was read, but {len(later)} are told"

    @needs("write_back", data=["write_backs"])
    def test_S06_telling_twice_is_the_same_as_once(self, bench: Bench) -> None:
        """What is written back stands in the CRM, and told again it changes nothing more."""
        crm = bench.crm()
        before = bench.state()
        for values in self.write_backs:
            assert crm.write_back(values, context()), "the contract's write-back has no field in the CRM"
            once = bench.state()
            assert once != before, "nothing is changed in the CRM"
            bench.crm("again").write_back(values, context())
            assert _without(bench.state(), self.passing) == _without(once, self.passing), (
                "telling it again changes something"
            )
            before = bench.state()

    @needs("write_back", data=["write_backs"])
    def test_S07_a_lost_answer_can_be_told_again(self, bench: Bench) -> None:
        """When a write-back fails with nobody knowing whether it was done, telling it again ends in the same state."""
        values = self.write_backs[0]
        crm = bench.crm()
        sent = bench.said(lambda: crm.write_back(values, context()), watch=True)
        once = _without(bench.state(), self.passing)
        writes = [number for number, request in enumerate(sent) if request.changed]
        assert writes, "nothing is changed in the CRM"
        for at, fault in product(writes, _FAULTS):
            bench.reset()
            crm = bench.crm()
            bench.strike(at, fault)
            attempt(partial(crm.write_back, values, context()), ErpcoreError)
            bench.tap.clear()
            assert crm.write_back(values, context())
            assert _without(bench.state(), self.passing) == once, f"after {fault} it does not stand in the CRM once"

    @needs("receive_events")
    def test_S08_a_delivery_twice_is_one_event(self, bench: Bench) -> None:
        """A delivery is read into events, and delivered twice they have the same keys."""
        crm = bench.crm()
        request = self.delivery(bench)
        keys = [[event.key for event in crm.receive_events(request, context())] for _ in range(2)]
        assert keys[0], "the contract's delivery holds no event"
        assert keys[0] == keys[1]

    def test_S09_a_broken_delivery_is_refused(self, bench: Bench, case: str) -> None:
        """A delivery that nobody can read is refused with a status of 4xx; it never becomes another error."""
        crm = bench.crm()
        request = self.delivery(bench).model_copy(update={"body": _BROKEN_DELIVERIES[case]})
        with pytest.raises(WebhookRefusedError) as caught:
            crm.receive_events(request, context())
        assert 400 <= caught.value.status < 500
        assert len(str(caught.value)) < 500

    @needs("receive_events")
    def test_S10_a_delivery_without_proof_is_not_believed(self, bench: Bench) -> None:
        """The same body without what proves it (the secret path or the signature) is refused as 401, 403 or 404."""
        crm = bench.crm()
        good = self.delivery(bench)
        assert crm.receive_events(good, context())
        for wrong in (
            good.model_copy(update={"path": good.path[:-4] + "0000", "headers": {}, "query": {}}),
            good.model_copy(update={"path": "/", "headers": {}, "query": {}}),
        ):
            with pytest.raises(WebhookRefusedError) as caught:
                crm.receive_events(wrong, context())
            assert caught.value.status in (401, 403, 404)

    @needs("subscribe_events")
    def test_S11_subscribing_twice_makes_one_subscription(self, bench: Bench) -> None:
        """Asking twice to have events delivered to an address gives the same subscription."""
        crm = bench.crm()
        address = "https://erpcore.invalid/webhooks/contract/0123456789abcdef0123456789abcdef"
        assert crm.subscribe_events(address, context()) == crm.subscribe_events(address, context())

    @needs("check_connection")
    def test_S12_the_connection_tells_how_it_stands(self, bench: Bench) -> None:
        """`check_connection` of a healthy CRM has no error."""
        report = bench.crm().check_connection(context())
        assert report.checks, "nothing was looked at"
        assert report.ok, [check for check in report.checks if check.state == "error"]

    @needs("store_invoice")
    def test_S13_an_invoice_is_stored_once(self, bench: Bench, samples: Samples) -> None:
        """An invoice is stored by its number, stored twice it is one, and it is read back equal to what was sent."""
        crm = bench.crm()
        paths = _carried(crm, "invoice")
        amounts = {name: amount for name, amount in _AMOUNTS.items() if name in paths}
        invoice = samples.record("invoice", *paths, number=_NUMBER, **amounts)
        assert isinstance(invoice, Invoice)
        ref = crm.store_invoice(invoice, context())
        assert ref.number == _NUMBER
        once = bench.state()
        assert bench.crm("again").store_invoice(invoice, context()) == ref
        assert _without(bench.state(), self.passing) == _without(once, self.passing), (
            "storing it again changes something"
        )
        held = [each for each in self.held_invoices(bench) if each.number == _NUMBER]
        assert len(held) == 1, f"the CRM holds {len(held)} invoices of the number, not one"
        assert len(held[0].rows or ()) == len(invoice.rows or ())
        assert _different(crm, invoice, held[0], paths) == {}

    @needs("store_article", "fetch_articles")
    def test_S14_an_article_is_stored_once_and_changed(self, bench: Bench, samples: Samples) -> None:
        """An article is stored by its number, stored twice it is one, is read back equal, and changed values change."""
        crm = bench.crm()
        paths = _carried(crm, "article")
        assert {"description", "price"} & set(paths), "neither description nor price of an article is carried"
        article = samples.record("article", *paths, number=_NUMBER)
        assert isinstance(article, Article)
        ref = crm.store_article(article, context())
        assert ref.number == _NUMBER
        once = bench.state()
        assert bench.crm("again").store_article(article, context()) == ref
        assert _without(bench.state(), self.passing) == _without(once, self.passing), (
            "storing it again changes something"
        )
        assert _different(crm, article, _stored_article(crm), paths) == {}
        changed = article.model_copy(update={"description": "Ändrad artikel", "price": Decimal("88.25")})
        assert crm.store_article(changed, context()) == ref, "a changed article is another record"
        assert _different(crm, changed, _stored_article(crm), paths) == {}

    @needs("store_article", "fetch_articles")
    def test_S15_articles_come_once_and_by_their_change(self, bench: Bench, samples: Samples) -> None:
        """Articles come in pages, each once to the end; asked since a moment, those changed since come and no older."""
        crm = bench.crm(**self.paging)
        old = _store_articles(crm, samples, range(1))
        bench.advance(30 * 86_400)
        new = _store_articles(crm, samples, range(1, _ARTICLES))
        pages = list(_article_pages(crm, None))
        assert len(pages) > 1, "seven articles came on one page: state settings for small pages in `paging`"
        numbers = [str(article.number) for page in pages for article in page.items]
        assert len(numbers) == len(set(numbers)), "an article came twice"
        assert old | new <= set(numbers), "an article did not come"
        moment = datetime.now(UTC) + timedelta(days=29, hours=23)
        for zone in (UTC, timezone(timedelta(hours=-9)), timezone(timedelta(hours=11))):
            since = {str(each.number) for page in _article_pages(crm, moment.astimezone(zone)) for each in page.items}
            assert new <= since, f"a changed article is missing when asked in zone {zone}"
            assert not old & since, f"an unchanged article came when asked in zone {zone}"
        later = moment + timedelta(days=30)
        assert [each for page in _article_pages(crm, later) for each in page.items] == [], "nothing has changed since"

    def _known(self, case: str) -> str:
        known = {"fetch_deal": self.deal_id, "fetch_customer": self.company_id, "fetch_order": self.order_id}
        return str(known[case])


def _read(crm: CrmConnection, case: str, key: str) -> Any:
    reads: dict[str, Callable[[], Any]] = {
        "fetch_deal": lambda: crm.fetch_deal(key, None, context()),
        "fetch_customer": lambda: crm.fetch_customer(key, context()),
        "fetch_order": lambda: crm.fetch_order(key, context()),
    }
    return reads[case]()


def _all_events(crm: CrmConnection, cursor: str | None) -> tuple[list[CrmEvent], str | None]:
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


def _to_the_end(crm: CrmConnection) -> str | None:
    return _all_events(crm, None)[1]


def _carried(crm: CrmConnection, model: str) -> list[str]:
    """The fields that the plugin writes, and reads back with the same value."""
    maps = crm.plugin.field_maps
    both = [path for path, _, entry in entries(maps, model) if isinstance(entry, Field) and entry.direction == "both"]
    assert both, f"the field map of the {model} carries nothing"
    return both


def _different(crm: CrmConnection, sent: Invoice | Article, held: Any, paths: Sequence[str]) -> dict[str, Any]:
    """What was sent and what stands there, of the fields that differ without that being told as a loss."""
    told = {loss.field.replace("rows[0]", "rows") for loss in crm.losses(sent)}
    pairs = {path: (shown(sent, path)[1], shown(held, path)[1]) for path in paths if path not in told}
    return {path: values for path, values in pairs.items() if values[0] != values[1]}


def _stored_article(crm: CrmConnection) -> Article:
    found = [each for page in _article_pages(crm, None) for each in page.items if each.number == _NUMBER]
    assert len(found) == 1, f"the CRM shows {len(found)} articles of the number, not one"
    return found[0]


def _store_articles(crm: CrmConnection, samples: Samples, numbers: range) -> set[str]:
    base = samples.base("article")
    articles = [Article(**{**base, "number": f"SIDA-{number}", "price": Decimal(number + 1)}) for number in numbers]
    return {str(crm.store_article(article, context()).number) for article in articles}


def _article_pages(crm: CrmConnection, since: datetime | None) -> Iterator[Page[Article]]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = crm.fetch_articles(since, cursor, context())
        yield page
        if page.next_cursor is None:
            return
        assert page.next_cursor != cursor, "the cursor does not move"
        cursor = page.next_cursor
    raise AssertionError(f"the list of articles has not come to an end after {_MOST_PAGES} pages")


def _without(state: Any, passing: frozenset[str]) -> Any:
    """The state without members that tell of requests rather than of records."""
    match state:
        case dict():
            return {name: _without(value, passing) for name, value in state.items() if name not in passing}
        case list():
            return [_without(value, passing) for value in state]
    return state
