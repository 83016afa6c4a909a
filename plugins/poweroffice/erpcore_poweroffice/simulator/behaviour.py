"""What nobody has confirmed about PowerOffice Go, as switches: a client must stand every position of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, NonNegativeFloat

from erpcore.simulator import SwitchBoard


class Behaviour(SwitchBoard):
    """The unconfirmed sides of PowerOffice Go, shared by all parts of a simulator and moved in place.

    The defaults are the most likely positions or, where equal, the harder ones for a client.

    Attributes:
        retry_after: Whether a 429 has a Retry-After header.
        throttle_code_as_text: Whether `statusCode` in a gateway's refusal is text (token description) or a number.
        token_calls_count: Whether token requests count in the rate window of the subscription key.
        bare_refusals: Whether 401 and 403 have no body or a ProblemDetails.
        model_errors: Whether a body of wrong types is told per member (`errors`) or in one `detail`.
        unknown_members: What happens to members of a body that the vendor's model lacks, read-only ones included.
        member_case: Whether a member in another case counts, or is an unknown member.
        patch_as_json: What happens to a PATCH whose content type is plain ``application/json``.
        null_members: Whether empty members are shown as null or left out of replies.
        page_size_above_limit: What happens to a PageSize over 20,000.
        last_page: What X-Pagination is on the last page: an empty link, no link, or no header at all.
        replica_seconds: How long a new record is missing from GETs, which read a copy of the database.
        created_product_status: HTTP status of a created product (200 in the description, 201 observed).
        product_codes_unique: Whether a product code that is taken is refused.
        unknown_credit_days: What happens to days that no payment term has.
        customer_email_checked: Whether a customer's malformed e-mail address is refused.
        order_reference_length: The longest ExternalImportReference of an order; None for no limit.
        duplicate_order_detail: Whether the refusal of a second order with a reference names the first one's id.
        references_outlive_invoicing: Whether an order's reference stays taken once it is an invoice.
        archived: What happens to an order of an archived customer, or with an archived product.
        line_without_product: What happens to a line with a price and no product.
        allowance_decimals: To how many decimals an Allowance is kept; None keeps it as sent.
        price_decimals: To how many decimals a price is kept; None keeps it as sent.
        rounding: Whether amounts are rounded per line, or VAT per rate over the whole order.
        sending_seconds: How long an invoice is being processed.
        send_twice: What happens to CreateAndSendInvoice while the order is being processed.
        sent_state_form: Whether SentState is an array (description) or the object itself.
        unsent_state: What SentState has of an order that nobody sent.
        invoiced_order: What GET, PATCH and DELETE of an order give once it is an invoice.
        credit_note_sign: Whether the amounts of a credit note are shown negative or positive.
        credit_note_settles: Whether a credit note is matched with the invoice that it names.
        allow_send_shown: Whether ClientIntegrationInformation has AllowSendInvoice (seen in 2026, not described).
    """

    model_config = ConfigDict(frozen=False)

    retry_after: bool = False
    throttle_code_as_text: bool = False
    token_calls_count: bool = True
    bare_refusals: Literal["empty", "problem"] = "empty"
    model_errors: Literal["errors", "detail"] = "errors"
    unknown_members: Literal["ignored", "refused"] = "ignored"
    member_case: Literal["exact", "any"] = "exact"
    patch_as_json: Literal["refused", "accepted"] = "refused"
    null_members: Literal["shown", "left_out"] = "shown"
    page_size_above_limit: Literal["refused", "capped"] = "refused"
    last_page: Literal["empty_link", "no_link", "no_header"] = "empty_link"
    replica_seconds: NonNegativeFloat = 0.0
    created_product_status: Literal[201, 200] = 201
    product_codes_unique: bool = True
    unknown_credit_days: Literal["refused", "taken"] = "refused"
    customer_email_checked: bool = True
    order_reference_length: int | None = 50
    duplicate_order_detail: Literal["with_id", "without_id"] = "with_id"
    references_outlive_invoicing: bool = True
    archived: Literal["refused", "taken"] = "refused"
    line_without_product: Literal["refused", "no_amount"] = "refused"
    allowance_decimals: int | None = None
    price_decimals: int | None = None
    rounding: Literal["line", "order"] = "line"
    sending_seconds: NonNegativeFloat = 0.2
    send_twice: Literal["refused", "accepted"] = "refused"
    sent_state_form: Literal["array", "object"] = "array"
    unsent_state: Literal["record", "no_content"] = "record"
    invoiced_order: Literal["not_found", "shown"] = "not_found"
    credit_note_sign: Literal["negative", "positive"] = "negative"
    credit_note_settles: bool = True
    allow_send_shown: bool = True

    def change(self, changes: Mapping[str, Any]) -> None:
        """Move switches.

        Raises:
            ValueError: There is no such switch, or it has no such position; then none is moved.
        """
        for name, position in self.changed(changes):
            setattr(self, name, position)
