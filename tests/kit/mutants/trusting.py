"""Plugins that trust what they know: a token of others, a number of old, a look-up of an hour ago, a table's own word.

A second author, who wrote a plugin from the pages alone, got each of them through the contract as it was then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory import fields, ledger
from erpcore_memory.plugin import MemoryPlugin
from erpcore_poweroffice.plugin import PowerOfficePlugin

from erpcore.errors import ConflictError
from erpcore.fields import Field
from erpcore.hookspecs import hookimpl
from erpcore.host import SYSTEM_CLOCK
from erpcore.models import Ref
from erpcore.testing.contract import CallBench
from tests.kit.mutants.base import MEMORY, replaced, with_maps, wrong_contract
from tests.kit.mutants.fortnox import FORTNOX
from tests.kit.mutants.poweroffice import POWEROFFICE


def _auth(plugin: FortnoxPlugin) -> Any:
    return plugin._client._api._auth


@wrong_contract("H07", base=FORTNOX)
class TellsNobodyThatItsTokensAreSecret(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        _auth(self).redactor.add = lambda secret, passing=False: None


@wrong_contract("H07", base=FORTNOX)
class HidesOnlyTheTokensThatItHasBought(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        auth = _auth(self)

        def use(token):
            auth._token = token
            return token

        auth._use = use


@wrong_contract("H08", base=FORTNOX)
class GoesOnWithATokenOfOthers(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        _auth(self)._ours = lambda token: token


@wrong_contract("H09", base=FORTNOX)
class LooksAtTheMachinesClock(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        auth = _auth(self)
        auth._clock = auth.endpoint._clock = SYSTEM_CLOCK


@wrong_contract("H09", base=FORTNOX)
class UsesATokenUntilItIsRefused(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        _auth(self)._fresh = lambda token: True


@wrong_contract("H10", base=FORTNOX)
class WaitsAsLongAsItLikes(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings.model_copy(update={"request_seconds": 60.0}), host)


@wrong_contract("T01", base=FORTNOX)
class TakesNoPaymentForAChange(FortnoxPlugin):
    @hookimpl
    def fetch_invoices(self, changed_since, cursor, context):
        page = FortnoxPlugin.fetch_invoices(self, changed_since, cursor, context)
        left = tuple(each for each in page.items if changed_since is None or each.payment_date is None)
        return page.model_copy(update={"items": left})


@wrong_contract("P04", base=FORTNOX)
class PassesOverTheHourThatComesTwice(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._client.changed_since = self._in_swedish_time

    def _in_swedish_time(self, since):
        overlap = timedelta(seconds=self.settings.overlap_seconds)
        return since and (since - overlap).astimezone(ZoneInfo("Europe/Stockholm")).strftime("%Y-%m-%d %H:%M:%S")


@wrong_contract("O31", base=POWEROFFICE)
class LooksCustomersUpByTheirNumber(PowerOfficePlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        return PowerOfficePlugin.update_customer(self, Ref(number=customer_ref.number), customer, context)


@wrong_contract("O31", base=POWEROFFICE)
class LooksOrdersUpByTheirNumber(PowerOfficePlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        return PowerOfficePlugin.convert_to_invoice(self, Ref(number=order_ref.number), context)


class _Remembering(MemoryPlugin):
    """Asks for some things once."""

    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self._known: dict[str, Any] = {}

    def is_kept(self, function: str, arguments: dict[str, Any]) -> bool:
        raise TypeError("a mutant says what")

    def _read(self, function, arguments=None):
        if not self.is_kept(function, arguments or {}):
            return super()._read(function, arguments)
        key = f"{function} {arguments}"
        if key not in self._known:
            self._known[key] = super()._read(function, arguments)
        return self._known[key]


@wrong_contract("O33")
class ReadsARegisterOnce(_Remembering):
    def is_kept(self, function, arguments):
        return function == "codes"


@wrong_contract("O33")
class KnowsForEverWhatArticlesThereAre(_Remembering):
    def is_kept(self, function, arguments):
        return (arguments.get("register"), arguments.get("member")) == ("articles", "No")


@wrong_contract("O32")
class KnowsForEverWhatArticlesThereAreNot(MemoryPlugin):
    """Knows for ever which articles it has not found."""

    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        self.seen: dict[str, str] = {}

    def _make(self, model, function, document, context):
        for row in document.rows or ():
            if row.article_number and row.article_number not in self.seen:
                held = self._find("articles", "No", row.article_number)
                self.seen[row.article_number] = held[0]["No"] if held else "none"
        rows = [
            row.model_copy(update={"article_number": self.seen[row.article_number]}) if row.article_number else row
            for row in document.rows or ()
        ]
        return super()._make(model, function, document.model_copy(update={"rows": tuple(rows)}), context)


class Versioned(ledger.Ledger):
    """A program that takes a change only of what it shows still."""

    def call(self, function, arguments, key):
        if (seen := arguments.pop("Seen", None)) is not None:
            held = self._one("customers", arguments["No"])
            if held["Changed"] != seen:
                raise ledger.LedgerError("TAKEN", "Somebody has changed it meanwhile")
        return super().call(function, arguments, key)


class _Seeing(MEMORY):
    """The contract of a plugin that says what it has seen, in a program that asks for it."""

    @classmethod
    def make_bench(cls):
        books = Versioned("contract", "key-of-the-contract-company")
        ledger.install(books)
        return CallBench(
            cls.plugin_class,
            books,
            "call",
            {"company": "contract", "key": "key-of-the-contract-company"},
            lost=lambda: ConnectionResetError("the line broke"),
            broken=lambda: ledger.LedgerError("INTERNAL", "Broken inside"),
            ahead=lambda seconds: setattr(books, "ahead", timedelta(seconds=seconds)),
            lag=lambda seconds: setattr(books, "lag", timedelta(seconds=seconds)),
            credentials=1,
        )


@wrong_contract("E10", base=_Seeing)
class GivesUpWhereOthersHaveWritten(MemoryPlugin):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        held = next(each for each in self._find("customers", "No", customer_ref.number))
        payload = self.field_maps["customer"].to_native(customer, clearing=True)
        told = {**payload, "No": customer_ref.number, "Seen": held["Changed"]}
        return self._ref(self._write("change_customer", told, repeatable=True))


@wrong_contract("E10", base=_Seeing)
class SaysThatItIsDoneWhereOthersHaveWritten(GivesUpWhereOthersHaveWritten):
    @hookimpl
    def update_customer(self, customer_ref, customer, context):
        try:
            return GivesUpWhereOthersHaveWritten.update_customer(self, customer_ref, customer, context)
        except ConflictError:
            return self._ref({"No": customer_ref.number})


@wrong_contract("T05")
class ReadsTheDueDateFromTheDateInACall(MemoryPlugin):
    def _documents(self, register, field_map, query):
        found = super()._documents(register, field_map, query)
        dated = register == "invoices"
        return [each.model_copy(update={"due_date": each.invoice_date}) if dated else each for each in found]


@wrong_contract("T05", base=FORTNOX)
class ReadsThePaymentFromTheDueDate(FortnoxPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        found = FortnoxPlugin.find_invoices(self, query, context)
        return [each.model_copy(update={"payment_date": each.payment_date and each.due_date}) for each in found]


@wrong_contract("W01")
class ReadsTheDueDateFromTheDate(MemoryPlugin):
    field_maps = with_maps(
        invoice=replaced(fields.INVOICE, Field("due_date", "Date", read=date.fromisoformat, direction="read"))
    )


@wrong_contract("W01")
class WritesMailAsPhoneAndReadsItFromThere(MemoryPlugin):
    field_maps = with_maps(
        customer=replaced(fields.CUSTOMER, Field("email", "Phone", blank=""), Field("phone", "Mail", blank=""))
    )


@wrong_contract("W01")
class TurnsAFlagRoundBothWays(MemoryPlugin):
    field_maps = with_maps(
        customer=replaced(
            fields.CUSTOMER, Field("active", "Active", write=lambda yes: not yes, read=lambda yes: not yes)
        )
    )


@wrong_contract("W01", witnesses={})
class StatesNoWitnesses(MemoryPlugin):
    pass


_CUSTOMER = MEMORY.witnesses["customer"][0]


@wrong_contract("W01", witnesses={**MEMORY.witnesses, "customer": ()})
class StatesNoWitnessOfCustomers(MemoryPlugin):
    pass


@wrong_contract(
    "W02",
    witnesses={
        **MEMORY.witnesses,
        "customer": [
            replace(
                _CUSTOMER,
                record=_CUSTOMER.record.model_copy(update={"phone": "1001"}),
                sent={**(_CUSTOMER.sent or {}), "Phone": "1001"},
            )
        ],
    },
)
class StatesTwoFieldsOfOneValue(MemoryPlugin):
    pass
