"""Rules E09, E10 and E13: each request of a call is struck, others write in between, and what may come again does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal, cast

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError
from erpcore.fields import Field
from erpcore.host import asking_before_writes
from erpcore.models import Article, ContactPerson, Customer, Ref
from erpcore.plugin import EffectKind
from erpcore.sync.effect import Carried, ComeBackLater
from erpcore.testing.bench import Bench, FaultName, attempt, context, full_reference
from erpcore.testing.contract.effects import Attempts, Effects, grown, made_by, record_of
from erpcore.testing.contract.erp_calls import CREATES, found, send
from erpcore.testing.samples import WRITES, Samples, entries
from erpcore.testing.tap import Answer, Sent

_NAMES = frozenset({"number", "key", "reference", "external_reference", "order_number", "ocr", "changed_at"})
"""What differs between two records that were made alike."""
_GIVEN = frozenset({"number", "reference", "external_reference"})
_MOMENT = timedelta(seconds=1)
"""By which a system's day may begin after its plugins'."""
_MOST_REQUESTS = 12
_Fault = FaultName | Literal["down"]
"""What happens to a request; ``down``: to it and to all that follow it in the call."""


_CHANGES = ("update_customer", "update_contact_person", "sync_articles")
"""The writes that change what is there."""


class Faults(Effects):
    """Rules E09, E10 and E13."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the writes; for E10 those that change what is there."""
        yield from super().cases(rule)
        if rule == "E10":
            yield from ((name, name) for name in _CHANGES if name in cls.operations())

    def test_E10_a_change_by_others_in_between_is_gone_over(self, bench: Bench, case: str, samples: Samples) -> None:
        """Where others change the record between a call's look and its write, the call is done, or may come again."""
        bench.hurried = True
        first, erp, other = (bench.erp(name) for name in ("first", "contract", "other"))
        _change(other, case, "before", samples)
        back = bench.kept_now()
        sent = bench.said(lambda: _change(first, case, "ours", samples), watch=True)
        at = next((number for number, request in enumerate(sent) if request.changed), 0)
        back()
        bench.tap.clear()
        done: list[int] = []

        def meanwhile(number: int, sent: Sent) -> None:
            if number == at and not done:
                done.append(number)
                _change(other, case, "theirs", samples)

        bench.tap.script = meanwhile
        error = attempt(lambda: _change(erp, case, "ours", samples), ErpcoreError)
        bench.tap.clear()
        if error is not None:
            assert isinstance(error, ErpcoreError)
            assert error.retryable, (
                f"others have changed the record between the look and the write, and {error!r} comes out: read it "
                "again and write once more, or let the error be retryable"
            )
            _change(erp, case, "ours", samples)
        text = _text(first, case, samples)
        assert text is None or text.startswith("ours"), f"the call has said that it was done, and {text} stands there"

    def test_E09_whichever_request_fails_the_record_is_whole(self, tries: Attempts) -> None:
        """Whichever request of a call fails, at whatever moment, one record is there in the end, and it is whole."""
        bench, kind = tries.bench, tries.bench.silent.effect(tries.operation).kind
        bench.hurried = True
        day = (bench.now() - _MOMENT).date()
        tries.record = full_record(tries.bench, tries.operation, tries.samples)
        before, erp = bench.counts(), bench.erp()
        numbers: list[str] = []
        said = bench.said(
            lambda: numbers.append(send(erp, tries.operation, tries.record, tries.samples, reference=tries.reference)),
            watch=True,
        )
        more = grown(before, bench.counts())
        whole = shown_record(bench, tries.operation, tries.samples, numbers[0])
        for at, request in enumerate(said[:_MOST_REQUESTS]):
            faults: tuple[_Fault, ...] = ("error_before",)
            if request.changed:
                faults += ("lose_answer", "error_after")
            if any(earlier.changed for earlier in said[:at]):
                faults += ("down",)
            for fault in faults:
                self._struck_at(tries, at, fault, more, (whole, day), kind)
            if tries.operation == "create_contact_person" and not request.changed:
                self._again(tries, at, more)

    def test_E13_what_may_be_made_again_makes_nothing_more(self, tries: Attempts) -> None:
        """After a lost answer, a call whose write is marked as one that may come again makes nothing more by it."""
        bench, samples, operation = tries.bench, tries.samples, tries.operation
        bench.hurried = True
        # An article that the system numbers is another one each time.
        unnumbered = operation == "create_article" and "number" not in samples.base("article")
        for numbered in (True, False) if unnumbered else (True,):
            bench.reset()
            record = record_of(bench, operation, samples) if numbered else samples.record("article")
            sending = partial(send, bench.erp(), operation, record, samples, reference=tries.reference)
            more, marked = _marked(bench, sending)
            for at in marked:
                bench.reset()
                record = record_of(bench, operation, samples) if operation == "convert_to_invoice" else record
                before = bench.counts()
                bench.strike(at, "lose_answer")
                for _ in range(2):
                    again = partial(send, bench.erp(), operation, record, samples, reference=tries.reference)
                    attempt(again, ErpcoreError)
                    bench.tap.clear()
                made = grown(before, bench.counts())
                assert made.items() <= more.items(), (
                    f"request {at} of {operation} is marked as a write that may be made again, and made again after a "
                    f"lost answer it leaves {made}"
                )

    def _struck_at(
        self,
        tries: Attempts,
        at: int,
        fault: _Fault,
        more: dict[str, int],
        undisturbed: tuple[Any, date],
        kind: EffectKind,
    ) -> None:
        tries.bench.reset()
        record = full_record(tries.bench, tries.operation, tries.samples)
        tries.record, tries.reference = record, full_reference(f"e09-{tries.operation}-{at}-{fault}")
        if fault == "down":
            made = made_by(tries, lambda: self._down_from(tries, at))
        else:
            tries.bench.strike(at, fault)
            made = made_by(tries, tries.until_settled)
        where = f"{fault} at request {at} of {tries.operation}"
        assert made.more.items() <= more.items(), f"{where}: more than one was made: {made.more}"
        if made.result is None and (kind is EffectKind.NONE or fault == "down"):
            return
        assert made.result is not None, f"{where}: the strategy promises an answer, but a person had to decide"
        assert made.more == more, f"{where}: the system holds {made.more}, not {more}"
        seen, (whole, day) = shown_record(tries.bench, tries.operation, tries.samples, tries.made), undisturbed
        later = tries.bench.now().date() - day
        assert seen == whole or _dated_later(seen, whole, later), f"{where}: {_different(seen, whole)}"

    def _down_from(self, tries: Attempts, at: int) -> Carried | None:
        """Let the system be down from a request on until the call is over, and try again afterwards."""
        answers = (each.answer for each in self.native_errors if each.situation == "unavailable")
        tries.bench.answer(next((each for each in answers if isinstance(each, Answer)), Answer(503)), at)
        attempt(tries.once, ErpcoreError, ComeBackLater)
        tries.bench.tap.clear()
        return tries.until_settled()

    @staticmethod
    def _again(tries: Attempts, at: int, more: dict[str, int]) -> None:
        """What is there already is asked for again, while the look that would find it fails: nothing more is made."""
        bench = tries.bench
        bench.reset()
        record = full_record(bench, tries.operation, tries.samples)
        reference = full_reference(f"e09-again-{tries.operation}-{at}")
        before, erp = bench.counts(), bench.erp()
        send(erp, tries.operation, record, tries.samples, reference=reference)
        bench.tap.clear()
        bench.strike(at, "error_before")
        attempt(lambda: send(erp, tries.operation, record, tries.samples, reference=reference), ErpcoreError)
        made = grown(before, bench.counts())
        assert made.items() <= more.items(), f"request {at} of {tries.operation} fails, and another is made: {made}"


