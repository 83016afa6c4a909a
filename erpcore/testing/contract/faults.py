"""Rule E09: each request of a call is struck, not the writes alone."""

from __future__ import annotations

from typing import Any

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError
from erpcore.fields import Field
from erpcore.models import Customer, Ref
from erpcore.plugin import EffectKind
from erpcore.testing.bench import FaultName, attempt, context, full_reference
from erpcore.testing.contract.effects import Attempts, Effects, made_by, record_of
from erpcore.testing.contract.erp_calls import CREATES, found, send
from erpcore.testing.samples import WRITES, entries

_NAMES = frozenset({"number", "key", "reference", "external_reference", "order_number", "ocr", "changed_at"})
"""What differs between two records that were made alike."""
_MOST_REQUESTS = 12


class Faults(Effects):
    """Rule E09."""

    def test_E09_whichever_request_fails_the_record_is_whole(self, tries: Attempts) -> None:
        """Whichever request of a call fails, at whatever moment, one record is there in the end, and it is whole."""
        bench, kind = tries.bench, tries.bench.erp().effect(tries.operation).kind
        bench.hurried = True
        tries.record = _full(tries)
        before, erp = bench.counts(), bench.erp()
        numbers: list[str] = []
        said = bench.said(
            lambda: numbers.append(send(erp, tries.operation, tries.record, tries.samples, reference=tries.reference)),
            watch=True,
        )
        more = {name: many - before.get(name, 0) for name, many in bench.counts().items() if many != before.get(name)}
        whole = _shown(tries, numbers[0])
        for at, request in enumerate(said[:_MOST_REQUESTS]):
            faults: tuple[FaultName, ...] = ("error_before",)
            if request.changed:
                faults += ("lose_answer", "error_after")
            for fault in faults:
                self._struck_at(tries, at, fault, more, whole, kind)
            if tries.operation == "create_contact_person" and not request.changed:
                self._again(tries, at, more)

    def _struck_at(
        self, tries: Attempts, at: int, fault: FaultName, more: dict[str, int], whole: Any, kind: EffectKind
    ) -> None:
        tries.bench.reset()
        tries.record, tries.reference = _full(tries), full_reference(f"e09-{tries.operation}-{at}-{fault}")
        tries.bench.strike(at, fault)
        made = made_by(tries, tries.until_settled)
        where = f"{fault} at request {at} of {tries.operation}"
        assert made.more.items() <= more.items(), f"{where}: more than one was made: {made.more}"
        if kind is EffectKind.NONE and made.result is None:
            return
        assert made.result is not None, f"{where}: the strategy promises an answer, but a person had to decide"
        assert made.more == more, f"{where}: the system holds {made.more}, not {more}"
        seen = _shown(tries, tries.made)
        assert seen == whole, f"{where}: {_different(seen, whole)}"

    @staticmethod
    def _again(tries: Attempts, at: int, more: dict[str, int]) -> None:
        """What is there already is asked for again, while the look that would find it fails: nothing more is made."""
        bench = tries.bench
        bench.reset()
        record, reference = _full(tries), full_reference(f"e09-again-{tries.operation}-{at}")
        before, erp = bench.counts(), bench.erp()
        send(erp, tries.operation, record, tries.samples, reference=reference)
        bench.tap.clear()
        bench.strike(at, "error_before")
        attempt(lambda: send(erp, tries.operation, record, tries.samples, reference=reference), ErpcoreError)
        made = {name: many - before.get(name, 0) for name, many in bench.counts().items() if many != before.get(name)}
        assert made.items() <= more.items(), f"request {at} of {tries.operation} fails, and another is made: {made}"


def _full(tries: Attempts) -> Any:
    """A record with all that is carried, so that half of one is seen."""
    operation = tries.operation
    if operation == "convert_to_invoice":
        return record_of(tries.bench, operation, tries.samples)
    model = WRITES[operation]
    paths = [
        path
        for path, _, entry in entries(tries.bench.plugin_class.field_maps, model)
        if isinstance(entry, Field) and entry.direction == "both" and path not in ("number", "reference")
    ]
    if operation == "update_customer":
        return Customer(name="Ändrad Kund AB")
    values = {"number": "K-7004"} if model == "article" else {}
    paths = [path for path in paths if path != "external_reference"]
    return tries.samples.record(model, *paths, **values)


def _shown(tries: Attempts, number: str | None) -> Any:
    erp: ErpConnection = tries.bench.erp()
    operation = tries.operation
    if operation in ("create_contact_person", "update_contact_person") and erp.can("find_contact_persons"):
        other = operation == "update_contact_person"
        customer = tries.samples.customer(tries.samples.other_customer_number if other else None)
        persons = erp.find_contact_persons(Ref(number=customer.number, key=customer.key), context())
        return [each.model_dump(exclude=set(_NAMES)) for each in persons]
    maker = {"update_customer": "create_customer", "sync_articles": "create_article"}.get(operation, operation)
    maker = {"convert_to_invoice": "create_invoice"}.get(maker, maker)
    if maker not in CREATES or not erp.can(CREATES[maker]) or number is None:
        return None
    read = found(erp, maker, number).model_dump(exclude=set(_NAMES))
    return {**read, "rows": [{**row, "row_id": None} for row in read["rows"] or ()]} if "rows" in read else read


def _different(seen: Any, whole: Any) -> str:
    """Say what of a record is not as it is undisturbed."""
    if not (isinstance(seen, dict) and isinstance(whole, dict)):
        return f"{seen} in place of {whole}"
    names = sorted(name for name in seen.keys() | whole.keys() if seen.get(name) != whole.get(name))
    return ", ".join(f"{name} is {seen.get(name)!r}, and undisturbed {whole.get(name)!r}" for name in names)
