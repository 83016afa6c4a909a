"""What a plan would lose: what the field maps of its records tell, and what the plan itself leaves out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from erpcore.fields import Loss, LossKind
from erpcore.models import CanonicalModel, Customer, Document, Invoice, Order, same_unit
from erpcore.sync.shared.losses import PlannedLoss
from erpcore.sync.shared.rule_fields import LossPolicy
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.comparing import CompareSums
from erpcore.sync.steps.customer import UseCustomer
from erpcore.sync.steps.document import ConvertToInvoice

TellLosses = Callable[[CanonicalModel, bool], Sequence[Loss]]
"""Gives what of a record the ERP would lose; the second argument: whether it changes an existing record."""

OfArticles = Mapping[int, Mapping[str, str]]
"""What each row's article says of fields that rows may have from it, by the row's index. An article that is known not
to have one says it with an empty text."""

_VAT = "rows.vat_percent"
"""A derived value that may come out otherwise than the CRM's. The comparison of sums tells whether it did, but for what
is within its tolerance; beforehand it is known only where the article has another rate."""
_OWN = ("customer_name", "invoice_address")
"""Derived values that are another company's where a customer is shared."""
_ASSUMED = "kind"
"""What erpcore says of a new customer by itself: that it is a company."""
_STRICTEST: Sequence[LossPolicy] = ("block", "warn", "allow")


@dataclass(frozen=True)
class LeftOut:
    """Something that the CRM shows and a plan does not put into any record as it is.

    Attributes:
        record: What it would stand in.
        loss: Which field, and what becomes of it.
        fields: Whose rules count for it, without the index of the row: the strictest of them.
        chosen: Whether another rule of the sync wants it so. Then only a rule for the very field stops it.
    """

    record: Literal["customer", "article", "document"]
    loss: Loss
    fields: tuple[str, ...]
    chosen: bool = field(default=False, kw_only=True)


def planned_losses(
    steps: Sequence[Step], left_out: Sequence[LeftOut], articles: OfArticles, rules: SyncRules, tell: TellLosses
) -> Iterator[PlannedLoss]:
    """Give what a plan would lose, silent ones left out: first what the plan leaves out, then what the ERP cannot take.

    Args:
        steps: Of the plan.
        left_out: What it leaves out itself.
        articles: What the rows' articles say.
        rules: The sync's rules.
        tell: What the ERP would lose of a record.
    """
    document = next((type(step.sends).__name__.lower() for step in steps if isinstance(step.sends, Document)), "order")
    for each in left_out:
        of_fields = {rules.loss_policy(name, filled_in=each.chosen) for name in each.fields}
        policy = next(known for known in _STRICTEST if known in of_fields)
        if policy != "allow":
            yield PlannedLoss.of(document if each.record == "document" else each.record, each.loss, policy)
    for step in steps:
        record = step.sends
        if record is None:
            continue
        for loss in _of_record(record, steps, articles, tell(record, step.changes)):
            filled_in = loss.kind is LossKind.DEFAULTED and loss.value is None
            policy = rules.loss_policy(_parts(loss.field)[0], filled_in=filled_in)
            if policy != "allow":
                yield PlannedLoss.of(type(record).__name__.lower(), loss, policy)
    for loss in _of_conversion(steps, tell):
        policy = rules.loss_policy(_parts(loss.field)[0])
        if policy != "allow":
            yield PlannedLoss.of("invoice", loss, policy)


def _of_record(
    record: CanonicalModel, steps: Sequence[Step], articles: OfArticles, losses: Sequence[Loss]
) -> Iterator[Loss]:
    """Give the losses of a record that count: what the ERP has from elsewhere is none unless it is another value."""
    compared = any(isinstance(step, CompareSums) and step.agreed.vat is not None for step in steps)
    shared = _shared(steps)
    for loss in losses:
        name, row = _parts(loss.field)
        if loss.kind is LossKind.KEPT or (isinstance(record, Customer) and name == _ASSUMED):
            continue  # an empty field whose value the ERP keeps loses nothing, and neither does what no CRM has said
        if loss.kind is not LossKind.DERIVED or (name == _VAT and not compared) or (name.startswith(_OWN) and shared):
            yield loss
        elif isinstance(record, Document) and row is not None:
            theirs = articles.get(row, {}).get(name.removeprefix("rows."))
            if theirs is not None and not _means(name, str(loss.value), theirs):
                yield replace(loss, becomes=theirs) if theirs else replace(loss, kind=LossKind.DROPPED)


def _of_conversion(steps: Sequence[Step], tell: TellLosses) -> Iterator[Loss]:
    """Give what an order says at its head, and the invoice that it becomes does not.

    Where not even the customer of an invoice is written, nothing of it is: the invoice is the order itself.
    """
    made = next((step for step in steps if isinstance(step.sends, Order)), None)
    if made is None or not any(isinstance(step, ConvertToInvoice) for step in steps):
        return
    order: Any = made.sends
    names = (order.model_fields_set & Invoice.model_fields.keys()) - {"rows"}
    head = {name: getattr(order, name) for name in names} | {"customer_number": "1"}
    known = {loss.field for loss in tell(order, made.changes)}
    lost = tell(Invoice.model_validate(head), made.changes)
    if any(loss.field == "customer_number" for loss in lost):
        return
    shared = _shared(steps)
    for loss in lost:
        has_another = loss.kind is not LossKind.DERIVED or (loss.field.startswith(_OWN) and shared)
        if loss.value is not None and loss.field not in known and has_another:
            yield loss


def _shared(steps: Sequence[Step]) -> bool:
    return any(isinstance(step, UseCustomer) and step.shared_with is not None for step in steps)


def _means(name: str, ours: str, theirs: str) -> bool:
    """Tell whether a row shows what the CRM states when it has the article's; of no VAT the customer may be why."""
    if name == _VAT:
        return not Decimal(ours) or Decimal(ours) == Decimal(theirs)
    return same_unit(ours, theirs) if name == "rows.unit" else ours.strip() == theirs.strip()


def _parts(name: str) -> tuple[str, int | None]:
    """Give a field's name without the index of the row, and the index."""
    before, bracket, rest = name.partition("[")
    index, _, after = rest.partition("]")
    return (before + after, int(index)) if bracket else (name, None)
