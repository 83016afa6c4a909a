"""What orders and invoices have in common: made from a customer, added up, listed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from erpcore.simulator import rounded
from erpcore_fortnox.simulator.arithmetic import FEE_VAT, totals
from erpcore_fortnox.simulator.books import URL, Books, Record, url_of
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.countries import document_name
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.lists import ListRules, listed, member
from erpcore_fortnox.simulator.members import Member, Table, read_only
from erpcore_fortnox.simulator.rows import WITHOUT_VAT, check, fill, money_of, read_rows

NOTHING = Decimal(0)
NONE = "0"
"""How a reference to another document says "none" (recorded replies)."""
DEFAULT_TERMS = "30"

EMAIL_INFORMATION = Member(
    "EmailInformation",
    "group",
    None,
    writable=False,
    members=(
        Member("EmailAddressFrom", "text", None),
        Member("EmailAddressTo"),
        Member("EmailAddressCC", "text", None),
        Member("EmailAddressBCC", "text", None),
        Member("EmailSubject"),
        Member("EmailBody", "text", " "),
    ),
)
TAX_REDUCTION_TYPE = read_only("TaxReductionType", "none")
LABELS = read_only("Labels", [], "list")
LANGUAGE = read_only("Language", "SV")
REFERENCES = ("ExternalInvoiceReference1", "ExternalInvoiceReference2")
"""Where a client may put a key of its own, and what a list can be searched by."""
SEARCHED = {name.lower(): member(name) for name in REFERENCES}

_COPIED = {name: name for name in ("Address1", "Address2", "City", "ZipCode", "Phone1", "Phone2")} | {
    name: name
    for name in (
        "DeliveryAddress1",
        "DeliveryAddress2",
        "DeliveryCity",
        "DeliveryName",
        "DeliveryZipCode",
        "OrganisationNumber",
        "Currency",
        "PriceList",
        "Project",
        "CostCenter",
        "OurReference",
        "YourReference",
        "TermsOfDelivery",
        "WayOfDelivery",
    )
}


@dataclass(frozen=True)
class Kind:
    """What tells orders and invoices apart: names on the wire, tables, and where they are kept.

    Attributes:
        one: Envelope of one document.
        many: Envelope of the list, and in small letters the address, the scope's plural and the series.
        scope: The scope that it needs.
        rows: The member that holds the rows.
        day: The member that holds the document's date.
        table: The document's members.
        row_table: A row's members.
        subject: The subject of its e-mail: a template, as replies show it (recorded).
    """

    one: str
    many: str
    scope: str
    rows: str
    day: str
    table: Table
    row_table: Table
    subject: str

    @property
    def path(self) -> str:
        """The collection's address."""
        return self.many.lower()


