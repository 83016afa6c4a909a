"""One sync's invoices on their way home: read from the ERP, kept in the mirror, told to the CRM.

Each part may be broken off anywhere and done again. A page and the place behind it are kept in one transaction; what is
to be told waits in the mirror until it has been told; telling the same twice changes nothing in the CRM, which finds
its copy by the invoice's number (`CrmHooks.store_invoice`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Literal

import sqlalchemy as sa

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import ConflictError, InvalidValueError, NotFoundError, RejectedError
from erpcore.hookspecs import Context
from erpcore.models import DocumentQuery, Invoice, InvoiceColour, InvoiceStanding, WriteBack
from erpcore.store import (
    Mirrored,
    MirroredInvoice,
    Owner,
    Store,
    Told,
    anothers_copy,
    companies_sharing,
    get_invoice,
    invoice_key,
    invoices_cursor,
    invoices_of_record,
    invoices_place,
    invoices_to_look_for,
    is_anything_to_tell,
    mirror_invoices,
    note_looked_for,
    now,
    owners_of,
    put_cursor,
    unsettled_of_companies,
)
from erpcore.sync.invoice.place import Place, after_page, beginning, going_on
from erpcore.sync.invoice.summary import NOTHING, summary_of
from erpcore.sync.repeat import repeatable
from erpcore.sync.shared import story
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.window import Window

_log = logging.getLogger(__name__)

LOOKED_FOR_AFTER = timedelta(days=1)
"""How long a draft goes without being looked for in the ERP."""
_LOOKED_FOR_AT_ONCE = 5


class InvoicesHome:
    """The invoices of one sync. One instance per process; safe for threads.

    Args:
        sync: Name of the sync.
        rules: Its rules.
        crm: The CRM.
        erp: The ERP.
        store: The store.
        siblings: All syncs between these two systems, this one among them: their links tell whose an invoice is.
        strangers: Syncs of other ERP databases into the same CRM, whose copies there are never written over.
        today: Today's date where the company is.
    """

    def __init__(
        self,
        sync: str,
        rules: SyncRules,
        crm: CrmConnection,
        erp: ErpConnection,
        store: Store,
        *,
        siblings: Collection[str],
        strangers: Collection[str],
        today: Callable[[], date],
    ) -> None:
        self.sync = sync
        self.rules = rules
        self.crm = crm
        self.erp = erp
        self.store = store
        self.cursor = invoices_cursor(sync)
        self.today = today
        self._siblings = tuple(siblings)
        self._strangers = tuple(strangers)
        self._context = Context(f"{sync}:invoices")

    def is_anything_to_do(self) -> bool:
        """Tell whether it is time to read, or the CRM is to be told of something; a look that writes nothing."""
        with self.store.read() as connection:
            told = is_anything_to_tell(connection, self.sync, self.today())
            kept, asked, at = self._noted(connection) if not told else (None, None, None)
        return kept is None or at is None or going_on(kept, self.rules, at, asked) is not None

    def _noted(self, connection: sa.Connection) -> tuple[str | None, datetime | None, datetime]:
        """Read how far was read, when somebody last asked for the invoices, and the present; all by the ERP's clock."""
        kept, asked = invoices_place(connection, self.erp.name, self.sync, self._siblings)
        theirs = self.erp.plugin.host.by_its_clock
        return kept, None if asked is None else theirs(asked), theirs(now(connection))

    def place(self) -> Place | None:
        """Give the place from which to read now; None when it is not time to."""
        with self.store.read() as connection:
            kept, asked, at = self._noted(connection)
        if kept is None:
            kept = beginning(self.rules, at).text
            with self.store.begin() as connection:
                put_cursor(connection, self.erp.name, self.cursor, kept)
        return going_on(kept, self.rules, at, asked)

    def fetch(self, place: Place) -> tuple[Sequence[Invoice], Place]:
        """Read a page from the ERP.

        Args:
            place: Where.

        Returns:
            Its invoices, without those that the rules leave alone, and the place after it.

        Raises:
            ErpcoreError: It cannot be read.
        """
        try:
            page = self.erp.fetch_invoices(place.changed_since, place.page, self._context)
        except (InvalidValueError, RejectedError):
            if place.page is None:
                raise
            # The ERP does not know the cursor any more: the round begins anew, and what it read before is known.
            place = place.model_copy(update={"page": None, "read": 0})
            page = self.erp.fetch_invoices(place.changed_since, None, self._context)
        first = self.rules.invoices_since
        wanted = [each for each in page.items if first is None or (each.invoice_date or first) >= first]
        return wanted, after_page(place, page.next_cursor, len(page.items))

    def keep(self, connection: sa.Connection, found: Sequence[Invoice]) -> Mirrored:
        """Put invoices into the mirror.

        Args:
            connection: Of a writing transaction.
            found: As the ERP showed them.
        """
        return mirror_invoices(
            connection, self.sync, list(zip(found, owners_of(connection, self._siblings, found), strict=True))
        )

    def look_for_drafts(self, hold: Callable[[sa.Connection], None]) -> int:
        """Ask the ERP for a few drafts that it was not asked for since a day.

        Lists of changes do not tell what was deleted: of a draft that the ERP does not have any more, the CRM is to be
        told.

        Args:
            hold: Asks in a transaction whether this worker may write.

        Returns:
            How many the ERP was asked for.

        Raises:
            ErpcoreError: The ERP does not answer.
        """
        with self.store.read() as connection:
            before = now(connection) - LOOKED_FOR_AFTER
        return len(self._look_for_some(before, hold, drafts=True))

    def look_for_all(self, hold: Callable[[sa.Connection], None]) -> Iterator[MirroredInvoice]:
        """Ask the ERP for every draft and every invoice that is not paid in full, as `look_for_drafts` does.

        Args:
            hold: As for `look_for_drafts`.

        Yields:
            Each as it stands in the mirror then.

        Raises:
            ErpcoreError: The ERP does not answer.
        """
        with self.store.read() as connection:
            began = now(connection)
        while some := self._look_for_some(began, hold, drafts=False):
            yield from some

    def _look_for_some(
        self, before: datetime, hold: Callable[[sa.Connection], None], *, drafts: bool
    ) -> list[MirroredInvoice]:
        if not self.erp.can("find_invoices"):
            return []
        with self.store.read() as connection:
            some = invoices_to_look_for(connection, self.sync, before=before, limit=_LOOKED_FOR_AT_ONCE, drafts=drafts)
        for mirrored in some:
            self._look_for(mirrored, hold)
        with self.store.read() as connection:
            again = [get_invoice(connection, self.sync, each.key) for each in some]
        return [each for each in again if each is not None]

    def _look_for(self, mirrored: MirroredInvoice, hold: Callable[[sa.Connection], None]) -> None:
        number, key = mirrored.invoice.number, mirrored.invoice.key
        found = list(self.erp.find_invoices(DocumentQuery(number=number, key=key), self._context))
        if not found and key is not None and number is not None:
            # What is called gone is told to people: a register that finds nothing by a key is asked by the number too.
            found = list(self.erp.find_invoices(DocumentQuery(number=number), self._context))
        same = [each for each in found if invoice_key(each) == mirrored.key]
        with self.store.begin() as connection:
            hold(connection)
            if same:
                self.keep(connection, same)
            note_looked_for(connection, self.sync, [mirrored.key], [] if found else [mirrored.key])

    def read_again(self, key: str, hold: Callable[[sa.Connection], None]) -> MirroredInvoice | None:
        """Read one invoice anew and keep it.

        Args:
            key: Its key in the mirror.
            hold: Asks in a transaction whether this worker may write.

        Returns:
            As it stands in the mirror now; None when it is not there.

        Raises:
            ErpcoreError: The ERP does not answer.
        """
        with self.store.read() as connection:
            held = get_invoice(connection, self.sync, key)
        if held is None or held.invoice.number is None or not self.erp.can("find_invoices"):
            return held
        self._look_for(held, hold)
        with self.store.read() as connection:
            return get_invoice(connection, self.sync, key)

    def tell(self, mirrored: MirroredInvoice, window: Window) -> Told:
        """Tell the CRM of an invoice, as far as it has a place: its copy, the copy's colour, and the deal or order.

        What the CRM knows already is not told again: one that has only turned red costs no more than the colour. A deal
        or order that is not in the CRM any more is not told; one that the invoice was of before is.

        Args:
            mirrored: The invoice.
            window: Refuses writes of a worker that was asleep.

        Returns:
            What the CRM knows now.

        Raises:
            ConflictError: The CRM has an invoice of this number that is of another ERP database.
            ComeBackLater: An answer is lost; it is told again.
            ErpcoreError: The CRM refused, or did not answer.
        """
        today = self.today()
        invoice, colour = mirrored.invoice, mirrored.invoice.colour(today)
        copy = mirrored.crm_key
        if self.rules.invoices == "crm":
            changed = mirrored.told_version < mirrored.version
            never_booked = invoice.state(today) == "draft" or (mirrored.gone and copy is None)
            if changed and not never_booked and self.crm.can("store_invoice"):
                copy = self._store(invoice, window)
            if copy is not None and (changed or colour != mirrored.told_colour):
                try:
                    self._show_copy(copy, colour, window)
                except NotFoundError:  # somebody has deleted the copy in the CRM
                    copy = self._store(invoice, window) or copy
                    self._show_copy(copy, colour, window)
            for owner in {each.record: each for each in (mirrored.owner, mirrored.told_owner)}.values():
                with self._unless_deleted(owner.record, invoice):
                    self._tell_record(mirrored, owner, today, window)
        return Told(mirrored.key, mirrored.version, colour, copy, mirrored.owner)

    def tell_companies(self, told: Sequence[MirroredInvoice], window: Window) -> None:
        """Tell the CRM what companies owe, where their numbers in the CRM are this ERP's.

        Companies that share a customer are told the same: what that customer owes.

        Args:
            told: Invoices of theirs, or that were theirs when the CRM was told last.
            window: As for `tell`.

        Raises:
            ErpcoreError: As for `tell`.
        """
        if self.rules.invoices != "crm" or not self.rules.owns_customer_number:
            return
        companies = {owner.company_id: one.invoice for one in told for owner in (one.owner, one.told_owner)}
        for company_id, invoice in companies.items():
            if company_id is None:
                continue
            with self.store.read() as connection:
                sharing = companies_sharing(connection, self._siblings, company_id)
                found = unsettled_of_companies(connection, self.sync, sharing)
            for each in sharing:
                with self._unless_deleted(f"company {each}", invoice):
                    self._tell_company(each, found, window)

    def _tell_company(self, company_id: str, found: Sequence[Invoice], window: Window) -> None:
        told = summary_of(found, self.today(), in_own_currency=True) or NOTHING
        owes = told.colour in ("red", "yellow")
        self._show(
            InvoiceStanding(
                record_kind="company",
                record_id=company_id,
                colour=told.colour if owes else "green",
                balance=told.balance,
                due_date=told.due_date if owes else None,
            ),
            window,
        )

    @contextmanager
    def _unless_deleted(self, record: str | None, invoice: Invoice) -> Iterator[None]:
        """Tell a record of the CRM something; nobody is left to be told where people have deleted it."""
        try:
            yield
        except NotFoundError as error:
            _log.warning("%s: invoice %s is not told to %s: %s", self.sync, invoice.number, record, error)

    def _store(self, invoice: Invoice, window: Window) -> str | None:
        with self.store.read() as connection:
            stranger = anothers_copy(connection, self._strangers, invoice.number or "")
        if stranger is not None:
            raise ConflictError(
                f"{self.crm.plugin.display_name} has an invoice {invoice.number} already that is of another ERP "
                f"database (sync {stranger}).",
                connection=self.crm.name,
                record=f"invoice {invoice.number}",
                advice="Let the ERP databases number their invoices in series that do not overlap. The invoice in the "
                "CRM was left as it is.",
            )
        if invoice.cancelled:
            invoice = invoice.model_copy(update={"balance": Decimal(0)})  # whatever the ERP shows, nobody has to pay it
        what = f"storing invoice {invoice.number} in the CRM"
        stored = repeatable(window, what, lambda: self.crm.store_invoice(invoice, self._context))
        return stored.key or stored.number

    def _tell_record(self, mirrored: MirroredInvoice, owner: Owner, today: date, window: Window) -> None:
        record_id = owner.record_id
        kind: Literal["deal", "order"] = "order" if owner.record_kind == "order" else "deal"
        if record_id is None:
            return
        with self.store.read() as connection:
            made = invoices_of_record(connection, self.sync, kind, record_id)
        if mirrored.gone and made and all(each.cancelled for each in made):
            said = story.gone_in_erp(mirrored.invoice.number or mirrored.key, self.rules.language)
            values = WriteBack(record_kind=kind, record_id=record_id, message=said)
            telling = partial(self.crm.write_back, values, self._context)
            repeatable(window, f"telling the CRM of {kind} {record_id}", telling)
        told = summary_of(made, today)
        if told is None and mirrored.told_colour is None:
            return  # drafts: their number stands in the CRM already, and nobody has to pay yet
        told = told or NOTHING
        standing = InvoiceStanding(
            record_kind=kind,
            record_id=record_id,
            numbers=", ".join(told.numbers),
            colour=told.colour,
            total=told.total,
            balance=told.balance,
            due_date=told.due_date,
            paid_date=told.paid_date,
        )
        self._show(standing, window)

    def _show_copy(self, copy: str, colour: InvoiceColour | None, window: Window) -> None:
        self._show(InvoiceStanding(record_kind="invoice", record_id=copy, colour=colour), window)

    def _show(self, standing: InvoiceStanding, window: Window) -> None:
        if self.crm.can("show_invoices"):
            what = f"telling the CRM of the invoices of {standing.record_kind} {standing.record_id}"
            repeatable(window, what, lambda: self.crm.show_invoices(standing, self._context))
