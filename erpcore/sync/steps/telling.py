"""The steps that tell the CRM how a record stands, and compare what the ERP computed with what the CRM shows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal

from erpcore.errors import ErpcoreError
from erpcore.models import CurrencyCode, DocumentQuery, Exact, WriteBack
from erpcore.store import put_link
from erpcore.sync.shared import mapping, story
from erpcore.sync.shared.history import told_mark
from erpcore.sync.shared.reading import is_record
from erpcore.sync.shared.sums import HasSums, Sums, differences
from erpcore.sync.shared.view import LinkedDocument
from erpcore.sync.steps.base import Step

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt


class MarkInProcess(Step):
    """Tell the CRM that the record is being sent."""

    name: ClassVar[str] = "mark_in_process"

    def words(self) -> str:
        """Say so."""
        return "Tell the CRM that it is being sent."

    def do(self, attempt: Attempt) -> None:
        """Tell it, where the CRM has a field for it."""
        mark_in_process(attempt)


class WriteBackNumber(Step):
    """Tell the CRM the number of the document; `again` also when it was told the same before.

    `status` is in process as long as the order is still to become an invoice. `message` is what a person is to know who
    asked for something that is not done.
    """

    name: ClassVar[str] = "write_back"
    again: bool = False
    status: Literal["synced", "inprocess"] = "synced"
    message: str | None = None

    def words(self) -> str:
        """Say so."""
        return "Write the document's number back to the CRM."

    def do(self, attempt: Attempt) -> str | None:
        """Tell it. Whether the CRM took it is kept: a number that never stood there cannot have been cleared."""
        run = attempt.run
        with attempt.sides.store.read() as connection:
            history = attempt.history(connection)
        document = history.document
        if document is None:
            return None
        values = mapping.write_back_of(run.record_kind, run.record_id, document, history.invoice_number, self.status)
        told = mapping.digest(values)
        if self.again or document.told_digest != told:
            # The message is for who reads it now; what the CRM was told is the same with and without it.
            with_message = values.model_copy(update={"message": self.message})
            stored = attempt.write_back(with_message, "telling the CRM the number")
            with attempt.begin() as connection:
                put_link(
                    connection,
                    sync=attempt.sides.sync,
                    source_kind=run.record_kind,
                    source_id=run.record_id,
                    target_kind=document.kind,
                    number=document.number,
                    generation=document.generation,
                    sent_digest=told_mark(told, stands=stored or document.stood_in_crm),
                    told=True,
                )
                words = story.written_back(document.number, history.invoice_number, stored=stored)
                attempt.tell_in(connection, [("step", words, None)])
            if not stored and document.told_digest == told:
                return None  # the same as before: nothing came of it
        return document.number


class CompareSums(Step):
    """Compare what the CRM's rows come to with what the ERP computed; in the order's currency. None: not known."""

    name: ClassVar[str] = "compare_sums"
    net: Exact
    vat: Exact | None = None
    total: Exact | None = None
    currency: CurrencyCode | None = None

    def words(self) -> str:
        """Say what is compared."""
        including = "" if self.total is None else f", {story.money(self.total, self.currency)} including it"
        net = story.money(self.net, self.currency)
        return f"Compare the ERP's sums with the CRM's: {net} excluding VAT{including}."

    def do(self, attempt: Attempt) -> None:
        """Compare, and tell a difference.

        An ERP that told the sums when it made the order is not asked again. The order is made by now: that the ERP
        cannot be read is told too, and keeps nobody from the order's number.
        """
        erp = attempt.sides.erp
        with attempt.sides.store.read() as connection:
            document = attempt.history(connection).document
        if document is None:
            return
        theirs: HasSums | None = _sums_told(attempt, document)
        currency = self.currency
        if theirs is None:
            try:
                found = erp.find_orders(DocumentQuery(number=document.number, key=document.key), attempt.context())
            except ErpcoreError as error:
                attempt.tell("note", story.sums_not_compared(str(error)))
                return
            order = next((order for order in found if is_record(order, document.ref)), None)
            if order is None:
                attempt.tell("note", story.sums_not_compared("it does not show the order yet."))
                return
            theirs, currency = order, order.currency or currency
        for each in differences(self, theirs, attempt.sides.rules):
            words = story.sums_differ(each, currency)
            attempt.tell("warning", words, {"sum": each.name, "crm": str(each.ours), "erp": str(each.theirs)})


def mark_in_process(attempt: Attempt) -> bool:
    """Tell the CRM that the run's record is being sent, where it has a field for it; whether it shows it now."""
    told = {"record_kind": attempt.run.record_kind, "record_id": attempt.run.record_id, "status": story.IN_PROCESS}
    return attempt.write_back(WriteBack.model_validate(told), "telling the CRM that the record is being sent")


def _sums_told(attempt: Attempt, document: LinkedDocument) -> Sums | None:
    """Give the sums that the ERP told when it made the order; None when it did not tell them."""
    intent = attempt.intent(attempt.record, "create_order", document.generation)
    told = intent.result or {}
    net, vat, total = (None if told.get(name) is None else Decimal(str(told[name])) for name in ("net", "vat", "total"))
    if intent.number != document.number or net is None or vat is None or total is None:
        return None
    return Sums(net, vat, total)
