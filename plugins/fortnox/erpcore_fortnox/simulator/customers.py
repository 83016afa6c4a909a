"""Customers and their contact names: `/3/customers` and `/3/customerreferences`."""

from __future__ import annotations

from typing import Any

from erpcore_fortnox.simulator.books import Books, Record, url_of
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.countries import swedish_name
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.lists import ListRules, by_number, listed, member
from erpcore_fortnox.simulator.members import Kind, Member, Table, read_only
from erpcore_fortnox.simulator.text import is_organisation_number

_DELIVERY_TYPES = ("PRINT", "EMAIL", "PRINTSERVICE", "ELECTRONICINVOICE")


def _text(name: str, empty: Any = None, most: int | None = 1024, least: int | None = None) -> Member:
    return Member(name, "text", empty, most=most, least=least)


def _code(name: str, length: int) -> Member:
    return Member(name, "text", None, least=length, most=length)


def _email(name: str) -> Member:
    return Member(name, "text", "", most=1024, emails=True)


def _group(name: str, members: tuple[str, ...], empty: str, kind: Kind = "text") -> Member:
    choices = _DELIVERY_TYPES if kind == "choice" else ()
    inner = tuple(Member(member, kind, empty, choices=choices) for member in members)
    return Member(name, "group", None, members=inner)


CUSTOMER = Table(
    [
        read_only("@url"),
        _text("Address1"),
        _text("Address2"),
        _text("City"),
        read_only("Country", None),
        _text("Comments"),
        Member("Currency", "text", "SEK", least=3, most=3),
        _text("CostCenter"),
        _code("CountryCode", 2),
        Member("Active", "flag", empty=True),
        _text("CustomerNumber", ""),
        _group("DefaultDeliveryTypes", ("Invoice", "Order", "Offer"), "PRINT", "choice"),
        _group("DefaultTemplates", ("Order", "Offer", "Invoice", "CashInvoice"), "DEFAULTTEMPLATE"),
        _text("DeliveryAddress1"),
        _text("DeliveryAddress2"),
        _text("DeliveryCity"),
        read_only("DeliveryCountry", None),
        _code("DeliveryCountryCode", 2),
        _text("DeliveryFax"),
        _text("DeliveryName"),
        _text("DeliveryPhone1"),
        _text("DeliveryPhone2"),
        _text("DeliveryZipCode", most=10),
        *(_email(f"Email{use}") for use in ("", "Invoice", "InvoiceBCC", "InvoiceCC")),
        *(_email(f"Email{use}") for use in ("Offer", "OfferBCC", "OfferCC", "Order", "OrderBCC", "OrderCC")),
        _text("ExternalReference"),
        _text("Fax"),
        _code("GLN", 13),
        _code("GLNDelivery", 13),
        Member("InvoiceAdministrationFee", "number", None, as_text=True),
        Member("InvoiceDiscount", "number", None),
        Member("InvoiceFreight", "number", None, as_text=True),
        _text("InvoiceRemark", ""),
        _text("Name", "", least=1),
        _text("OrganisationNumber", "", most=30),
        _text("OurReference", "", most=50),
        _text("Phone1"),
        _text("Phone2"),
        _text("PriceList", "A", most=100),
        _text("Project", "", most=None),
        Member("SalesAccount", "whole", None, least=1000, most=9999, as_text=True),
        Member("ShowPriceVATIncluded", "flag", empty=False),
        _text("TermsOfDelivery", "", most=None),
        _text("TermsOfPayment", "", most=25),
        Member("Type", "choice", "COMPANY", choices=("PRIVATE", "COMPANY")),
        _text("VATNumber", "", most=None),
        Member("VATType", "choice", "SEVAT", choices=("SEVAT", "SEREVERSEDVAT", "EUREVERSEDVAT", "EUVAT", "EXPORT")),
        _text("VisitingAddress", most=128),
        _text("VisitingCity", most=128),
        read_only("VisitingCountry", None),
        _code("VisitingCountryCode", 2),
        _text("VisitingZipCode", most=10),
        _text("WayOfDelivery", "", most=None),
        _text("WWW", "", most=128),
        _text("YourReference", "", most=50),
        _text("ZipCode", most=10),
    ]
)
REFERENCE = Table([Member("CustomerNumber"), Member("Id", "whole", None, writable=False), Member("Reference")])

_LISTED = {
    name: name for name in ("Address1", "Address2", "City", "CustomerNumber", "Email", "Name", "OrganisationNumber")
} | {"Phone": "Phone1", "ZipCode": "ZipCode"}


