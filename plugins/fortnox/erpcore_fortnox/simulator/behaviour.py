"""What nobody has confirmed about Fortnox, as switches: a client must stand every position of each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from erpcore.simulator import SwitchBoard


class Behaviour(SwitchBoard):
    """The unconfirmed sides of Fortnox. The defaults are the most likely or, where equal, the harder one for a client.

    Attributes:
        createinvoice_reply: Whether `createinvoice` answers with the order (newer description, production clients) or
            with the invoice (older description).
        retry_after: Whether a 429 says how long to wait.
        references_follow_to_invoice: Whether `createinvoice` copies ExternalInvoiceReference1 and 2.
        index_lag_seconds: How long a new record is missing from lists and searches (never from a GET by number).
        payment_moves_lastmodified: Whether a booked payment counts as a change of its invoice.
        read_only_members: What happens to a read-only member in a request.
        null_members: What happens to a null where nothing is known about null.
        page_beyond_last: What a page after the last one gives.
        meta_as_strings: Whether MetaInformation holds strings instead of numbers.
        organisation_number_search: Whether the search compares with the number as stored, or digits only.
        apostrophe_allowed: Whether the plain apostrophe passes (the published pattern is ambiguous).
        long_references: What happens to OurReference and YourReference of more than 50 characters.
        scope_status: HTTP status of a missing right (both 403 and 400 are seen).
        payment_needs_booked_invoice: Whether a payment of an unbooked invoice is refused.
        credit_settles_original: Whether booking a credit note settles it against the credited invoice.
        base_price_exists: Whether the price step 0 of every article is there before anybody wrote it.
        sales_price: What happens to SalesPrice in a request for an article.
        fees_from_customer: Whether the customer's freight and fee are added to a document that names none.
        vat_included_from_customer: Whether VATIncluded follows the customer's ShowPriceVATIncluded.
        vat_rounding: Whether VAT is rounded per rate or per row.
        round_off_currencies: The currencies whose totals are rounded to whole units.
        article_amounts: The form of amounts in lists of articles: all three are recorded, one form per article.
        most_rows: The most rows that a document takes; None for no limit (one third party says 500).
        inactive: Whether a document may name a customer or an article that is inactive.
        missing_financial_year: What happens to a document dated outside all financial years.
        warehouse: Whether the company has the warehouse module: an order begins in the state registration, and what is
            delivered can be written in the state delivery alone.
        ocr: Whether the company's setting makes OCR numbers.
        discount_amount_per: Whether a discount amount is taken off the row or off each of its units.
        balance_in: The currency of an invoice's Balance: its own, or the company's.
        codes: Other error codes than the simulator's guesses, by the names in `errors.py`.
    """

    createinvoice_reply: Literal["order", "invoice"] = "order"
    retry_after: bool = False
    references_follow_to_invoice: bool = True
    index_lag_seconds: float = 0.0
    payment_moves_lastmodified: bool = False
    read_only_members: Literal["ignored", "refused"] = "ignored"
    null_members: Literal["ignored", "refused"] = "ignored"
    page_beyond_last: Literal["empty", "refused"] = "empty"
    meta_as_strings: bool = False
    organisation_number_search: Literal["stored", "digits"] = "stored"
    apostrophe_allowed: bool = True
    long_references: Literal["refused", "cut"] = "refused"
    scope_status: Literal[403, 400] = 403
    payment_needs_booked_invoice: bool = True
    credit_settles_original: bool = True
    base_price_exists: bool = True
    sales_price: Literal["refused", "ignored"] = "refused"
    fees_from_customer: bool = True
    vat_included_from_customer: bool = True
    vat_rounding: Literal["rate", "row"] = "rate"
    round_off_currencies: tuple[str, ...] = ("SEK",)
    article_amounts: Literal["strings", "numbers", "mixed"] = "mixed"
    most_rows: int | None = 500
    inactive: Literal["refused", "taken"] = "refused"
    missing_financial_year: Literal["refused", "taken"] = "refused"
    warehouse: bool = True
    ocr: bool = True
    discount_amount_per: Literal["row", "unit"] = "row"
    balance_in: Literal["invoice", "company"] = "invoice"
    codes: dict[str, int] = Field({})
