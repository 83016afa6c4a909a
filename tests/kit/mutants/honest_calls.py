"""Plugins whose authors looked at one call at a time, undisturbed, on a quiet system."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory import fields, ledger
from erpcore_memory.plugin import MemoryPlugin

from erpcore.errors import RejectedError, RemoteError, UnavailableError
from erpcore.hookspecs import hookimpl
from erpcore.host import SYSTEM_CLOCK, MemoryBudget, MemoryTokenStore
from erpcore.models import ArticleSync, RecordRef
from tests.kit.mutants.base import honest, honest_with
from tests.kit.mutants.carrying import _Writing
from tests.kit.mutants.fortnox import FORTNOX

# ---- references


class _Keyed(MemoryPlugin):
    """Writes and searches our reference in a form of its own."""

    def key(self, reference):
        raise TypeError("a mutant says how")

    def _make(self, model, function, document, context):
        short = context.reference and self.key(context.reference)
        shown = {"reference": self.key(document.reference)} if document.reference else {}
        along = type(context)(context.correlation_id, short, context.keys)
        return super()._make(model, function, document.model_copy(update=shown), along)

    def _documents(self, register, field_map, query):
        if not query.reference:
            return super()._documents(register, field_map, query)
        return super()._documents(
            register, field_map, query.model_copy(update={"reference": self.key(query.reference)})
        )


@honest
class CutsReferencesAtTwenty(_Keyed):
    def key(self, reference):
        return reference[:20]


@honest
class CutsReferencesAtForty(_Keyed):
    def key(self, reference):
        return reference[:40]


@honest
class WritesReferencesWithoutDashes(_Keyed):
    def key(self, reference):
        return reference.replace("-", "")[:30]


@honest
class SearchesTheBeginningOfAReference(MemoryPlugin):
    def _documents(self, register, field_map, query):
        if not query.reference:
            return super()._documents(register, field_map, query)
        found = self._find(register, "Key", query.reference[:35])
        return [self._as(field_map, each) for each in found]

    def _as(self, field_map, record):
        return field_map.from_native(record)


@honest
class CutsTheKeyOfCustomersAtThirty(_Writing):
    def change(self, function, payload):
        if function == "add_customer" and payload.get("Key"):
            payload["Key"] = payload["Key"][:30]


# ---- two steps, and requests that fail


@honest
class MakesCustomersInTwoSteps(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        if function != "add_customer":
            return super()._write(function, payload, repeatable=repeatable)
        first = {name: payload[name] for name in ("Name", "Key", "No") if name in payload}
        made = super()._write(function, first)
        return super()._write("change_customer", {**payload, "No": made["No"]}, repeatable=True)


@honest
class MakesOrdersInTwoSteps(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        made = MemoryPlugin.create_order(self, order.model_copy(update={"remarks": None}), context)
        if order.remarks:
            self._annotate(made.number, order.remarks)
        return made

    def _annotate(self, number, text):
        books = ledger.company(self.settings.company)
        books._functions.setdefault("annotate", lambda record: books._change("orders", record))
        self._write("annotate", {"No": number, "Remarks": text}, repeatable=True)


@honest
class AddsPersonsInTwoSteps(MemoryPlugin):
    @hookimpl
    def create_contact_person(self, customer_ref, person, context):
        bare = person.model_copy(update={"phone": None, "email": None})
        made = MemoryPlugin.create_contact_person(self, customer_ref, bare, context)
        known = [each for each in self._persons(customer_ref) if each["No"] == made.number]
        if known and "Mail" not in known[0] and "Changed" in known[0] and person.email:
            self._write("change_person", {"No": made.number, "Mail": person.email}, repeatable=True)
        return made


@honest
class SwallowsAFailedSecondWrite(MakesCustomersInTwoSteps):
    def _write(self, function, payload, *, repeatable=False):
        try:
            return super()._write(function, payload, repeatable=repeatable)
        except RemoteError:
            if function != "add_customer":
                raise
            return {"No": self._find("customers", "Key", payload.get("Key", "?"))[0]["No"]}


@honest
class TakesAFailedSearchForNobody(MemoryPlugin):
    def _persons(self, customer):
        try:
            return super()._persons(customer)
        except RemoteError:
            return []


@honest
class TakesAFailedSearchForNoArticle(MemoryPlugin):
    @hookimpl
    def sync_articles(self, articles, context):
        try:
            return MemoryPlugin.sync_articles(self, articles, context)
        except UnavailableError:
            return ArticleSync(unchanged=tuple(each.number for each in articles))


@honest
class CallsAFailedLookBeforeAWriteARefusal(MemoryPlugin):
    @hookimpl
    def create_contact_person(self, customer_ref, person, context):
        try:
            return MemoryPlugin.create_contact_person(self, customer_ref, person, context)
        except UnavailableError as error:
            raise RejectedError(error.message) from error


@honest
class AsksAgainForEver(MemoryPlugin):
    def _read(self, function, arguments=None):
        for _ in range(60):
            try:
                return super()._read(function, arguments)
            except UnavailableError as error:
                last = error
        raise last


# ---- what erpcore lends, and threads


@honest
class KeepsTheCallOnItself(MemoryPlugin):
    @hookimpl
    def create_order(self, order, context):
        self._now = context
        self._find("customers", "No", order.customer_number or "")
        time.sleep(0.002)
        return self._make("order", "add_order", order, self._now)


@honest
class GoesOnWhenItIsToldToStop(MemoryPlugin):
    def _write(self, function, payload, *, repeatable=False):
        try:
            self.host.before_write(repeatable_call=repeatable)
        except Exception as error:
            payload = {**payload, "Note": f"sent although {error!r}"[:40]}
        return self._call(function, payload, write=True)


@honest
class DatesByTheMachine(_Writing):
    def change(self, function, payload):
        if payload.get("Date") == self.host.today().isoformat():
            payload["Date"] = date.today().isoformat()  # noqa: DTZ011 that is what is wrong with it


@honest_with(FORTNOX)
class HasABudgetOfItsOwn(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, _lent(host, budget=MemoryBudget(SYSTEM_CLOCK)))


@honest_with(FORTNOX)
class TellsNobodyOfItsRequests(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, _lent(host, observer=lambda exchange: None))


@honest_with(FORTNOX)
class BuysATokenForEachConnection(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, _lent(host, tokens=MemoryTokenStore()))


@honest_with(FORTNOX)
class IsKnownByItsConnection(FortnoxPlugin):
    @hookimpl
    def identify_account(self, context):
        account = FortnoxPlugin.identify_account(self, context)
        return account.model_copy(update={"key": f"{account.key} at {time.monotonic_ns()}"})


def _lent(host: Any, **changes: Any) -> Any:
    return replace(host, **changes)


# ---- persons and articles


@honest
class ChangesTheFirstPerson(MemoryPlugin):
    @hookimpl
    def update_contact_person(self, customer_ref, person_ref, person, context):
        first = self._persons(customer_ref)[0]
        known = person_ref.model_copy(update={"number": first["No"], "key": first["No"]})
        return MemoryPlugin.update_contact_person(self, customer_ref, known, person, context)


@honest
class ShowsPersonsOfNumbersThatBeginAlike(MemoryPlugin):
    def _persons(self, customer):
        return self._find("persons", "Customer", customer.number)


@honest
class TakesOneFirstNameForOnePerson(MemoryPlugin):
    @hookimpl
    def create_contact_person(self, customer_ref, person, context):
        for held in self._persons(customer_ref):
            if held.get("Last") == person.last_name:
                return self._person_ref(held)
        return MemoryPlugin.create_contact_person(self, customer_ref, person, context)


@honest
class FindsAnArticleByAPartOfItsText(MemoryPlugin):
    @hookimpl
    def find_articles(self, query, context):
        found = MemoryPlugin.find_articles(self, query, context)
        if found or not query.description:
            return found
        return [fields.ARTICLE.from_native(each) for each in self._find("articles", "Text", query.description[:30])]


@honest
class GivesAnOldNumberBack(MemoryPlugin):
    seen: ClassVar[dict[str, str]] = {}

    @hookimpl
    def create_customer(self, customer, context):
        made = MemoryPlugin.create_customer(self, customer, context)
        return RecordRef(number=self.seen.setdefault(f"{customer.name} {context.reference}", made.number))
