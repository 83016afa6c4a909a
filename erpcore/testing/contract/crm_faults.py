"""Rules E09 and H06 for CRMs: each request of a call is struck, and several threads use one connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from erpcore.errors import ErpcoreError
from erpcore.models import Company, WriteBack
from erpcore.testing.bench import Bench, FaultName, attempt, context
from erpcore.testing.contract.base import needs
from erpcore.testing.contract.crm_base import CrmBase, without
from erpcore.testing.contract.crm_fields import KINDS, writable, written_kinds
from erpcore.testing.contract.lending import Lending, at_once
from erpcore.testing.samples import Samples
from erpcore.testing.tap import Answer

_MOST_REQUESTS = 12


class CrmFaults(CrmBase):
    """Rule E09."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations that write records."""
        yield from super().cases(rule)
        if rule == "E09":
            yield from ((name, name) for name in cls.writes() if name != "subscribe_events")

    def test_E09_whichever_request_fails_the_record_is_whole(self, bench: Bench, case: str, samples: Samples) -> None:
        """Whichever request of a call fails, at whatever moment, one record is there in the end, and it is whole."""
        bench.hurried = True
        said = bench.said(self.ready(bench.crm(), case, samples), watch=True)
        whole = without(bench.state(), self.passing)
        for at, request in enumerate(said[:_MOST_REQUESTS]):
            faults: tuple[FaultName, ...] = ("error_before",)
            if request.changed:
                faults += ("lose_answer", "error_after")
            for fault in faults:
                bench.reset()
                act = self.ready(bench.crm(), case, samples)
                bench.strike(at, fault)
                error = attempt(act, ErpcoreError)
                where = f"{fault} at request {at} of {case}"
                if error is None:
                    assert without(bench.state(), self.passing) == whole, f"{where}: it is said to be done, and is not"
                bench.tap.clear()
                self.ready(bench.crm("again"), case, samples)()
                state = without(bench.state(), self.passing)
                assert state == whole, f"{where}: done again, the CRM holds something else than undisturbed"
            if any(earlier.changed for earlier in said[:at]):
                self._down_from(bench, case, at, samples, whole)

    def _down_from(self, bench: Bench, case: str, at: int, samples: Samples, whole: Any) -> None:
        """The CRM is down from a request on until the call is over."""
        bench.reset()
        act = self.ready(bench.crm(), case, samples)
        answers = (each.answer for each in self.native_errors if each.situation == "unavailable")
        bench.answer(next((each for each in answers if isinstance(each, Answer)), Answer(503)), at)
        if attempt(act, ErpcoreError) is None:
            stands = without(bench.state(), self.passing)
            assert stands == whole, f"{case} is said to be done, though the CRM was down from request {at} on"
        bench.tap.clear()
        self.ready(bench.crm("again"), case, samples)()
        assert without(bench.state(), self.passing) == whole, f"{case} is not made good after request {at} was refused"


class CrmLending(Lending, CrmBase):
    """Rule H06 for CRMs."""

    @needs("fetch_customer")
    def test_H06_each_thread_reads_what_it_asked_for(self, bench: Bench, samples: Samples) -> None:
        """Several threads use one connection at once, and each reads and writes what is its own."""
        crm = bench.crm()
        keys = [company.id for company in self.held_of(Company)]
        read = at_once(lambda at: crm.fetch_customer(keys[at % len(keys)], context()).id, bench)
        assert read == [keys[at % len(keys)] for at in range(len(read))]
        for kind in written_kinds(type(self)) if crm.can("write_back") else ():
            if not writable(crm.plugin.field_maps.get(f"{kind}_write_back")):
                continue
            records = [str(each.id) for each in self.held_of(KINDS[kind])]
            numbers = [f"70{at}" for at, _ in enumerate(records)]
            name = "order_number" if kind == "order" else "erp_id"
            told = [
                WriteBack.model_validate({"record_kind": kind, "record_id": key, name: number})
                for key, number in zip(records, numbers, strict=True)
            ]
            at_once(lambda at, told=told: crm.write_back(told[at % len(told)], context()), bench)  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            stands = [getattr(self.held_write_back(bench, kind, key), name) for key in records]
            assert stands == numbers, f"told to {records} over one connection: {numbers}, and {stands} stands there"