class Customers:
    """The resource. `books` is the company's."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._list_rules = ListRules(
            texts={"name": member("Name")},
            tests={"organisationnumber": self._has_organisation_number},
            sorts={"customernumber": by_number("CustomerNumber"), "name": member("Name")},
            by_default=by_number("CustomerNumber"),
        )

    def operations(self) -> list[Operation]:
        """Return the addresses of the resource."""
        one, references = "/customers/{CustomerNumber}", "/customerreferences"
        return [
            Operation("GET", "/customers", "customer", self.list_all),
            Operation("POST", "/customers", "customer", self.create),
            Operation("GET", one, "customer", self.get),
            Operation("PUT", one, "customer", self.update),
            Operation("GET", references, "customer", self.list_references),
            Operation("POST", references, "customer", self.create_reference),
            Operation("PUT", f"{references}/{{CustomerReferenceRowId}}", "customer", self.update_reference),
        ]

    def list_all(self, call: Call) -> Answer:
        """List customers in their short form."""
        records = self._books.customers.values()
        return Answer(listed("Customers", records, self._list_rules, call.query, self._books, _short))

    def get(self, call: Call) -> Answer:
        """Return one customer."""
        return Answer({"Customer": show_customer(self._find(call))})

    def create(self, call: Call) -> Answer:
        """Make a customer; its number comes from the series when none is given."""
        changes = CUSTOMER.read(call.payload("Customer"), self._books.behaviour)
        if not changes.get("Name"):
            raise Refused("null", "name")
        number = changes.get("CustomerNumber")
        if number is not None and number in self._books.customers:
            raise Refused("customer_number_used")
        values = CUSTOMER.empty() | changes
        self._check(values, changes)
        values["CustomerNumber"] = number or self._books.free_number("customers", self._books.customers)
        record = self._books.new_record(values, call.method, call.path)
        self._books.customers[values["CustomerNumber"]] = record
        shown = show_customer(record)
        if shown["SalesAccount"] is not None:
            shown["SalesAccount"] = int(shown["SalesAccount"])  # a number here, a string in GET (recorded replies)
        return Answer({"Customer": shown}, 201, "customers")

    def update(self, call: Call) -> Answer:
        """Change the members that are given; the number stays."""
        record = self._find(call)
        changes = CUSTOMER.read(call.payload("Customer"), self._books.behaviour)
        if changes.get("CustomerNumber", call.params["CustomerNumber"]) != call.params["CustomerNumber"]:
            raise Refused("read_only", "CustomerNumber")
        if changes.get("Name") == "":
            raise Refused("null", "name")
        for name in ("DefaultDeliveryTypes", "DefaultTemplates"):
            if name in changes:
                changes[name] = (record.values[name] or {}) | changes[name]
        values = record.values | changes
        self._check(values, changes)
        record.values = values
        self._books.touch(record)
        return Answer({"Customer": show_customer(record)})

    def list_references(self, call: Call) -> Answer:
        """List contact names, of one customer when `customer` is given."""
        if strangers := call.query.keys() - {"customer", "page", "limit", "offset"}:
            raise Refused("parameter", min(strangers))
        number = call.query.get("customer")
        rows = list(self._books.customer_references.values())
        return _references([row for row in rows if number in (None, row["CustomerNumber"])])

    def create_reference(self, call: Call) -> Answer:
        """Add a contact name to a customer."""
        row = REFERENCE.read(call.payload("CustomerReferenceRow"), self._books.behaviour)
        if row.get("CustomerNumber") not in self._books.customers:
            raise Refused("customer_of_document")
        if not row.get("Reference"):
            raise Refused("null", "reference")
        row["Id"] = self._books.count_up("customer references")
        self._books.customer_references[row["Id"]] = row
        answer = _references([row])
        return Answer(answer.content, 201, "customerreferences")

    def update_reference(self, call: Call) -> Answer:
        """Change a contact name; the customer stays."""
        row = self._books.customer_references.get(int(call.params["CustomerReferenceRowId"]))
        if row is None:
            raise Refused("path")
        changes = REFERENCE.read(call.payload("CustomerReferenceRow"), self._books.behaviour)
        if changes.get("CustomerNumber", row["CustomerNumber"]) != row["CustomerNumber"]:
            raise Refused("read_only", "CustomerNumber")
        if changes.get("Reference") == "":
            raise Refused("null", "reference")
        row.update({name: value for name, value in changes.items() if name == "Reference"})
        return _references([row])

    def _find(self, call: Call) -> Record:
        record = self._books.customers.get(call.params["CustomerNumber"])
        if record is None:
            raise Refused("customer")
        return record

    def _check(self, values: dict[str, Any], changes: dict[str, Any]) -> None:
        is_swedish = values["CountryCode"] in (None, "SE")
        number, is_private = changes.get("OrganisationNumber"), values["Type"] == "PRIVATE"
        if number and is_swedish and not is_organisation_number(number, private=is_private):
            raise Refused("organisation_number")
        for name, register, problem in (
            ("Currency", "currencies", "currency"),
            ("TermsOfPayment", "termsofpayments", "terms"),
            ("PriceList", "pricelists", "price_list"),
        ):
            if changes.get(name) and changes[name] not in self._books.register(register):
                raise Refused(problem, status=400)
        self._books.require_named(changes)
        for prefix in ("", "Delivery", "Visiting"):
            values[f"{prefix}Country"] = swedish_name(values[f"{prefix}CountryCode"])

    def _has_organisation_number(self, record: Record, wanted: str) -> bool:
        stored = record.values["OrganisationNumber"]
        if self._books.behaviour.organisation_number_search == "digits":
            return _digits(wanted) in _digits(stored)
        return wanted.lower() in stored.lower()


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def show_customer(record: Record) -> dict[str, Any]:
    """Return the whole customer as a reply shows it."""
    return CUSTOMER.show({**record.values, "@url": url_of("customers", record.values["CustomerNumber"])})


def _short(record: Record) -> dict[str, Any]:
    # What the single record shows as null, the list shows as "" (recorded replies).
    shown = {name: record.values[source] or "" for name, source in _LISTED.items()}
    return {"@url": url_of("customers", record.values["CustomerNumber"]), **shown}


def _references(rows: list[dict[str, Any]]) -> Answer:
    return Answer({"CustomerReference": {"CustomerReferenceRows": [REFERENCE.show(row) for row in rows]}})
