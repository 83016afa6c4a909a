"""What is decided for a record, and what a plan is: the steps, what they would lose, and why. Pure."""

from __future__ import annotations

from typing import Any, Literal

from erpcore.models import RecordKind
from erpcore.sync.shared.losses import PlannedLoss
from erpcore.sync.shared.reasons import Reason
from erpcore.sync.shared.view import Seen
from erpcore.sync.steps.base import Step


class Decision(Seen):
    """What to do for a record of the CRM.

    Attributes:
        action: Make a document, do what is left of one, settle one that nobody wants any more, ask, or nothing.
        reason: Why.
        why: The same in words for people.
        operation: Hook that makes the document, for `make` and `settle`.
        generation: Of that document.
        replaces: Number of the document whose ERP ID was cleared.
    """

    action: Literal["make", "complete", "settle", "ask", "nothing"]
    reason: Reason
    why: str
    operation: Literal["create_order", "create_invoice"] | None = None
    generation: int = 0
    replaces: str | None = None


class Plan(Seen):
    """What is to be done for a record of the CRM.

    Attributes:
        record_kind: What it is.
        record_id: The CRM's key of it.
        reason: Why this plan.
        why: The same in words for people.
        steps: In the order to do them; empty when there is nothing to do.
        losses: What would not arrive as it is, silent ones left out.
        notes: What a person should know, for the record's story.
    """

    record_kind: RecordKind
    record_id: str
    reason: Reason
    why: str
    steps: tuple[Step, ...] = ()
    losses: tuple[PlannedLoss, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        """The record in words, as in the ledger and in errors."""
        return f"{self.record_kind} {self.record_id}"

    def summary(self) -> dict[str, Any]:
        """Give what is kept of it with the run: reason, why, and the steps by name."""
        return {"reason": self.reason, "why": self.why, "steps": [step.name for step in self.steps]}
