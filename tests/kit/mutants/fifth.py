"""A fifth set of honest plugins: those of the fourth that no rule caught, and their neighbours, for the ERP."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from erpcore_fortnox.plugin import FortnoxPlugin
from erpcore_memory import fields
from erpcore_memory.plugin import MemoryPlugin
from erpcore_poweroffice.plugin import PowerOfficePlugin

from erpcore.errors import OutcomeUnknownError, RejectedError, RemoteError
from erpcore.fields import OMIT, Computed, Rows, digits, rounded
from erpcore.hookspecs import hookimpl
from erpcore.http import ListPage
from erpcore.models import Account, RecordRef, Ref
from tests.kit.mutants.base import honest, honest_with, replaced, with_maps
from tests.kit.mutants.fortnox import FORTNOX
from tests.kit.mutants.fourth import Payloads
from tests.kit.mutants.poweroffice import POWEROFFICE
from tests.kit.mutants.trusting import _auth


def _discounts(percent: Any) -> Any:
    rows = {}
    for model, row in (("order", fields.ORDER_ROW), ("invoice", fields.INVOICE_ROW)):
        own = next(entry for entry in row.entries if entry.name == "discount_amount")
        assert isinstance(own, Computed)
        changed = Computed("discount_amount", own.native, percent, own.reason, own.read, own.loss)
        rows[f"{model}_row"] = replaced(row, changed)
    order = replaced(fields.ORDER, Rows("rows", "Rows", rows["order_row"]))
    invoice = replaced(fields.INVOICE, Rows("rows", "Rows", rows["invoice_row"]))
    return with_maps(order=order, invoice=invoice, **rows)


def _exact(row: Any) -> Any:
    gross = (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0))
    if row.discount_amount and gross:
        return row.discount_amount / gross * 100
    return row.discount_percent


def _both(row: Any) -> Any:
    exact = _exact(row)
    if row.discount_amount and row.discount_percent:
        exact += row.discount_percent
    return OMIT if exact is None else digits(rounded(2).apply(exact))


def _at_most_all(row: Any) -> Any:
    exact = _exact(row)
    return OMIT if exact is None else digits(min(Decimal(100), rounded(2).apply(exact)))


@honest
class TakesADiscountOffTwice(MemoryPlugin):
    field_maps = _discounts(_both)


@honest
class CutsADiscountAtAllOfIt(MemoryPlugin):
    field_maps = _discounts(_at_most_all)


@honest
class MakesUpADueDay(MemoryPlugin):
    @hookimpl
    def find_invoices(self, query, context):
        month = timedelta(days=30)
        return [
            each
            if each.due_date or not each.invoice_date
            else each.model_copy(update={"due_date": each.invoice_date + month})
            for each in MemoryPlugin.find_invoices(self, query, context)
        ]


@honest
class CallsEveryCustomerActive(MemoryPlugin):
    @hookimpl
    def fetch_customers(self, cursor, context):
        page = MemoryPlugin.fetch_customers(self, cursor, context)
        named = tuple(each.model_copy(update={"email": each.email or "post@example.com"}) for each in page.items)
        return page.model_copy(update={"items": named})


@honest
class KeepsThePayloadOnItself(MemoryPlugin):
    def _make(self, model, function, document, context):
        self._payload = self.field_maps[model].to_native(document, today=self.host.today())
        self._find("customers", "No", document.customer_number or "")
        payload = self._payload
        if context.reference:
            payload["Key"] = context.reference
        return self._ref(self._write(function, payload))


@honest
class ChoosesPersonsByTheirPlace(MemoryPlugin):
    @hookimpl
    def update_contact_person(self, customer_ref, person_ref, person, context):
        own = self._persons(customer_ref)
        place = int(person_ref.number) - 1 if person_ref.number.isdigit() else -1
        if 0 <= place < len(own):
            person_ref = Ref(number=own[place]["No"], key=own[place]["No"])
        return MemoryPlugin.update_contact_person(self, customer_ref, person_ref, person, context)


@honest
class TellsTheOrdersNumberForTheInvoices(MemoryPlugin):
    @hookimpl
    def convert_to_invoice(self, order_ref, context):
        try:
            return MemoryPlugin.convert_to_invoice(self, order_ref, context)
        except OutcomeUnknownError:
            return RecordRef(number=order_ref.number)


@honest
class TellsTheNewestForWhatItHasMade(MemoryPlugin):
    def _ref(self, record):
        if isinstance(record, dict) and not record.get("No"):
            return RecordRef(number="1")
        return MemoryPlugin._ref(self, record)


@honest
class TakesWhatListsLeaveOutForEmpty(MemoryPlugin):
    @hookimpl
    def find_customers(self, query, context):
        found = MemoryPlugin.find_customers(self, query, context)
        many = len(found) > 10
        return [each.model_copy(update={"email": None, "phone": None}) if many else each for each in found]


@honest
class PutsOurKeyWherePeopleLook(Payloads):
    function = "add_order"

    def change(self, payload):
        return {"Remarks": f"CRM {payload.get('Key')}", **payload} if "Key" in payload else payload


@honest
class RepeatsTheRecordInARefusal(MemoryPlugin):
    def _write(self, function: str, payload: dict[str, Any], *, repeatable: bool = False) -> Any:
        try:
            return MemoryPlugin._write(self, function, payload, repeatable=repeatable)
        except RejectedError as error:
            raise RejectedError(
                f"{error.message} It was told: {payload}", vendor_text=error.vendor_text, vendor_code=error.vendor_code
            ) from error


@honest_with(POWEROFFICE)
class ReadsMomentsByTheMachine(PowerOfficePlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        page, changed = self._client.page, "LastChangedDateTimeOffset"

        def listed(*given, **named):
            found = page(*given, **named)
            items = [
                {**each, changed: _by_the_machine(each[changed])} if each.get(changed) else each for each in found.items
            ]
            return ListPage(items, found.next_cursor)

        self._client.page = listed


def _by_the_machine(written: str) -> str:
    moment = datetime.fromisoformat(written)
    return written if moment.tzinfo else moment.astimezone().isoformat()


@honest_with(FORTNOX)
class IsKnownByItsName(FortnoxPlugin):
    @hookimpl
    def identify_account(self, context):
        account = FortnoxPlugin.identify_account(self, context)
        return Account(key=account.name, name=account.name, currency=account.currency)


@honest_with(FORTNOX)
class HidesATokenFromTheSecondRequestOn(FortnoxPlugin):
    def __init__(self, settings, host) -> None:
        super().__init__(settings, host)
        redactor, waiting = _auth(self).redactor, []
        add = redactor.add

        def later(secret, passing=False) -> None:
            for each in waiting:
                add(each, passing=True)
            waiting[:] = [secret]

        redactor.add = later
        page = self._client.page
        get = self._client.get

        def after(act):
            def asked(*given, **named):
                done = act(*given, **named)
                for each in waiting:
                    add(each, passing=True)
                return done

            return asked

        self._client.page, self._client.get = after(page), after(get)


@honest
class SortsListsByTheirLastChange(MemoryPlugin):
    def _page(self, register, since, cursor):
        records, following = MemoryPlugin._page(self, register, since, None)
        while following:
            more, following = MemoryPlugin._page(self, register, since, following)
            records += more
        records.sort(key=lambda record: record["Changed"])
        start = int(cursor or 0)
        return records[start : start + 3], str(start + 3) if start + 3 < len(records) else None


@honest
class ConcludesTheTermsFromTheCountry(Payloads):
    function = "add_customer"

    def change(self, payload):
        return {**payload, "Terms": "10"} if payload.get("Country") not in (None, "SE") else payload


@honest_with(FORTNOX)
class SaysNothingOfAPriceThatFailed(FortnoxPlugin):
    @property
    def _articles(self):
        articles = super()._articles
        write = articles._write_price

        def silent(number, price) -> None:
            with suppress(RemoteError):
                write(number, price)

        articles._write_price = silent
        return articles
