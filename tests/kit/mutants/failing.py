"""Plugins that do the wrong thing when something goes wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from erpcore_memory import ledger
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    MalformedReplyError,
    OutcomeUnknownError,
    RejectedError,
    UnavailableError,
)
from erpcore.hookspecs import hookimpl
from erpcore.models import RecordRef
from erpcore.plugin import Effect, EffectKind
from tests.kit.mutants.base import MEMORY, MUTANTS, Mutant, wrong_contract


@wrong_contract("E01")
class TakesItsOwnSuccessForGarbage(MemoryPlugin):
    @hookimpl
    def create_invoice(self, invoice, context):
        ref = MemoryPlugin.create_invoice(self, invoice, context)
        raise MalformedReplyError(f"The answer has no member Id, only {ref.number}.")


@wrong_contract("E02")
class DoesNotSendOurReference(MemoryPlugin):
    def _make(self, model, function, document, context):
        return self._ref(self._write(function, self.field_maps[model].to_native(document)))


@wrong_contract("E02")
class CannotFindWhatItMade(MemoryPlugin):
    @hookimpl
    def find_orders(self, query, context):
        return []


@wrong_contract("E02")
class CallsALostAnswerOutOfReach(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        try:
            return super()._write(function, payload, repeatable=repeatable)
        except OutcomeUnknownError as error:
            self.host.had_no_effect()
            raise UnavailableError(error.message) from None


@wrong_contract("E03")
class TakesAServerErrorForARefusal(MemoryPlugin):
    def _told(self, function, error, internal):
        return super()._told(function, error, RejectedError)


_BY_NAME = Effect(EffectKind.BUSINESS_KEY, 0.0, "the person's name")


@wrong_contract("E02")
class PromisesThatPersonsCanBeRepeated(MemoryPlugin):
    effects: ClassVar = {**MemoryPlugin.effects, "create_contact_person": _BY_NAME}

    @hookimpl
    def create_contact_person(self, customer_ref, person, context):
        payload = self.field_maps["contact_person"].to_native(person)
        return self._person_ref(self._write("add_person", {**payload, "Customer": customer_ref.number}))


@wrong_contract("E04")
class TakesAServerErrorForADuplicate(MemoryPlugin):
    def _told(self, function, error, internal):
        return super()._told(function, error, ConflictError)


@wrong_contract("E05")
class FindsInvoicesByNumberOnly(MemoryPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        return MemoryPlugin.find_invoices(self, query, context) if query.number else []


@wrong_contract("E06")
class SignsTheOtherWorkerOut(MemoryPlugin):
    newest: ClassVar[list[MemoryPlugin]] = []

    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self.newest[:] = [self]

    def _call(self, function, arguments):
        if self.newest != [self]:
            raise ledger.LedgerError("KEY", "Somebody else has signed in since")
        return super()._call(function, arguments)


@wrong_contract("E07")
class RepeatsAWriteBlindly(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        try:
            return super()._write(function, payload, repeatable=repeatable)
        except OutcomeUnknownError:
            return super()._write(function, payload, repeatable=repeatable)


@wrong_contract("E08")
class HasNoFence(MemoryPlugin):
    effects: ClassVar = {
        name: Effect(effect.kind, 0.0, effect.why) if effect.kind is EffectKind.SEARCHABLE_REFERENCE else effect
        for name, effect in MemoryPlugin.effects.items()
    }


class _Telling(MemoryPlugin):
    def _told(self, function, error, internal):
        told = super()._told(function, error, internal)
        return self.told(told, error)

    def told(self, told, error):
        raise TypeError("a mutant says how")


@wrong_contract("R01")
class HasTheWrongClassForAMissingRecord(_Telling):
    def told(self, told, error):
        return RejectedError(told.message, vendor_text=error.text) if error.code == "MISSING" else told


@wrong_contract("R01")
class DropsTheSystemsWords(_Telling):
    def told(self, told, error):
        told.vendor_text = None
        return told


@wrong_contract("R01")
class DropsTheSystemsCode(_Telling):
    def told(self, told, error):
        told.vendor_code = None
        return told


@wrong_contract("R01")
class CallsARefusalRetryable(_Telling):
    def told(self, told, error):
        if error.code == "VALUE":
            told.retryable = True
        return told


@wrong_contract("R02")
class ForgetsTheWait(_Telling):
    def told(self, told, error):
        told.retry_after = None
        return told


@wrong_contract("R02")
class CallsAServerErrorAfterAWriteRetryable(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        return super()._write(function, payload, repeatable=True)


@wrong_contract("R03")
class LeaksItsKeyInAnError(_Telling):
    def told(self, told, error):
        told.detail = error.text  # what the core knows of an error, it hides by itself
        return told


@wrong_contract("R03")
class LeaksItsKeyInTheCause(MemoryPlugin):
    def _read(self, function, arguments=None):
        try:
            return super()._read(function, arguments)
        except Exception as error:
            raise error from ledger.LedgerError("VALUE", f"refused with {self.settings.key.get_secret_value()}")


@wrong_contract("R03")
class TellsItsKeyWithARequest(MemoryPlugin):
    def __init__(self, settings, host) -> None:
        tell, key = host.observer, settings.key.get_secret_value()
        super().__init__(settings, replace(host, observer=lambda told: tell(replace(told, request_body=f"key={key}"))))


@wrong_contract("R04")
class RetriesARefusal(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        try:
            return super()._write(function, payload, repeatable=repeatable)
        except RejectedError:
            return super()._write(function, payload, repeatable=repeatable)


@wrong_contract("R04")
class AsksOnWithARefusedKey(MemoryPlugin):
    def _read(self, function, arguments=None):
        for _ in range(4):
            try:
                return super()._read(function, arguments)
            except AuthenticationError:
                continue
        return super()._read(function, arguments)


@wrong_contract("R05")
class TakesGarbageForNothing(MemoryPlugin):
    def _find(self, register, member, part):
        try:
            return super()._find(register, member, part)
        except MalformedReplyError:
            return []


@wrong_contract("R05")
class LetsAnErrorOfItsOwnThrough(MemoryPlugin):
    def _find(self, register, member, part):
        return [
            record["No"] and record
            for record in self._read("find", {"register": register, "member": member, "part": part})
        ]


@wrong_contract("R06")
class TakesAnEmptyAnswerForSuccess(MemoryPlugin):
    def _ref(self, record):
        return super()._ref(record) if isinstance(record, dict) and record else RecordRef(number="?")


_RECORDED = Path(__file__).parent / "recorded"
for _name, _rule in (
    ("CassetteSaysNotWhereItComesFrom", "C01"),
    ("CassetteHoldsAToken", "C02"),
    ("CassetteHoldsAPerson", "C02"),
    ("CassetteNamesARealHost", "C03"),
    ("CassetteOfNoTest", "C04"),
    ("CassetteMatchedWithoutItsBody", "C05"),
    ("CassetteWithAnAnswerLeftOver", "C06"),
):
    _own = {"cassettes": _RECORDED / _name / "cassettes", "__module__": __name__}
    MUTANTS.append(Mutant(_name, _rule, type(f"Test{_name}", (MEMORY,), _own)))