def _marked(bench: Bench, sending: Callable[[], object]) -> tuple[dict[str, int], list[int]]:
    """Give what a call makes, and which of its requests are writes that are marked as ones that may come again."""
    writes: dict[int, bool] = {}
    before = bench.counts()
    bench.tap.clear()
    with (
        asking_before_writes(lambda: writes.update({len(bench.tap.sent): True})),
        asking_before_writes(lambda: writes.update({len(bench.tap.sent): False}), repeatable=False),
    ):
        sending()
    return grown(before, bench.counts()), [at for at, is_marked in writes.items() if is_marked]


def _change(erp: ErpConnection, operation: str, text: str, samples: Samples) -> None:
    match operation:
        case "update_customer":
            erp.update_customer(samples.customer(), Customer(name=text), context())
        case "update_contact_person":
            person = Ref(number=samples.person.number, key=samples.person.key)
            customer = samples.customer(samples.other_customer_number)
            # Some systems know persons by their name.
            erp.update_contact_person(customer, person, ContactPerson(email=f"{text}@example.com"), context())
        case _:
            price = samples.value("article", "price")
            article = cast(Article, samples.record("article", number="K-7037", description=text, price=price))
            erp.sync_articles([article], context())


def _text(erp: ErpConnection, operation: str, samples: Samples) -> str | None:
    """Read what `_change` has written; None where nothing reads it."""
    match operation:
        case "update_customer" if erp.can("find_customers"):
            return str(found(erp, "create_customer", samples.customer_number).name)
        case "update_contact_person" if erp.can("find_contact_persons"):
            held = erp.find_contact_persons(samples.customer(samples.other_customer_number), context())
            return next((each.email for each in held if each.key == samples.person.key), None)
        case "sync_articles" if erp.can("find_articles"):
            return str(found(erp, "create_article", "K-7037").description)
    return None


