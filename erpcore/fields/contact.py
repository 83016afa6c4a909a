"""E-mail addresses and telephone numbers in field maps: read out of what people write, as many as the system takes.

None of them stops a record: what cannot be read is left out, and told as lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from erpcore.fields.entries import OMIT, Computed, Convert, Loss, LossKind, Narrowing

if TYPE_CHECKING:
    from erpcore.models import Customer


def one_email(length: int | None = None) -> Narrowing:
    """E-mail addresses of which the system takes one: the first that fits. A text without any is left out.

    Args:
        length: The longest that the system takes. An address is never cut.
    """

    def apply(text: Any) -> str | None:
        from erpcore.models import email_addresses

        fitting = (each for each in email_addresses(str(text)) if length is None or len(each) <= length)
        return next(fitting, None)

    return Narrowing(LossKind.TRUNCATED, apply, "one e-mail address")


def all_emails(separator: str, length: int) -> Narrowing:
    """E-mail addresses of which the system takes as many as fit. A text without any is left out.

    Args:
        separator: What stands between them.
        length: The longest text that the system takes.
    """

    def apply(text: Any) -> str | None:
        from erpcore.models import email_addresses

        whole = ""
        for each in email_addresses(str(text)):
            longer = f"{whole}{separator}{each}" if whole else each
            whole = longer if len(longer) <= length else whole
        return whole or None

    return Narrowing(LossKind.TRUNCATED, apply, f"e-mail addresses of at most {length} characters in all")


def one_phone(length: int) -> Narrowing:
    """A text with a telephone number: as it is where it fits, else the first number in it that fits, never cut.

    Args:
        length: The longest text that the system takes.
    """

    def apply(text: Any) -> str | None:
        from erpcore.models import phone_numbers

        whole = str(text)
        return whole if len(whole) <= length else next((n for n in phone_numbers(whole) if len(n) <= length), None)

    return Narrowing(LossKind.TRUNCATED, apply, f"one telephone number of at most {length} characters")


def one_inbox(native: str, *, length: int, blank: Any, read: Convert) -> list[Computed]:
    """Declare the two e-mail addresses of a customer, for a system that has one and sends invoices there.

    It gets the address for invoices, else the general one.

    Args:
        native: The system's member.
        length: The longest address that it takes.
        blank: What empties it; `OMIT` when nothing can.
        read: The system's value to the address.
    """
    narrowing = one_email(length)

    def written(text: str | None) -> str | None:
        address: str | None = narrowing.apply(text) if text else None
        return address

    def sent(customer: Customer) -> Any:
        if address := written(customer.invoice_email) or written(customer.email):
            return address
        return blank if customer.shown("email") and not customer.email else OMIT

    def lost(name: str, customer: Customer) -> Loss | None:
        value, becomes = getattr(customer, name), sent(customer)
        if not value or value == becomes:
            return None
        if written(value) is None:
            return Loss(name, LossKind.DROPPED, value, None, narrowing.reason)
        if becomes != written(value):
            return Loss(name, LossKind.REPLACED, value, becomes, "invoices go to the one e-mail address")
        return Loss(name, LossKind.TRUNCATED, value, becomes, narrowing.reason)

    def shown(record: Any) -> Any:
        if native not in record:
            return OMIT
        return None if record[native] is None else read(record[native])

    return [
        Computed(
            "email",
            native,
            sent,
            reason=f"invoices go there: the address for invoices goes before it; {narrowing.reason}",
            read=shown,
            loss=lambda customer: lost("email", customer),
        ),
        Computed(
            "invoice_email",
            "",
            lambda _: OMIT,
            reason="invoices go to the one e-mail address",
            read=shown,
            loss=lambda customer: lost("invoice_email", customer),
        ),
    ]
