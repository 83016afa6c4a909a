"""What an update would change, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from erpcore.fields import Loss
from erpcore.models import CanonicalModel, same_organisation
from erpcore.sync.shared.view import Seen

NOT_SHOWN = "not shown"
"""What a field is now that the ERP does not show."""


class Change(Seen):
    """A field that would be another one.

    Attributes:
        field: Dotted canonical name, such as ``invoice_address.city``.
        now: What the ERP has; empty for nothing, `NOT_SHOWN` where it does not tell.
        becomes: What it would have; empty for nothing.
    """

    field: str
    now: str
    becomes: str


def changes(ours: CanonicalModel, theirs: CanonicalModel, losses: Sequence[Loss]) -> list[Change]:
    """Tell what an update changes.

    Args:
        ours: What would be sent.
        theirs: What the ERP shows now.
        losses: What of it the ERP would not take as it is, from its field map.
    """
    lost = {loss.field: loss for loss in losses}
    held = _flat(theirs)
    found: list[Change] = []
    for field, value in _flat(ours).items():
        loss = lost.get(field)
        if loss is not None and loss.becomes is None:
            continue  # it is left out, or the ERP keeps what it has; the losses tell
        becomes = value if loss is None else str(loss.becomes)
        now = held.get(field, NOT_SHOWN)
        if becomes != now and not (field == "organisation_number" and same_organisation(becomes, now)):
            found.append(Change(field=field, now=now, becomes=becomes))
    return found


def _flat(record: CanonicalModel) -> Mapping[str, str]:
    return dict(_leaves("", record))


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, CanonicalModel):
        for name in sorted(value.model_fields_set, key=list(type(value).model_fields).index):
            yield from _leaves(f"{prefix}.{name}" if prefix else name, getattr(value, name))
    else:
        yield prefix, "" if value is None else str(value)
