"""Plugins that state something wrong about themselves, or bend the contract."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pytest
from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin
from pydantic import Field

from erpcore.fields import Unsupported
from erpcore.hookspecs import hookimpl
from erpcore.models import Account
from erpcore.plugin import CONTRACT_VERSION, Deviation, PluginSettings
from erpcore.starts import Start
from erpcore.testing.contract import ErpContract
from tests.kit.mutants.base import MEMORY, MUTANTS, Mutant, replaced, with_maps, wrong_contract


@wrong_contract("D01")
class HasNoEntryPoint(MemoryPlugin):
    name = "nobody_installed_it"


@wrong_contract("D02")
class IsOfAnotherContractVersion(MemoryPlugin):
    contract_version = CONTRACT_VERSION + 1


@wrong_contract("D03")
class MisspellsAHook(MemoryPlugin):
    @hookimpl
    def fetch_invoice(self, changed_since, cursor, context):
        return None


@wrong_contract("D03")
class YieldsInsteadOfReturning(MemoryPlugin):
    @hookimpl
    def list_register(self, register, context):
        yield from MemoryPlugin.list_register(self, register, context)


@wrong_contract("D03")
class LeavesOutTheContext(MemoryPlugin):
    @hookimpl
    def find_customers(self, query):
        return []


@wrong_contract("D04")
class StatesNoStrategyForAWrite(MemoryPlugin):
    effects: ClassVar = {name: effect for name, effect in MemoryPlugin.effects.items() if name != "create_invoice"}


@wrong_contract("D05")
class HasNoMapForContactPersons(MemoryPlugin):
    field_maps: ClassVar = {name: table for name, table in MemoryPlugin.field_maps.items() if name != "contact_person"}


@wrong_contract("D15")
class HasNoPlaceForAName(MemoryPlugin):
    field_maps = with_maps(customer=replaced(fields.CUSTOMER, Unsupported("name", reason="not built", not_built=True)))


@wrong_contract("D06")
class GivesNoReason(MemoryPlugin):
    field_maps = with_maps(customer=replaced(fields.CUSTOMER, Unsupported("website", reason="")))


class _OpenSettings(PluginSettings):
    company: str = Field(description="Name of the company")
    key: str = Field(description="The company's key")


@wrong_contract("D07")
class KeepsASecretAsText(MemoryPlugin):
    Settings: ClassVar = _OpenSettings


@wrong_contract("D08")
class ShowsItsKey(MemoryPlugin):
    def __repr__(self) -> str:
        return f"Plugin({self.settings.key.get_secret_value()})"


@wrong_contract("D10")
class AsksWhileItIsBuilt(MemoryPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._read("company")


@wrong_contract("D12")
class IsAnotherAccountEachTime(MemoryPlugin):
    asked = 0

    @hookimpl
    def identify_account(self, context):
        self.asked += 1
        return Account(key=f"session {self.asked}")


@wrong_contract("D12")
class IsKnownByNothing(MemoryPlugin):
    @hookimpl
    def identify_account(self, context):
        return Account(name=self._read("company")["Name"])


@wrong_contract("D12")
class ReadsALotToKnowItsAccount(MemoryPlugin):
    @hookimpl
    def identify_account(self, context):
        self._read("company")
        return Account(key=self._read("company")["Name"])


@wrong_contract("D12")
class NamesItsAccountUnasked(MemoryPlugin):
    @hookimpl
    def identify_account(self, context):
        return Account(key="whoever has this key")


@wrong_contract("D12")
class PromisesItsCurrencyAndDoesNotTellIt(MemoryPlugin):
    tells_currency = True

    @hookimpl
    def identify_account(self, context):
        return Account(key=f"company {self._read('company')['Name']}")


@wrong_contract("D13")
class SaysNothingOfWhatPollsCost(MemoryPlugin):
    poll_costs: ClassVar = {"fetch_articles": "a call for every three articles that have changed"}


@wrong_contract("D14")
class BeginsWithAFieldThatIsNotThere(MemoryPlugin):
    starts: ClassVar = {"order.projects": Start(date(2031, 1, 1), "projects of orders (the program's news, 2030)")}


@wrong_contract("D14")
class BeginsWithoutAReason(MemoryPlugin):
    starts: ClassVar = {"create_invoice": Start(date(2031, 1, 1), "")}


@wrong_contract("O16")
class SaysThatItsDraftsAreInvoices(MemoryPlugin):
    makes: ClassVar = {"create_invoice": "invoice", "convert_to_invoice": "invoice"}


@wrong_contract("F11")
class FillsInAnotherDayThanItSays(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        if payload.get("Date") == self.host.today().isoformat():
            payload = {**payload, "Date": "2001-01-01"}
        return super()._write(function, payload, repeatable=repeatable)


@wrong_contract("F12")
class FillsInWhatItCallsRequired(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        if function == "add_customer":
            payload = {"Name": "Unknown", **payload}
        return super()._write(function, payload, repeatable=repeatable)


def _bent(name: str, rule: str, **attributes: object) -> None:
    if deviations := attributes.pop("deviations", None):
        attributes["plugin_class"] = type(f"{name}Plugin", (MemoryPlugin,), {"deviations": deviations})
    MUTANTS.append(Mutant(name, rule, type(f"Test{name}", (MEMORY,), {"__module__": __name__, **attributes})))


_bent("OverridesARule", "G01", test_F04_an_unsupported_field_is_not_sent_and_is_told=lambda self: None)
_bent("DeletesARule", "G01", test_O07_a_reference_is_found_exactly=None)
_bent("ReplacesTheCasesOfRules", "G01", cases=classmethod(lambda cls, rule: iter(())))
_bent("DeviatesWithoutAReason", "G02", deviations=(Deviation("O15", "because"),))
_bent("DeviatesFromARuleThatIsNot", "G02", deviations=(Deviation("X99", "the system cannot do this at all"),))
_bent("SkipsByHand", "G03", pytestmark=pytest.mark.skip(reason="later"))
_bent("GivesNoErrorExamples", "G04", native_errors=())
_SILENT = {name: value for name, value in vars(MEMORY).items() if name not in ("paging", "__dict__", "__weakref__")}
MUTANTS.append(
    Mutant(
        "SaysNothingOfPages",
        "G04",
        type("TestSaysNothingOfPages", (ErpContract,), {**_SILENT, "__module__": __name__}),
    )
)
_NO_CODES = "its terms have no codes at all"
_bent(
    "DeviatesFromAllThatTriesAnOperation",
    "G05",
    deviations=(
        *(Deviation(rule, _NO_CODES) for rule in ("O15", "O28")),
        *(Deviation(rule, _NO_CODES, case="list_register") for rule in ("E12", "H01", "H05", "H12", "R08", "O33")),
    ),
)
_bent("DeviatesFromWhatItKeeps", "O15", deviations=(Deviation("O15", "it is said not to list its terms of payment"),))
