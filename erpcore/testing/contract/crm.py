"""`CrmContract`: all rules for a plugin for a CRM."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any, ClassVar

import pytest

from erpcore.connection import CrmConnection
from erpcore.errors import ErpcoreError, NotFoundError, RecordError, RejectedError, WebhookRefusedError
from erpcore.models import InvoiceStanding, WebhookRequest, WriteBack
from erpcore.testing.bench import Bench, FaultName, attempt, context
from erpcore.testing.contract.base import Situation, needs
from erpcore.testing.contract.crm_base import SUBSCRIBED, WrittenKind, all_events, read_held, without
from erpcore.testing.contract.crm_events import CrmEvents
from erpcore.testing.contract.crm_faults import CrmFaults, CrmLending
from erpcore.testing.contract.crm_fields import KINDS, CrmFields, written_kinds
from erpcore.testing.contract.crm_lists import CrmLists
from erpcore.testing.contract.crm_odd import CrmOdd
from erpcore.testing.contract.crm_orders import CrmOrders
from erpcore.testing.contract.crm_stores import CrmStores
from erpcore.testing.contract.crm_values import CrmValues
from erpcore.testing.contract.declaration import Declaration
from erpcore.testing.contract.errors import Errors
from erpcore.testing.contract.guard import Guard
from erpcore.testing.contract.recordings import Recordings
from erpcore.testing.contract.refusing import CrmRefusing
from erpcore.testing.contract.signing_in import SigningIn
from erpcore.testing.samples import Samples
from erpcore.testing.tap import Answer

_FAULTS: tuple[FaultName, ...] = ("lose_answer", "error_before")
_READS = ("fetch_deal", "fetch_customer", "fetch_order")
_STARTS_NOTHING = ("other", "deal_changed")
_SEVERAL = 7
_MORE_THAN_ONCE = 2
"""Twice, since a second may end in between."""
_LATER = 3_600.0
_AGAIN = timedelta(seconds=30)
_PROOFS = re.compile("sign|secret|token|hmac|auth|key")
_BROKEN_DELIVERIES: dict[str, bytes] = {
    "empty": b"",
    "garbage": b"\x00\xff\xfe not a delivery",
    "html": b"<html></html>",
    "list": b"[1, 2, 3]",
    "number": b"7",
    "deep": b"[" * 5_000,
    "huge": b'{"a": "' + b"x" * 5_000_000 + b'"}',
}


class CrmContract(
    Declaration,
    CrmFields,
    CrmStores,
    CrmValues,
    CrmFaults,
    CrmRefusing,
    CrmLists,
    CrmOdd,
    CrmEvents,
    CrmOrders,
    CrmLending,
    SigningIn,
    Errors,
    Recordings,
    Guard,
):
    """Inherit this, and state what `Contract` and `CrmBase` ask for."""

    repeatable: ClassVar[bool] = True

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the reads, and the broken deliveries."""
        yield from super().cases(rule)
        if rule in ("S01", "S02"):
            yield from ((name, name) for name in _READS if name in cls.operations())
        if rule == "S24" and "write_back" in cls.operations():
            yield from ((f"write_back-{kind}", kind) for kind in written_kinds(cls))
        if rule == "S24" and "show_invoices" in cls.operations():
            yield from ((f"show_invoices-{each.record_kind}", each) for each in cls.standings)
        if rule == "S09" and "receive_events" in cls.operations():
            yield from ((name, name) for name in _BROKEN_DELIVERIES)

    @classmethod
    def can_write(cls) -> bool:
        """Whether it can write back."""
        return "write_back" in cls.operations() and bool(cls.write_backs)

    @classmethod
    def read(cls, connection: Any, samples: Samples) -> Any:
        """Read a company."""
        return connection.fetch_customer(cls.first_key("fetch_customer"), context())

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
        key = self.first_key(case)
        record = read_held(one, case, key)
        assert record.id == key
        assert read_held(one, case, key) == record
        assert read_held(two, case, key) == record

    def test_S02_an_unknown_record_is_not_found(self, bench: Bench, case: str) -> None:
        """Reading what is not there is a NotFoundError that names it."""
        key = self.first_key(case)
        unknown = key[:-3] + ("404" if key[-3:] != "404" else "405")
        with pytest.raises(NotFoundError) as caught:
            read_held(bench.crm(), case, unknown)
        assert unknown in str(caught.value), "the error does not say which record"
        assert not caught.value.retryable

    @needs("fetch_events")
    def test_S03_reading_events_uses_nothing_up(self, bench: Bench) -> None:
        """What happened is told with a key of its own, be it twice to one record, and told again when asked again."""
        crm = bench.crm()
        start = _to_the_end(crm)
        self.make_events(bench, 2)
        page = crm.fetch_events(start, context())
        assert len(page.events) >= 2, "two things happened, but the feed does not tell both"
        keys = [event.key for event in page.events]
        assert len(set(keys)) == len(keys), "two events share a key"
        again = bench.crm("again").fetch_events(start, context())
        assert [event.key for event in again.events] == keys, "reading has used events up, or their keys change"
        assert "again" in self.feed_acts, "tell in `feed_acts` how the same happens to a record once more"
        record = next(str(event.record_id) for event in page.events if event.record_id)
        known = {event.key for event in all_events(crm, start)[0]} | set(keys)
        for _ in range(_MORE_THAN_ONCE):
            self.feed_acts["again"](bench, record)
            news = {event.key for event in all_events(crm, start)[0]} - known
            assert news, f"it happens to {record} once more within the second, and has the key of the first time"
            known |= news

    @needs("fetch_events")
    def test_S04_every_event_comes_once_to_the_end(self, bench: Bench) -> None:
        """Many events come in order, each once over all pages; the feed comes to an end, and goes on from there."""
        crm = bench.crm(**self.paging)
        start = _to_the_end(crm)
        self.make_events(bench, 9)
        events, end = all_events(crm, start)
        keys = [event.key for event in events]
        assert len(keys) >= 9
        assert len(set(keys)) == len(keys), "an event came twice"
        times = [event.happened_at for event in events if event.happened_at is not None]
        assert times == sorted(times), "events do not come oldest first"
        self.make_events(bench, 1)
        later, _ = all_events(crm, end)
        assert {event.key for event in later} - set(keys), "what happened after the end is not told"

    @needs("fetch_events", "acknowledge_events")
    def test_S05_letting_go_takes_only_what_was_stored(self, bench: Bench) -> None:
        """Letting a page go, be it by two who have read it, lets go of its events and of none that came later."""
        crm = bench.crm(**self.paging)
        self.make_events(bench, 1)
        end = _to_the_end(crm)
        told_before = {event.key for event in crm.fetch_events(end, context()).events}
        self.make_events(bench, 1)
        events, end = all_events(crm, end)
        usual = len({event.key for event in events} - told_before)
        # The last page is read, more happens, and only then is the page let go.
        page = crm.fetch_events(end, context())
        self.make_events(bench, 1)
        crm.acknowledge_events(page, context())
        seen = {event.key for event in (*events, *page.events)} | told_before
        later = {event.key for event in all_events(crm, end)[0]} - seen
        assert len(later) == usual, f"{usual} events happened after the page was read, but {len(later)} are told"
        # Two processes read the same page, and each lets it go.
        start = _to_the_end(crm)
        told_before = {event.key for event in crm.fetch_events(start, context()).events}
        self.make_events(bench, _SEVERAL)
        both = [bench.crm(name, **self.paging) for name in ("one", "two")]
        pages = [each.fetch_events(start, context()) for each in both]
        for each, read in zip(both, pages, strict=True):
            each.acknowledge_events(read, context())
        left = {event.key for event in all_events(both[0], pages[0].next_cursor or start)[0]}
        told = {event.key for read in pages for event in read.events} | left
        assert len(told - told_before) == usual * _SEVERAL, (
            f"two let the same page go, and of {usual * _SEVERAL} events {len(told - told_before)} are told"
        )

    @needs("write_back", data=["write_backs"])
    def test_S06_telling_twice_is_the_same_as_once(self, bench: Bench) -> None:
        """What is written back stands in the CRM, told again it changes nothing more, and it starts no new work."""
        crm = bench.crm()
        told, followed = all_events(crm, None) if "fetch_events" in self.operations() else ([], None)
        before = bench.state()
        for values in self.write_backs:
            assert crm.write_back(values, context()), "the contract's write-back has no field in the CRM"
            once = bench.state()
            assert once != before, "nothing is changed in the CRM"
            bench.advance(_LATER)
            bench.crm("again").write_back(values, context())
            assert without(bench.state(), self.passing) == without(once, self.passing), (
                "telling it again changes something"
            )
            before = bench.state()
        if followed is not None:
            known = {event.key for event in told}
            news = [event for event in all_events(crm, followed)[0] if event.key not in known and not event.history]
            starting = [event.key for event in news if event.kind not in _STARTS_NOTHING]
            assert not starting, f"what was written back is told as something that starts work: {starting}"

    @needs("write_back", data=["write_backs"])
    def test_S07_a_lost_answer_can_be_told_again(self, bench: Bench) -> None:
        """When a write-back fails with nobody knowing whether it was done, telling it again ends in the same state."""
        values = self.write_backs[0]
        crm = bench.crm()
        sent = bench.said(lambda: crm.write_back(values, context()), watch=True)
        once = without(bench.state(), self.passing)
        writes = [number for number, request in enumerate(sent) if request.changed]
        assert writes, "nothing is changed in the CRM"
        for at, fault in product(writes, _FAULTS):
            bench.reset()
            crm = bench.crm()
            bench.strike(at, fault)
            attempt(partial(crm.write_back, values, context()), ErpcoreError)
            bench.tap.clear()
            assert crm.write_back(values, context())
            assert without(bench.state(), self.passing) == once, f"after {fault} it does not stand in the CRM once"

    def test_S24_nobody_is_told_of_what_is_gone(self, bench: Bench, case: WrittenKind | InvoiceStanding) -> None:
        """What is told about a record that is not there is refused, or said not to be written."""
        key = case.record_id if isinstance(case, InvoiceStanding) else str(self.held_of(KINDS[case])[0].id)
        unknown = key[:-3] + ("404" if key[-3:] != "404" else "405")
        before = bench.state()
        told: list[bool] = []
        if isinstance(case, InvoiceStanding):
            standing = case.model_copy(update={"record_id": unknown, "colour": "red"})
            error = attempt(lambda: told.append(bench.crm().show_invoices(standing, context())), ErpcoreError)
        else:
            gone = WriteBack(record_kind=case, record_id=unknown, erp_id="4711", order_number="4711", status="synced")
            error = attempt(lambda: told.append(bench.crm().write_back(gone, context())), ErpcoreError)
        refused = isinstance(error, RejectedError | RecordError | NotFoundError)
        assert told == [False] or refused, f"there is no record {unknown}: {told or error!r}"
        assert without(bench.state(), self.passing) == without(before, self.passing)

    @needs("receive_events")
    def test_S08_a_delivery_twice_is_one_event(self, bench: Bench) -> None:
        """A delivery is read into events without a request, and delivered twice they have the same keys."""
        crm = bench.crm()
        request = self.delivery(bench)
        keys: list[list[str]] = []
        sent = bench.said(
            lambda: keys.extend([event.key for event in crm.receive_events(request, context())] for _ in range(2))
        )
        assert not sent, f"a delivery waits for its answer, and the CRM is asked: {[each.what for each in sent]}"
        assert keys[0], "the contract's delivery holds no event"
        assert keys[0] == keys[1]
        again = request.model_copy(update={"received_at": request.received_at + _AGAIN})
        later = [event.key for event in crm.receive_events(again, context())]
        assert later == keys[0], f"delivered again {_AGAIN} later, its events have other keys"

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
        """A delivery without its whole proof, a path or a signature, is refused as 401, 403 or 404; a stale one too."""
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
        for name, wrong in _nearly_proven(crm, good):
            near = attempt(lambda wrong=wrong: crm.receive_events(wrong, context()), WebhookRefusedError)  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            assert isinstance(near, WebhookRefusedError), f"it is believed with {name} that is only nearly right"
            assert near.status in (401, 403, 404)
        if self.delivery_lasts is not None:
            late = good.received_at + timedelta(seconds=self.delivery_lasts + 60)
            with pytest.raises(WebhookRefusedError):
                crm.receive_events(good.model_copy(update={"received_at": late}), context())

    @needs("subscribe_events")
    def test_S11_subscribing_twice_makes_one_subscription(self, bench: Bench) -> None:
        """Asking twice to have events delivered to an address gives the same subscription; for another one, another."""
        crm = bench.crm()
        other = crm.subscribe_events(f"{SUBSCRIBED}0", context())
        assert crm.subscribe_events(SUBSCRIBED, context()) != other, "the subscription for another address is taken"
        assert crm.subscribe_events(SUBSCRIBED, context()) == crm.subscribe_events(SUBSCRIBED, context())
        assert crm.subscribe_events(f"{SUBSCRIBED}0", context()) == other, "the subscription of another address is gone"

    @needs("check_connection")
    def test_S12_the_connection_tells_how_it_stands(self, bench: Bench) -> None:
        """`check_connection` of a healthy CRM has no error; whatever is refused is an error in the report."""
        report = bench.crm().check_connection(context())
        assert report.checks, "nothing was looked at"
        assert report.ok, [check for check in report.checks if check.state == "error"]
        for error in self.native_errors:
            if error.situation in ("credentials", "right") and isinstance(error.answer, Answer):
                bench.reset()
                crm = bench.crm()
                bench.answer(error.answer)
                assert not crm.check_connection(context()).ok, f"all is well, though “{error.situation}” is refused"


def _to_the_end(crm: CrmConnection) -> str | None:
    return all_events(crm, None)[1]


def _nearly_proven(crm: CrmConnection, good: WebhookRequest) -> Iterator[tuple[str, WebhookRequest]]:
    """Give deliveries whose proof, a header or the path, is cut or goes on after its end."""
    headers = {name: value for name, value in good.headers.items() if _PROOFS.search(name.lower())}
    for name, value in headers.items():
        for near in (value[:-1], f"{value}0", value[: len(value) // 2]):
            yield f"a header {name}", good.model_copy(update={"headers": {**good.headers, name: near}})
    if headers:
        yield "a body", good.model_copy(update={"body": good.body + b" "})
    bare = good.model_copy(update={"headers": {name: good.headers[name] for name in good.headers.keys() - headers}})
    if attempt(lambda: crm.receive_events(bare, context()), WebhookRefusedError) is None:
        for path in (good.path[:-1], f"{good.path}0", f"{good.path}{good.path[-1]}"):
            yield "a path", good.model_copy(update={"path": path})
