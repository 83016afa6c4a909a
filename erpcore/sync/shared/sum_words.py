"""The sentences about what a document comes to: agreed, computed, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from erpcore.fields import Loss, LossKind
from erpcore.sync.shared import story

if TYPE_CHECKING:
    from erpcore.sync.shared.forms import OtherForm
    from erpcore.sync.shared.sums import Difference

DOCUMENTS: Mapping[str, str] = {
    "create_order": "Order",
    "create_invoice": "Invoice draft",
    "convert_to_invoice": "Invoice",
}
"""What the documents are called that hooks make."""
_SUMS: Mapping[str, str] = {"net": "the sum excluding VAT", "vat": "the VAT", "total": "the sum including VAT"}


def sums_differ(found: Difference, currency: str | None) -> str:
    """Say that the ERP computed another sum."""
    theirs, ours = story.money(found.theirs, currency), story.money(found.ours, currency)
    return f"The ERP computed {theirs} as {_SUMS[found.name]}; {ours} was agreed in the CRM."


def vat_charged(found: Difference, currency: str | None) -> str:
    """Say that the ERP charges VAT that the customer is not to be charged."""
    return (
        f"The ERP computed {story.money(found.theirs, currency)} as VAT, and the customer is a new one abroad that "
        "is to be charged none: see to its VAT in the ERP."
    )


def vat_abroad(vat: Decimal, currency: str | None) -> str:
    """Say that the ERP charges VAT to a customer abroad that it has had before."""
    return (
        f"The ERP computed {story.money(vat, currency)} as VAT, and the company is abroad and ought to be charged "
        "none: see to the customer's VAT in the ERP."
    )


def other_currency(net: Decimal, ours: str, theirs: str) -> str:
    """Say that the document is in another currency than agreed."""
    return f"The ERP's document is in {theirs}; {story.money(net, ours)} excluding VAT was agreed in the CRM."


def currency_told(currency: str) -> str:
    """Say which currency the ERP has chosen."""
    return f"The ERP's document is in {currency}."


def added_by_erp(freight: Decimal | None, fee: Decimal | None, total: Decimal | None, currency: str | None) -> str:
    """Say that the ERP charges more than the rows, by itself.

    Args:
        freight: Excluding VAT.
        fee: Excluding VAT.
        total: What the document comes to, including VAT.
        currency: Of all.
    """
    named = [f"freight of {story.money(freight, currency)}"] if freight else []
    named += [f"a fee of {story.money(fee, currency)}"] if fee else []
    comes_to = "" if total is None else f": it comes to {story.money(total, currency)} including VAT"
    return f"The ERP added {' and '.join(named)} excluding VAT to the document, as the customer's card says{comes_to}."


def sums_not_compared(why: str) -> str:
    """Say that nobody knows whether the sums are the same."""
    return f"The document's sums could not be compared with what was agreed: {why}"


def sums_stop(operation: str, number: str, differences: Sequence[str]) -> str:
    """Say that a document is not what was agreed, and a person is asked.

    Args:
        operation: The hook that made it.
        number: Its number in the ERP.
        differences: What differs, in words.
    """
    what = DOCUMENTS[operation]
    return f"{what} {number} was made, but does not come to what was agreed. {' '.join(differences)}"


def sums_accepted(person: str, number: str) -> str:
    """Say that a person takes a document's sums as they are."""
    return f"{person} has said that document {number} may stand with these sums."


def sums_refused(person: str) -> str:
    """Say why nothing more is done with a document."""
    return f"{person} said that the document does not count, because it does not come to what was agreed"


def worth_otherwise(name: str, shown: Decimal, rows: Decimal, currency: str | None) -> str:
    """Say that a record's rows do not come to what it shows.

    Args:
        name: Which sum: value, net, vat or total.
        shown: What the CRM shows.
        rows: What the rows come to.
        currency: Of both.
    """
    what = {"value": "the deal's value", **_SUMS}[name]
    return (
        f"The CRM shows {story.money(shown, currency)} as {what}, but the rows come to {story.money(rows, currency)}."
    )


def discount_row_added(name: str, amount: Decimal, currency: str | None) -> str:
    """Say that a row was added that takes the rest off."""
    return f"The row “{name}” takes {story.money(amount, currency)} off, so that the document comes to what was agreed."


def discount_on_rows(amount: Decimal, currency: str | None) -> str:
    """Say that the rest was taken off on the rows, because a row of its own would have other VAT than they."""
    return (
        f"The rows take {story.money(amount, currency)} off, so that the document comes to what was agreed: the ERP "
        "has a row's VAT from its article, and a row for the discount would have other VAT than what it is on."
    )


def in_other_form(form: OtherForm, currency: str | None) -> Loss:
    """Say that a row is sent in another form, because the ERP cannot hold it as it is.

    Args:
        form: What becomes of the row.
        currency: Of the document.
    """
    why = f"the ERP cannot hold it as it is; both come to {story.money(form.comes_to, currency)}"
    return Loss(f"rows[{form.row}].{form.fields[0]}", LossKind.REPLACED, form.was, form.becomes, why)


def row_comes_to(row: int, text: str, ours: str, theirs: str) -> str:
    """Say that the ERP would make another sum of a row."""
    return f"Row {row} (“{story.shortened(text)}”) comes to {ours}, and the ERP would make {theirs} of it."
