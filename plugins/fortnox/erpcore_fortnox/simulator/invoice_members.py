"""The members of an invoice, and what its list can search."""

from __future__ import annotations

from decimal import Decimal

from erpcore_fortnox.simulator.books import Books, Record
from erpcore_fortnox.simulator.documents import (
    EMAIL_INFORMATION,
    LABELS,
    LANGUAGE,
    NONE,
    NOTHING,
    SEARCHED,
    TAX_REDUCTION_TYPE,
)
from erpcore_fortnox.simulator.lists import ListRules, by_number
from erpcore_fortnox.simulator.members import Member, Table, read_only


def _text(name: str, most: int | None = 1024) -> Member:
    return Member(name, most=most)


INVOICE = Table(
    [
        read_only("@url"),
        read_only("@urlTaxReductionList"),
        Member("AdministrationFee", "number", NOTHING),
        read_only("AdministrationFeeVAT", NOTHING, "number"),
        _text("Address1"),
        _text("Address2"),
        read_only("Balance", NOTHING, "number"),
        read_only("BasisTaxReduction", NOTHING, "number"),
        read_only("Booked", kind="flag", empty=False),
        read_only("Cancelled", kind="flag", empty=False),
        _text("City"),
        _text("Comments"),
        read_only("ContractReference", NONE),
        read_only("ContributionPercent", NOTHING, "number"),
        read_only("ContributionValue", NOTHING, "number"),
        _text("Country", None),
        _text("CostCenter", None),
        read_only("Credit", "false"),
        Member("CreditInvoiceReference", "text", NONE),
        Member("Currency", most=3),
        Member("CurrencyRate", "number", Decimal(1)),
        Member("CurrencyUnit", "number", Decimal(1)),
        _text("CustomerName"),
        _text("CustomerNumber"),
        _text("DeliveryAddress1"),
        _text("DeliveryAddress2"),
        _text("DeliveryCity"),
        _text("DeliveryCountry", None),
        Member("DeliveryDate", "date", None),
        _text("DeliveryName"),
        _text("DeliveryZipCode"),
        _text("DocumentNumber", None),
        Member("DueDate", "date", ""),
        Member(
            "EDIInformation",
            "group",
            None,
            members=(
                Member("EDIGlobalLocationNumber", "text", None, most=13),
                Member("EDIGlobalLocationNumberDelivery", "text", None, most=13),
                Member("EDIInvoiceExtra1", "text", None),
                Member("EDIInvoiceExtra2", "text", None),
                Member("EDIOurElectronicReference", "text", None),
                Member("EDIYourElectronicReference", "text", None),
                read_only("EDIStatus"),
            ),
        ),
        EMAIL_INFORMATION,
        Member("EUQuarterlyReport", "flag", empty=False),
        _text("ExternalInvoiceReference1", 80),
        _text("ExternalInvoiceReference2", 80),
        Member("Freight", "number", NOTHING),
        read_only("FreightVAT", NOTHING, "number"),
        read_only("Gross", NOTHING, "number"),
        read_only("HouseWork", kind="flag", empty=False),
        Member("InvoiceDate", "date", None),
        read_only("InvoicePeriodStart"),
        read_only("InvoicePeriodEnd"),
        read_only("InvoiceReference", NONE),
        Member("InvoiceRows", "list", []),
        Member(
            "InvoiceType",
            "choice",
            "INVOICE",
            # INTRESTINVOICE is spelt so by the vendor.
            choices=("INVOICE", "AGREEMENTINVOICE", "INTRESTINVOICE", "SUMMARYINVOICE", "CASHINVOICE"),
        ),
        LABELS,
        LANGUAGE,
        read_only("LastRemindDate", None),
        read_only("Net", NOTHING, "number"),
        Member("NotCompleted", "flag", empty=False),
        read_only("NoxFinans", kind="flag", empty=False),
        _text("OCR", 25),
        read_only("OfferReference", NONE),
        read_only("OrderReference", NONE),
        read_only("OrganisationNumber"),
        _text("OurReference", 50),
        Member("PaymentWay", "choice", "", choices=("CASH", "CARD", "AG")),
        _text("Phone1"),
        _text("Phone2"),
        _text("PriceList", None),
        Member("PrintTemplate", "text", "st"),
        _text("Project", None),
        read_only("WarehouseReady", kind="flag", empty=True),
        Member("OutboundDate", "date", ""),
        _text("Remarks"),
        read_only("Reminders", 0, "whole"),
        read_only("RoundOff", NOTHING, "number"),
        read_only("Sent", kind="flag", empty=False),
        read_only("TaxReduction", None, "whole"),
        _text("TermsOfDelivery", None),
        _text("TermsOfPayment", None),
        read_only("TimeBasisReference", 0, "whole"),
        read_only("Total", NOTHING, "number"),
        read_only("TotalToPay", NOTHING, "number"),
        read_only("TotalVAT", NOTHING, "number"),
        Member("VATIncluded", "flag", empty=False),
        read_only("VoucherNumber", None, "whole"),
        read_only("VoucherSeries", None),
        read_only("VoucherYear", None, "whole"),
        _text("WayOfDelivery", None),
        _text("YourOrderNumber", 75),
        _text("YourReference", 50),
        _text("ZipCode"),
        read_only("AccountingMethod", "ACCRUAL"),
        read_only("FinalPayDate", None),
        TAX_REDUCTION_TYPE,
    ]
)
SHORT = (
    "Balance",
    "Booked",
    "Cancelled",
    "CostCenter",
    "Currency",
    "CurrencyRate",
    "CurrencyUnit",
    "CustomerName",
    "CustomerNumber",
    "DocumentNumber",
    "DueDate",
    "ExternalInvoiceReference1",
    "ExternalInvoiceReference2",
    "InvoiceDate",
    "InvoiceType",
    "NoxFinans",
    "OCR",
    "VoucherNumber",
    "VoucherSeries",
    "VoucherYear",
    "WayOfDelivery",
    "TermsOfPayment",
    "Project",
    "Sent",
    "Total",
    "FinalPayDate",
)


def list_rules(books: Books) -> ListRules:
    """Return what the list of invoices can do."""

    def is_unpaid(record: Record) -> bool:
        values = record.values
        return bool(values["Booked"]) and not values["Cancelled"] and values["Balance"] != 0

    return ListRules(
        texts=SEARCHED,
        states={
            "cancelled": lambda record: record.values["Cancelled"] is True,
            "fullypaid": lambda record: record.values["FinalPayDate"] is not None,
            "unpaid": is_unpaid,
            "unpaidoverdue": lambda record: is_unpaid(record) and record.values["DueDate"] < books.today().isoformat(),
            "unbooked": lambda record: not record.values["Booked"] and not record.values["Cancelled"],
        },
        sorts={"documentnumber": by_number("DocumentNumber")},
        by_default=by_number("DocumentNumber"),
    )