def full_record(bench: Bench, operation: str, samples: Samples) -> Any:
    """Give what a write takes, with all that is sent, also what is never read back, so that half of one is seen.

    Args:
        bench: The system, in which an order is made where one is to be invoiced.
        operation: The write.
        samples: The numbers of what is there.
    """
    if operation == "convert_to_invoice":
        return record_of(bench, operation, samples)
    if operation == "update_customer":
        return Customer(name="Ändrad Kund AB")
    model = WRITES[operation]
    paths = [
        path
        for path, _, entry in entries(bench.plugin_class.field_maps, model)
        if isinstance(entry, Field) and entry.direction != "read" and path not in _GIVEN
    ]
    return samples.record(model, *paths, **({"number": "K-7004"} if model == "article" else {}))


def shown_record(bench: Bench, operation: str, samples: Samples, number: str | None) -> Any:
    """Give what reading shows of what a write made or changed, but for what differs between two that are alike.

    Args:
        bench: The system.
        operation: The write.
        samples: The numbers of what is there.
        number: The record's.

    Returns:
        None where nothing reads it.
    """
    erp: ErpConnection = bench.erp()
    if operation in ("create_contact_person", "update_contact_person") and erp.can("find_contact_persons"):
        other = operation == "update_contact_person"
        customer = samples.customer(samples.other_customer_number if other else None)
        persons = erp.find_contact_persons(Ref(number=customer.number, key=customer.key), context())
        return [each.model_dump(exclude=set(_NAMES)) for each in persons]
    maker = {"update_customer": "create_customer", "sync_articles": "create_article"}.get(operation, operation)
    maker = {"convert_to_invoice": "create_invoice"}.get(maker, maker)
    if maker not in CREATES or not erp.can(CREATES[maker]) or number is None:
        return None
    return unnamed(found(erp, maker, number))


def unnamed(record: Any) -> dict[str, Any]:
    """Give a record's values, but for what differs between two that were made alike.

    Args:
        record: What reading shows.
    """
    read: dict[str, Any] = record.model_dump(exclude=set(_NAMES))
    return {**read, "rows": [{**row, "row_id": None} for row in read["rows"] or ()]} if "rows" in read else read


def _dated_later(seen: Any, whole: Any, later: timedelta) -> bool:
    """Whether a record differs by the day alone, since it was made up to so many days later."""
    if not (later and isinstance(seen, dict) and isinstance(whole, dict)):
        return False
    changed = [(seen.get(name), value) for name, value in whole.items() if seen.get(name) != value]
    return all(
        isinstance(now, date) and isinstance(then, date) and timedelta() <= now - then <= later for now, then in changed
    )


def _different(seen: Any, whole: Any) -> str:
    """Say what of a record is not as it is undisturbed."""
    if not (isinstance(seen, dict) and isinstance(whole, dict)):
        return f"{seen} in place of {whole}"
    names = sorted(name for name in seen.keys() | whole.keys() if seen.get(name) != whole.get(name))
    return ", ".join(f"{name} is {seen.get(name)!r}, and undisturbed {whole.get(name)!r}" for name in names)
