"""The steps that tell the CRM how a record stands."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from erpcore.models import WriteBack
from erpcore.store import put_link
from erpcore.sync.shared import mapping, story
from erpcore.sync.shared.history import told_mark
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.comparing import Agreed, words_for_source
from erpcore.sync.steps.customer import company_link

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
    asked for something that is not done. `agreed` is what the document should come to: it is told with the number, and
    so is what the ERP has otherwise. `company_id` names the company whose customer's number the order is told, and
    `erp_db` the ERP database that it has gone to.
    """

    name: ClassVar[str] = "write_back"
    again: bool = False
    status: Literal["synced", "inprocess"] = "synced"
    message: str | None = None
    agreed: Agreed | None = None
    company_id: str | None = None
    erp_db: str | None = None

    def words(self) -> str:
        """Say so."""
        return "Write the document's number back to the CRM."

    def do(self, attempt: Attempt) -> str | None:
        """Tell it. Whether the CRM took it is kept: a number that never stood there cannot have been cleared."""
        run = attempt.run
        document, invoice_number = attempt.document()
        if document is None:
            return None
        values = mapping.write_back_of(run.record_kind, run.record_id, document, invoice_number, self.status)
        told = mapping.digest(values)
        if self.again or document.told_digest != told:
            # The message is for who reads it now; what the CRM was told is the same with and without it.
            sums = None
            if self.agreed is not None:
                sums = words_for_source(attempt, self.agreed, document, invoiced=invoice_number is not None)
            message = " ".join(filter(None, (self.message, sums))) or None
            beside = {"message": message, **self._beside(attempt)}
            beside |= {} if self.agreed is None else {"net": self.agreed.net.quantize(Decimal("0.01"))}
            stored = attempt.write_back(values.model_copy(update=beside), "telling the CRM the number")
            with attempt.begin() as connection:
                link = put_link(
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
                words = story.written_back(document.number, invoice_number, stored=stored)
                attempt.tell_in(connection, [("step", words, None)])
            attempt.note_document(link, invoice_number)
            if not stored and document.told_digest == told:
                return None  # the same as before: nothing came of it
        return document.number

    def _beside(self, attempt: Attempt) -> dict[str, Any]:
        """Give what stands on an order beside the numbers of its documents."""
        found: dict[str, Any] = {} if self.erp_db is None else {"erp_db": self.erp_db}
        if self.company_id is not None:
            with attempt.sides.store.read() as connection:
                link = company_link(connection, attempt.sides.sync, self.company_id)
            found |= {} if link is None else {"customer_number": link.number}
        return found


def mark_in_process(attempt: Attempt) -> bool:
    """Tell the CRM that the run's record is being sent, where it has a field for it; whether it shows it now."""
    told = {"record_kind": attempt.run.record_kind, "record_id": attempt.run.record_id, "status": story.IN_PROCESS}
    return attempt.write_back(WriteBack.model_validate(told), story.MARKING)
