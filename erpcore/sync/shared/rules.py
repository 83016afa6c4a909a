"""The rules of one sync: what ``[syncs.NAME]`` of the settings file says.

The defaults are what Lime's own connector to Fortnox does (Lime Go articles “How the new ERP sync works” and
“Kom igång med Fortnox-kopplingen”); where those articles contradict each other, the rule's description says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from erpcore.languages import Language
from erpcore.models import CountryCode, CurrencyCode, Exact
from erpcore.sync.shared.rule_fields import (
    ArticleDirection,
    ArticleField,
    ConflictRule,
    CustomerDefaults,
    LossPolicies,
    LossPolicy,
    MappedField,
    MatchBy,
    title_key,
)
from erpcore.sync.shared.rules_together import contradictions


class SyncRules(BaseModel):
    """What a sync does with won deals, with orders of the CRM, and with companies that become customers."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    won_deal: Literal["order", "invoice", "nothing"] = Field(
        "order", description="What a won deal becomes in the ERP: an order, a draft of an invoice, or nothing"
    )
    won_since: date | None = Field(
        None,
        description="Deals won before this day are left alone; for the day the sync is switched on. Where the CRM does "
        "not show when a deal was won, the time of its event counts; without that, a deal was won on the day that "
        "erpcore reads it, or earlier",
    )
    time_zone: str = Field(
        "Europe/Stockholm",
        description="Where the company is: today's date on its orders and invoices, and the day of a win, are those of "
        "this time zone, wherever the worker runs",
    )
    language: Language = Field(
        "en",
        description="Language of what people read of this sync in mails and in the CRM: sv (Swedish), nb (Norwegian), "
        "en (English)",
    )
    feed_history: Literal["leave", "send"] = Field(
        "leave",
        description="What a CRM's feed of events holds when erpcore reads it for the first time, and so may be from "
        "long ago: leave it alone, but for deals known to be won on won_since or later, or send it. A single deal is "
        "sent by hand with “erpcore send”",
    )
    convert_to_invoice: bool = Field(
        default=False, description="Turn each order into an invoice draft as soon as it is made"
    )
    real_invoices: bool = Field(
        default=False,
        description="Whether won_deal and convert_to_invoice may have invoices made by an ERP that makes no drafts but "
        "posts invoices at once",
    )
    convert_field: str | None = Field(
        None,
        description="Title of a deal's custom field that asks for the invoice deal by deal: yes, true, ja, x or 1",
    )
    match: tuple[MatchBy, ...] = Field(
        ("link", "customer_number", "organisation_number"),
        description="How a customer is recognised, in this order; then it is created. The customer number is the one "
        "that the CRM keeps on the company. Add name with care",
    )
    customer_number_in_crm: Literal["this_erp", "another_erp"] | None = Field(
        None,
        description="Whose the customer number is that the CRM keeps on a company, and the company's status. A number "
        "of another ERP is neither believed nor overwritten. Must be said where several syncs share a CRM; alone it is "
        "this ERP's",
    )
    unknown_customer_number: Literal["match", "stop"] = Field(
        "match",
        description="A customer number in the CRM that the ERP has not: go on with the other ways to recognise the "
        "customer and then create it, or stop and tell",
    )
    send_customers: bool = Field(
        default=True, description="Send a company to the ERP when it becomes a customer in the CRM"
    )
    send_customer_changes: bool = Field(
        default=True, description="Update the ERP's customer when its company is changed in the CRM"
    )
    companies_per_hour: int = Field(
        60,
        ge=0,
        description="Where the CRM tells no changes of companies, as Lime Go's classic API: how many linked companies "
        "are looked at in an hour, one request to the CRM each. Some thousands then take days. 0: none",
    )
    customer_delay_seconds: float = Field(
        5.0,
        ge=0,
        description="Seconds that a company's own sending waits: a won deal makes its company a customer in the same "
        "moment, and sends it",
    )
    without_organisation_number: Literal["stop", "create"] = Field(
        "stop",
        description="A company without organisation number: stop and tell, or create a customer, known by its link",
    )
    foreign_organisation_number: Literal["stop", "as_written"] = Field(
        "stop",
        description="A number of another country than Sweden, Norway, Denmark and Finland that is no VAT number of a "
        "country of the EU either, so that its check digits are not known here: stop and tell, or send it as it is "
        "written (only for companies whose address names another country, or one that nobody can read)",
    )
    update_existing_customer: bool = Field(
        default=True, description="Overwrite the ERP's customer with what the CRM shows; the CRM is master"
    )
    shared_customer: Literal["share", "ask"] = Field(
        "share",
        description="Several companies of the CRM that are one customer in the ERP, such as two workplaces with one "
        "organisation number: share it (the first company that was sent keeps it right, the others never change it, "
        "and their documents carry their own name and address), or ask a person",
    )
    inactive_customer: Literal["stop", "activate"] = Field(
        "stop",
        description="The only customer that fits is inactive in the ERP: stop and tell, or make it active again",
    )
    deliver_to_visiting_address: bool = Field(
        default=True,
        description="The visiting address becomes the delivery address; Lime's articles say both that it does and "
        "that the delivery address is left alone",
    )
    customer_defaults: CustomerDefaults = Field(
        default_factory=CustomerDefaults, description="What new customers get beside what the CRM tells"
    )
    contact_persons: Literal["text", "find", "create"] = Field(
        "text",
        description="A deal's contact person: a text on the document; or found at the customer, by e-mail address or "
        "name, and named by the document; or created there too when there is none",
    )
    missing_article: Literal["create", "stop", "text_row"] = Field(
        "create",
        description="An article that a row names and the ERP lacks: create it, stop and tell, or send the row without "
        "article number",
    )
    free_row: Literal["row", "article"] = Field(
        "row",
        description="A row with a price that names no article, neither by a number nor as one of the CRM's: a row "
        "without article, or an article of its text, which is created where the ERP has none",
    )
    article_of_same_name: Literal["use", "stop", "create"] = Field(
        "use",
        description="Before an article is created, the ERP has one of exactly the row's text: use it and tell; stop "
        "and tell; or create another one",
    )
    article_of_like_number: Literal["stop", "use", "create"] = Field(
        "stop",
        description="Before an article is created, the ERP has one whose number differs by spaces or hyphens alone: "
        "stop and tell; use it and tell; or create another one",
    )
    units: Mapping[str, str] = Field(
        default_factory=dict,
        description="Word for a unit in the CRM = code of the unit in the ERP. Usual words are known without: “stk” is "
        "the ERP's “st”",
    )
    report_created_articles: bool = Field(
        default=False, description="Tell the CRM the number of an article that was created"
    )
    default_unit: str | None = Field(None, description="Unit of rows whose unit the CRM does not know")
    custom_fields: Literal["text_rows", "ignore"] = Field(
        "text_rows", description="A deal's own fields that are filled in: follow as text rows, or are left out"
    )
    field_mapping: Mapping[str, MappedField] = Field(
        default_factory=dict,
        description="Title of a deal's custom field = field of the document that it fills instead of a text row",
    )
    negative_value: Literal["stop", "send"] = Field(
        "stop", description="A deal worth less than nothing: stop and tell, or send it as it is"
    )
    company_country: CountryCode | None = Field(
        None,
        description="Where the company that sells is, which decides how VAT is dealt with on what foreign customers "
        "buy; left out, the ERP's own country",
    )
    undecided_vat: Literal["stop", "note"] = Field(
        "stop",
        description="A new customer in another country of the EU whose VAT number the CRM does not show, so that "
        "nobody can tell whether VAT is charged: stop and tell, or make the customer as the ERP makes it and note it",
    )
    currencies: tuple[CurrencyCode, ...] = Field(
        (), description="Currencies that the ERP has; others stop before anything is sent. Empty: the ERP judges"
    )
    currency_not_shown: Literal["own", "stop"] | CurrencyCode = Field(
        "own",
        description="A deal or an order whose currency the CRM does not show: the company's own is sent, whatever the "
        "customer's card says; stop and tell; or a currency such as “SEK”, when all amounts in the CRM are in that one",
    )
    foreign_price: Literal["leave_out", "convert"] = Field(
        "leave_out",
        description="The price of an article that is made from a row in another currency than the company's own: "
        "leave it out, or convert it at the rate of the ERP's register of currencies, where that tells one",
    )
    on_cleared_erp_id: Literal["new_document", "ask", "nothing"] = Field(
        "new_document",
        description="A deal whose ERP ID was cleared is won again: make a new document, ask a person, or do nothing",
    )
    our_reference: tuple[Literal["name", "number", "email"], ...] = Field(
        ("name",),
        description="What of the responsible coworker is our reference in the ERP: the first of these that is filled "
        "in. An ERP that knows its employees wants number or email",
    )
    missing_customer: Literal["create", "stop"] = Field(
        "create", description="An order whose customer is not in the ERP: create the customer, or stop and tell"
    )
    articles: ArticleDirection = Field(
        "off",
        description="Articles that are kept equal: off, the CRM's are sent to the ERP (to_erp), the ERP's to the CRM "
        "(to_crm), or both. An article that is deleted on a side becomes inactive on the other",
    )
    article_minutes: float = Field(
        10.0, gt=0, description="Minutes between two rounds in which articles are read and made equal"
    )
    article_conflict: ConflictRule = Field(
        "newest",
        description="A field of an article that was changed in the CRM and in the ERP: the CRM's value counts, the "
        "ERP's, the one that was changed last (the ERP's where a system does not tell when), or a person is asked",
    )
    article_conflict_of: Mapping[ArticleField, ConflictRule] = Field(
        default_factory=dict, description="The same for single fields, such as price = “erp”"
    )
    row_prices: Literal["crm", "article"] = Field(
        "crm",
        description="A row that names an article and shows no price: it is sent so, and the ERP may put a price in; or "
        "it gets the article's price as it was read last (“articles” must be on). Discounts are taken off then",
    )
    article_currency: CurrencyCode | None = Field(
        None,
        description="Currency of the articles' prices, such as SEK. Without it only rows of deals and orders whose "
        "currency the CRM does not show get an article's price",
    )
    article_groups: Mapping[str, str] = Field(
        default_factory=dict,
        description="Name of an article group in the CRM = its code in the ERP. Without this table the ERP's groups "
        "come to the CRM under their codes, and the CRM's stay there: an ERP takes no group that its register lacks",
    )
    erp_db: str | None = Field(
        None,
        description="Key of the ERP database, as orders of the CRM carry it, whose orders this sync sends; all orders "
        "if left out",
    )
    on_cleared_order_number: Literal["ask", "new_order", "restore"] = Field(
        "ask",
        description="An order whose order number was cleared is set ready again: ask a person, make a new order, or "
        "write the number back. Lime's documentation says nothing of it",
    )
    sums_differ: Literal["stop", "warn"] = Field(
        "stop",
        description="The ERP computes other sums than agreed, or cannot hold a row without changing what it comes to: "
        "stop, before anything is sent or, where only the ERP's answer tells, before the invoice, and ask a person; "
        "or go on and tell it, in the CRM too",
    )
    erp_adds: Literal["warn", "stop"] = Field(
        "warn",
        description="The ERP adds freight or a fee by itself, from the customer's card: go on and tell it, in the CRM "
        "too, or ask a person as for sums that differ",
    )
    value_differs: Literal["stop", "warn", "discount_row"] = Field(
        "stop",
        description="A deal's value, or the sums that an order shows, are not what the rows come to: stop and tell; "
        "send the rows and tell it; or add a row that takes the rest off, where the value is the smaller one",
    )
    discount_row: str = Field(
        "Rabatt", min_length=1, description="Text of the row that value_differs = “discount_row” adds"
    )
    sum_rounding: Literal["each_row", "sum"] = Field(
        "each_row",
        description="Where the CRM rounds to two decimals when it adds an order's rows up; Lime tells no rule",
    )
    sum_tolerance: Exact = Field(
        Decimal("0.50"),
        ge=0,
        description="A difference between the sums of CRM and ERP up to this is rounding, as ERPs round to whole "
        "kronor; for a larger one the rules sums_differ and value_differs say what is done",
    )
    invoices: Literal["off", "mirror", "crm"] = Field(
        "crm",
        description="The ERP's invoices, with what is paid: not read at all; read into erpcore's own mirror; or told "
        "to the CRM besides, as far as it has a place for them",
    )
    invoices_since: date | None = Field(
        None,
        description="The first day of the invoices that are brought home: from it on all are read once, and older ones "
        "are left alone. Left out: those that change from now on, whatever their date",
    )
    invoice_minutes: float = Field(
        10.0,
        gt=0,
        description="Minutes between two looks at the ERP's invoices; besides, they are looked at as soon as one was "
        "made here",
    )
    on_loss: LossPolicy = Field(
        "warn",
        description="What the ERP cannot take as it is, or a document would not show as the CRM states it: tell on the "
        "deal's story, stop before sending, or be silent",
    )
    on_loss_of: LossPolicies = Field(
        default_factory=dict,
        description="The same for single fields, such as “rows.description” = “block”",
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone “{name}”; write it as Europe/Stockholm or Europe/Oslo") from None
        return name

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if wrong := list(contradictions(self)):
            raise ValueError("; ".join(wrong))
        return self

    def day_of(self, moment: datetime) -> date:
        """Give the date where the company is.

        Args:
            moment: Aware.
        """
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def owns_customer_number(self) -> bool:
        """Whether the customer number and the status that the CRM keeps on a company are this ERP's."""
        return self.customer_number_in_crm != "another_erp"

    def starts(self, event_kind: str) -> bool:
        """Tell whether an event makes this sync look at its record. A changed deal may be one whose ERP ID was cleared.

        Args:
            event_kind: `CrmEvent.kind`.
        """
        wanted = {
            "deal_won": True,
            "deal_changed": True,
            "order_ready": True,
            "company_is_customer": self.send_customers,
            "company_changed": self.send_customer_changes,
        }
        return wanted.get(event_kind, False)

    def mapped_field(self, title: str) -> MappedField | None:
        """Give the field of the document that a custom field fills; upper and lower case are the same.

        Args:
            title: Title of the custom field.
        """
        wanted = title_key(title)
        return next((field for known, field in self.field_mapping.items() if title_key(known) == wanted), None)

    def loss_policy(self, field: str, *, filled_in: bool = False) -> LossPolicy:
        """Give the policy for a loss.

        Args:
            field: Dotted canonical name without the index of the row, such as ``rows.description``.
            filled_in: Whether the CRM shows nothing, and the ERP demands something: nothing of the CRM's is lost then,
                so that only a rule for the very field stops it.
        """
        usual: LossPolicy = "warn" if filled_in and self.on_loss == "block" else self.on_loss
        return self.on_loss_of.get(field, usual)

    def article_rule(self, field: ArticleField) -> ConflictRule:
        """Give the rule for a field of an article that was changed on both sides.

        Args:
            field: Which.
        """
        return self.article_conflict_of.get(field, self.article_conflict)
