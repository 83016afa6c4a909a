"""Storing the ERP's booked invoices: by number, with their rows, and tied to company, coworker and order.

Written so that it can be broken off anywhere and done again: the invoice is found by its number, its rows by their row
id, and the order's relation is set last (ERP connector documentation, Orders: it is set when the booked invoice is
stored).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from erpcore.errors import (
    AmbiguousMatchError,
    ConflictError,
    InvalidValueError,
    NotFoundError,
    UnsupportedOperationError,
)
from erpcore.models import Invoice, InvoiceStanding, RecordRef

from .client import LimeCrm
from .records import Record
from .settings import LimeCrmSettings
from .values import same
from .written_fields import ROW_ID_LENGTH, ROWS, invoice_map, invoice_standing_map

_log = logging.getLogger(__name__)


class Invoices:
    """One connection's invoices.

    Args:
        lime: The connection's protocol.
        settings: The connection's settings.
    """

    def __init__(self, lime: LimeCrm, settings: LimeCrmSettings) -> None:
        self._lime = lime
        self._settings = settings
        self._map = invoice_map(settings)

    def store(self, invoice: Invoice) -> RecordRef:
        """Store an invoice. Doing it twice changes nothing more.

        Args:
            invoice: A booked invoice with its number.

        Raises:
            InvalidValueError: It has no number.
            AmbiguousMatchError: Lime CRM has several invoices, companies or orders that fit.
            ConflictError: Lime CRM has an invoice of this number to another customer.
        """
        names = self._settings.invoice
        if not names.limetype:
            raise UnsupportedOperationError(
                "The installation has no invoices (invoice.limetype is empty).", connection=self._lime.connection
            )
        if not invoice.number:
            raise InvalidValueError("An invoice without a number cannot be stored.", field="number")
        record = f"invoice {invoice.number}"
        held = self._only(names.limetype, names.number, invoice.number, record)
        if held is not None:
            self._require_same_customer(held, invoice, record)
        payload = self._map.to_native(invoice, clearing=held is not None)
        rows = payload.pop(ROWS, None)
        relations = self._relations(invoice, record)
        payload |= relations
        if held is None:
            stored = self._lime.create(names.limetype, payload)
        elif changes := self._changes(held, payload):
            stored = self._lime.change(names.limetype, held.id, changes)
        else:
            stored = held
        if rows is not None and names.rows and self._settings.invoice_row.limetype:
            self._store_rows(stored.id, invoice.number, rows)
        self._tie_order(stored.id, invoice, relations.get(names.company), record)
        return RecordRef(number=invoice.number, key=str(stored.id))

    def show(self, standing: InvoiceStanding) -> bool:
        """Show what stands of a record's invoices; see `CrmHooks.show_invoices`."""
        settings, kind = self._settings, standing.record_kind
        payload = invoice_standing_map(settings, kind).to_native(standing, clearing=True)
        limetypes = {
            "deal": settings.deal.limetype,
            "order": settings.order.limetype,
            "company": settings.company.limetype,
            "invoice": settings.invoice.limetype,
        }
        if not payload or not limetypes[kind]:
            return False
        self._lime.change(limetypes[kind], standing.record_id, payload)
        return True

    def _relations(self, invoice: Invoice, record: str) -> dict[str, int]:
        names, company, coworker = self._settings.invoice, self._settings.company, self._settings.coworker
        found: dict[str, int] = {}
        if names.company and invoice.customer_number:
            # An invoice to a customer that Lime CRM does not have is stored all the same; its number stands on it.
            customer = self._only(company.limetype, company.erp_id, invoice.customer_number, record)
            if customer is not None:
                found[names.company] = customer.id
        if names.coworker and coworker.limetype and coworker.name and invoice.our_reference:
            people = self._lime.find(coworker.limetype, coworker.name, invoice.our_reference)
            if len(people) == 1:
                found[names.coworker] = people[0].id
        return found

    def _require_same_customer(self, held: Record, invoice: Invoice, record: str) -> None:
        """Stop at an invoice of another ERP database: a booked invoice keeps its number and its customer."""
        known = held.text(self._settings.invoice.customer_number).strip()
        if known and invoice.customer_number and known != invoice.customer_number:
            raise ConflictError(
                f"Lime CRM has an invoice {invoice.number} to customer {known} already; this one is to customer "
                f"{invoice.customer_number}.",
                connection=self._lime.connection,
                record=record,
                advice="Let the ERP databases number their invoices in series that do not overlap; the invoice in "
                "Lime CRM was left as it is.",
            )

    def _store_rows(self, invoice_id: int, number: str, rows: list[dict[str, Any]]) -> None:
        names, limetype = self._settings.invoice_row, self._settings.invoice.limetype
        path = f"limeobject/{limetype}/{invoice_id}/{self._settings.invoice.rows}"
        held = {each.text(names.row_id): each for each in self._lime.all(path, names.limetype)}
        for place, row in enumerate(rows, start=1):
            # Where the ERP's rows have no key, or one that Lime CRM has no room for, invoice number and place make one.
            key = str(row.get(names.row_id) or "")
            key = key if 0 < len(key) <= ROW_ID_LENGTH else f"{number}_{place}"
            told = {**row, names.row_id: key, names.invoice: invoice_id}
            there = held.pop(key, None)
            if there is None:
                self._lime.create(names.limetype, told)
            elif changes := self._changes(there, told):
                self._lime.change(names.limetype, there.id, changes)
        # Rows of the booked invoice that the ERP does not have: left, they would make a wrong sum.
        for surplus in held.values():
            self._lime.delete(names.limetype, surplus.id)

    def _tie_order(self, invoice_id: int, invoice: Invoice, company: int | None, record: str) -> None:
        names = self._settings.order
        if not names.limetype or not names.invoice:
            return
        order = None
        if names.invoice_number and invoice.number:
            order = self._order(names.invoice_number, invoice.number, invoice, company, record)
        if order is None and names.order_number and invoice.order_number:
            order = self._order(names.order_number, invoice.order_number, invoice, company, record)
        if order is None or (tied := order.values.get(names.invoice)) == invoice_id:
            return
        if tied is None or self._takes_over(tied, invoice):
            self._lime.change(names.limetype, order.id, {names.invoice: invoice_id})

    def _takes_over(self, tied: int, invoice: Invoice) -> bool:
        """Tell whether an order's relation goes over to an invoice from the one that it names.

        It names the newest invoice that counts, in whatever order several of them are told: neither a credit note nor a
        cancelled one, as long as there is another.
        """
        if invoice.cancelled or invoice.kind == "credit":
            return False
        try:
            held = self._map.from_native(self._lime.one(self._settings.invoice.limetype, str(tied)).values)
        except NotFoundError:
            return True
        if held.cancelled or held.kind == "credit":
            return True
        return _numbered(invoice.number) > _numbered(held.number)

    def _order(self, name: str, number: str, invoice: Invoice, company: int | None, record: str) -> Record | None:
        """Find the order that became the invoice. Orders of several ERP databases may share a number."""
        found = self._lime.find(self._settings.order.limetype, name, number)
        fitting = [each for each in found if self._may_be_of(each, invoice, company)]
        if found and not fitting:
            _log.warning(
                "%s: %s is not tied to order %d of that number, which is another customer's",
                self._lime.connection,
                record,
                found[0].id,
            )
        return self._at_most_one(fitting, f"orders with the number {number}", record)

    def _may_be_of(self, order: Record, invoice: Invoice, company: int | None) -> bool:
        """Tell whether an order may be of an invoice's customer: nothing that is known of it says otherwise."""
        names = self._settings.order
        signs = []
        behind = order.values.get(names.company) if names.company else None
        if company is not None and behind is not None:
            signs.append(behind == company)
        known = order.text(names.customer_number).strip()
        if known and invoice.customer_number:
            signs.append(known == invoice.customer_number)
        return any(signs) or not signs

    def _only(self, limetype: str, name: str, value: str, record: str) -> Record | None:
        found = self._lime.find(limetype, name, value)
        return self._at_most_one(found, f"{limetype} with {name} “{value}”", record)

    def _at_most_one(self, found: list[Record], what: str, record: str) -> Record | None:
        if len(found) > 1:
            raise AmbiguousMatchError(
                f"Lime CRM has several {what}.",
                candidates=[f"{each.limetype} {each.id}" for each in found],
                connection=self._lime.connection,
                record=record,
                advice="Correct the number on all but one of them.",
            )
        return found[0] if found else None

    def _changes(self, held: Record, payload: Mapping[str, Any]) -> dict[str, Any]:
        zone = self._settings.zone
        return {name: value for name, value in payload.items() if not same(held.values.get(name), value, zone)}


def _numbered(number: str | None) -> tuple[int, str]:
    """Give what numbers of one series are compared by: 99 comes before 100."""
    return len(number or ""), number or ""
