"""What goes along with every call of a hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from erpcore.models import CanonicalModel, Register


@dataclass(frozen=True)
class Context:
    """Goes along with every call.

    Attributes:
        correlation_id: Names the piece of work in logs and in the story.
        reference: Our own key for the record that a write makes. The plugin stores it where it can be found again.
        keys: The system's own keys of register entries by their codes, as far as erpcore has read the register.
        seen: What the system showed of the record when the call was decided, of the fields that count; None where it
            is not known to be there, or a change since does not matter. Of several articles at once it is an empty
            record, which says that all of them were there.
        becomes_invoice: Whether the order that is made is to become an invoice at once: what an invoice could not say
            is refused before the order is there.
    """

    correlation_id: str
    reference: str | None = None
    keys: Mapping[Register, Mapping[str, str]] = field(default_factory=dict)
    seen: CanonicalModel | None = None
    becomes_invoice: bool = False