class Documents(ABC):
    """One of the two resources.

    Args:
        books: The company's.
        kind: Which one.
        held: Where its documents are kept, by number.
        list_rules: What its list can do.
    """

    def __init__(self, books: Books, kind: Kind, held: dict[str, Record], list_rules: ListRules) -> None:
        self.books = books
        self.kind = kind
        self.held = held
        self._list_rules = list_rules

    def operations(self) -> list[Operation]:
        """Return the addresses that both have."""
        collection, scope = f"/{self.kind.path}", self.kind.scope
        return [
            Operation("GET", collection, scope, self.list_all),
            Operation("POST", collection, scope, self.create),
            Operation("GET", f"{collection}/{{DocumentNumber}}", scope, self.get),
        ]

    @abstractmethod
    def started(self, number: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return the members that a new document of this kind begins with."""

    @abstractmethod
    def before_delivery(self, changes: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        """Refuse what the warehouse module does not let be delivered yet.

        Raises:
            Refused: A row is.
        """

    @abstractmethod
    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the members that follow from the totals."""

    @abstractmethod
    def short(self, record: Record) -> dict[str, Any]:
        """Return the form that lists show."""

    def list_all(self, call: Call) -> Answer:
        """List the documents in their short form."""
        records = self.held.values()
        return Answer(listed(self.kind.many, records, self._list_rules, call.query, self.books, self.short))

    def get(self, call: Call) -> Answer:
        """Return one document."""
        return self.shown(self.find(call.params["DocumentNumber"]))

    def create(self, call: Call) -> Answer:
        """Make a document; everything that is not said comes from customer and company."""
        changes = self.kind.table.read(call.payload(self.kind.one), self.books.behaviour)
        given = read_rows(changes.pop(self.kind.rows, []), self.kind.row_table, self.books)
        most = self.books.behaviour.most_rows
        if most is not None and len(given) > most:
            raise Refused("too_many_rows", f"{len(given)} > {most}")
        number = changes.pop("DocumentNumber", None)
        if number is not None and number in self.held:
            raise Refused("document_number_used")
        customer = self.usable_customer(changes.get("CustomerNumber"))
        values = self.kind.table.empty() | self._from_customer(customer) | changes
        values[self.kind.day] = changes.get(self.kind.day) or self.books.today().isoformat()
        if changes.get("CurrencyRate") is None or "CurrencyUnit" not in changes:
            values |= self._rate(values["Currency"], changes)
        self._check(values)
        self.before_delivery(changes, given)
        rows = [fill(row, self.kind.row_table, values, customer, self.books) for row in given]
        for row in rows:
            check(row, self.books, is_invoice=self.kind.one == "Invoice")
        number = number or self.books.free_number(self.kind.path, self.held)
        values |= self.started(number, values)
        values["EmailInformation"] = self._email(customer)
        record = self.books.new_record(values, call.method, call.path)
        self.put_in(record, rows)
        return Answer(self.shown(record).content, 201, self.kind.path)

    def find(self, number: str) -> Record:
        """Return a document.

        Raises:
            Refused: There is none.
        """
        record = self.held.get(number)
        if record is None:
            raise Refused(self.kind.one.lower())
        return record

    def shown(self, record: Record) -> Answer:
        """Return the whole document as a reply."""
        return Answer({self.kind.one: self.whole(record)})

    def whole(self, record: Record) -> dict[str, Any]:
        """Return the whole document as replies show it."""
        number = record.values["DocumentNumber"]
        reductions = f"{URL}/taxreductions?filter={self.kind.path}&referencenumber={number}"
        return self.kind.table.show(
            {
                **record.values,
                "@url": url_of(self.kind.path, number),
                "@urlTaxReductionList": reductions,
                self.kind.rows: [self.kind.row_table.show(row) for row in record.rows],
            }
        )

    def put_in(self, record: Record, rows: list[dict[str, Any]]) -> None:
        """Keep a document with these rows: new row ids, sums, and what follows from them."""
        values, customer = record.values, self.customer(record.values["CustomerNumber"])
        has_vat = customer.values["VATType"] not in WITHOUT_VAT
        off_each = self.books.behaviour.discount_amount_per == "unit"
        record.rows = []
        for row in rows:
            kept = {**row, "RowId": self.books.count_up("rows"), "VAT": row["VAT"] if has_vat else NOTHING}
            record.rows.append(kept | money_of(kept, vat_included=values["VATIncluded"], off_each=off_each))
        sums = totals(
            record.rows,
            vat_included=values["VATIncluded"],
            freight=values["Freight"],
            fee=values["AdministrationFee"],
            fee_vat_rate=FEE_VAT if has_vat else NOTHING,
            whole_units=values["Currency"] in self.books.behaviour.round_off_currencies,
            per_row=self.books.behaviour.vat_rounding == "row",
            off_each=off_each,
        )
        contribution = sum((row["ContributionValue"] for row in record.rows), NOTHING)
        values |= {
            "Net": sums.net,
            "Gross": sums.gross,
            "TotalVAT": sums.total_vat,
            "FreightVAT": sums.freight_vat,
            "AdministrationFeeVAT": sums.fee_vat,
            "RoundOff": sums.round_off,
            "Total": sums.total,
            "TotalToPay": sums.total,
            "ContributionValue": contribution,
            "ContributionPercent": rounded(contribution / sums.net * 100) if sums.net else NOTHING,
        }
        values |= self.settled(values)
        self.held[values["DocumentNumber"]] = record

    def customer(self, number: str | None) -> Record:
        """Return the customer that a document names.

        Raises:
            Refused: None is named, or there is none such.
        """
        if not number:
            raise Refused("null", "customernumber")
        customer = self.books.customers.get(number)
        if customer is None:
            raise Refused("customer_of_document")
        return customer

    def usable_customer(self, number: str | None) -> Record:
        """Return the customer that a new document names.

        Raises:
            Refused: None is named, there is none such, or it is inactive.
        """
        customer = self.customer(number)
        if self.books.behaviour.inactive == "refused" and not customer.values["Active"]:
            raise Refused("customer_inactive", number)
        return customer

    def _from_customer(self, customer: Record) -> dict[str, Any]:
        held, behaviour = customer.values, self.books.behaviour
        values = {name: held[source] or "" for name, source in _COPIED.items()}
        values |= {
            "CustomerName": held["Name"],
            "Country": document_name(held["CountryCode"]),
            "DeliveryCountry": document_name(held["DeliveryCountryCode"]),
            "TermsOfPayment": held["TermsOfPayment"] or DEFAULT_TERMS,
        }
        if behaviour.vat_included_from_customer:
            values["VATIncluded"] = held["ShowPriceVATIncluded"]
        if behaviour.fees_from_customer:
            values["Freight"] = held["InvoiceFreight"] or NOTHING
            values["AdministrationFee"] = held["InvoiceAdministrationFee"] or NOTHING
        return values

    def _rate(self, currency: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        register = self.books.register("currencies").get(currency)
        if register is None:
            raise Refused("currency", status=400)
        if "CurrencyRate" in changes:
            # A rate without a unit is not taken over but becomes 1, as a production client found.
            given = changes["CurrencyRate"] if "CurrencyUnit" in changes else Decimal(1)
            return {"CurrencyRate": given, "CurrencyUnit": changes.get("CurrencyUnit", Decimal(1))}
        return {"CurrencyRate": register.values["SellRate"], "CurrencyUnit": register.values["Unit"]}

    def _email(self, customer: Record) -> dict[str, Any]:
        to = customer.values[f"Email{self.kind.one}"] or customer.values["Email"]
        return {"EmailAddressTo": to, "EmailSubject": self.kind.subject}

    def _check(self, values: dict[str, Any]) -> None:
        for name, register, problem in (
            ("Currency", "currencies", "currency"),
            ("TermsOfPayment", "termsofpayments", "terms"),
            ("PriceList", "pricelists", "price_list"),
        ):
            if values[name] not in self.books.register(register):
                raise Refused(problem, status=400)
        self.books.require_named(values)
        lacks_year = self.books.financial_year(date.fromisoformat(values[self.kind.day])) is None
        if lacks_year and self.books.behaviour.missing_financial_year == "refused":
            raise Refused("financial_year")
