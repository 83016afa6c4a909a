"""Orders: `/3/orders`, with `createinvoice`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erpcore_fortnox.simulator.books import Books, Record, url_of
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.documents import (
    EMAIL_INFORMATION,
    LABELS,
    LANGUAGE,
    NONE,
    NOTHING,
    SEARCHED,
    TAX_REDUCTION_TYPE,
    Documents,
    Kind,
)
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.invoices import Invoices
from erpcore_fortnox.simulator.lists import ListRules, by_number
from erpcore_fortnox.simulator.members import Member, Table, read_only
from erpcore_fortnox.simulator.rows import ORDER_ROW


def _text(name: str, most: int | None = None) -> Member:
    return Member(name, most=most)


ORDER = Table(
    [
        read_only("@url"),
        read_only("@urlTaxReductionList"),
        Member("AdministrationFee", "number", NOTHING),
        read_only("AdministrationFeeVAT", NOTHING, "number"),
        _text("Address1"),
        _text("Address2"),
        read_only("BasisTaxReduction", NOTHING, "number"),
        read_only("Cancelled", kind="flag", empty=False),
        _text("City"),
        _text("Comments"),
        read_only("ContributionPercent", NOTHING, "number"),
        read_only("ContributionValue", NOTHING, "number"),
        Member("CopyRemarks", "flag", empty=False),
        _text("Country"),
        _text("CostCenter"),
        Member("Currency", most=3),
        Member("CurrencyRate", "number", Decimal(1)),
        Member("CurrencyUnit", "number", Decimal(1)),
        _text("CustomerName"),
        _text("CustomerNumber"),
        Member("DeliveryState", "choice", "delivery", choices=("registration", "reservation", "delivery")),
        _text("DeliveryAddress1"),
        _text("DeliveryAddress2"),
        _text("DeliveryCity"),
        _text("DeliveryCountry"),
        Member("DeliveryDate", "date", None),
        _text("DeliveryName"),
        _text("DeliveryZipCode"),
        _text("DocumentNumber"),
        EMAIL_INFORMATION,
        _text("ExternalInvoiceReference1", 80),
        _text("ExternalInvoiceReference2", 80),
        Member("Freight", "number", NOTHING),
        read_only("FreightVAT", NOTHING, "number"),
        read_only("Gross", NOTHING, "number"),
        read_only("HouseWork", kind="flag", empty=False),
        read_only("InvoiceReference", NONE),
        LABELS,
        LANGUAGE,
        read_only("Net", NOTHING, "number"),
        Member("NotCompleted", "flag", empty=False),
        read_only("OfferReference", NONE),
        Member("OrderDate", "date", None),
        Member("OrderRows", "list", []),
        read_only("OrderType", "Order"),
        read_only("OrganisationNumber"),
        _text("OurReference", 50),
        _text("Phone1"),
        _text("Phone2"),
        _text("PriceList"),
        Member("PrintTemplate", "text", "oc"),
        _text("Project"),
        read_only("WarehouseReady", kind="flag", empty=True),
        Member("OutboundDate", "date", None),
        _text("Remarks", 1024),
        read_only("RoundOff", NOTHING, "number"),
        read_only("Sent", kind="flag", empty=False),
        read_only("TaxReduction", None, "number"),
        _text("TermsOfDelivery"),
        _text("TermsOfPayment"),
        read_only("TimeBasisReference", None, "whole"),
        read_only("Total", NOTHING, "number"),
        read_only("TotalToPay", NOTHING, "number"),
        read_only("TotalVAT", NOTHING, "number"),
        Member("VATIncluded", "flag", empty=False),
        _text("WayOfDelivery"),
        _text("YourReference", 50),
        _text("YourOrderNumber", 75),
        _text("ZipCode"),
        Member("StockPointCode", "text", None),
        Member("StockPointId", "text", None),
        TAX_REDUCTION_TYPE,
    ]
)
_SHORT = (
    "Cancelled",
    "Currency",
    "CustomerName",
    "CustomerNumber",
    "DeliveryDate",
    "DocumentNumber",
    "ExternalInvoiceReference1",
    "ExternalInvoiceReference2",
    "OrderDate",
    "OrderType",
    "Project",
    "Sent",
    "Total",
)
_LIST_RULES = ListRules(texts=SEARCHED, by_default=by_number("DocumentNumber"))
_KIND = Kind("Order", "Orders", "order", "OrderRows", "OrderDate", ORDER, ORDER_ROW, "Order {no} bifogas")


class Orders(Documents):
    """The resource.

    Args:
        books: The company's.
        invoices: Where `createinvoice` puts what it makes.
    """

    def __init__(self, books: Books, invoices: Invoices) -> None:
        super().__init__(books, _KIND, books.orders, _LIST_RULES)
        self._invoices = invoices

    def operations(self) -> list[Operation]:
        """Return the addresses of the resource."""
        create_invoice = "/orders/{DocumentNumber}/createinvoice"
        return [*super().operations(), Operation("PUT", create_invoice, "order", self.create_invoice)]

    def started(self, number: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return number and outbound date."""
        return {"DocumentNumber": number, "OutboundDate": values["OutboundDate"] or values["OrderDate"]}

    def before_delivery(self, changes: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        """Refuse rows that are delivered before the order is."""
        if not self.books.behaviour.warehouse or changes.get("DeliveryState") == "delivery":
            return
        if any(row.get("DeliveredQuantity") for row in rows):
            raise Refused("not_in_delivery")

    def settled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return nothing: an order owes nothing."""
        return {}

    def cancel(self, number: str) -> Record:
        """Cancel an order that is not invoiced, as a person does."""
        record = self.find(number)
        if record.values["Cancelled"] or record.values["InvoiceReference"] != NONE:
            raise Refused("order_locked")
        record.values["Cancelled"] = True
        self.books.touch(record)
        return record

    def create_invoice(self, call: Call) -> Answer:
        """Make the order's one invoice, of what is delivered."""
        record = self.find(call.params["DocumentNumber"])
        if record.values["InvoiceReference"] != NONE:
            raise Refused("already_invoiced")
        if record.values["Cancelled"]:
            raise Refused("order_locked")
        invoice = self._invoices.from_order(record, call)
        record.values["InvoiceReference"] = invoice.values["DocumentNumber"]
        self.books.touch(record)
        if self.books.behaviour.createinvoice_reply == "invoice":
            return self._invoices.shown(invoice)
        return self.shown(record)

    def short(self, record: Record) -> dict[str, Any]:
        """Return the short form; it lacks InvoiceReference and YourOrderNumber (recorded replies)."""
        shown = ORDER.show(record.values)
        return {"@url": url_of("orders", record.values["DocumentNumber"])} | {name: shown[name] for name in _SHORT}
