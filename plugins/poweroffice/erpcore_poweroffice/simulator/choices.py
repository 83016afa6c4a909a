"""The closed lists of values that members may have."""

from __future__ import annotations

UNITS = (
    "BX MTR KMT KGM EA LTR HUR DAY MTK MTQ TNE MON ANN QAN NL XRO XBA XPL XPC PR XCI XBG SET XTY XOF FTK KWH MWH "
    "LBR CMT DMT LM XPK GRM HGM XFL XBE E54 MMT DAA H18 MLT HLT DLT AK XCR E14 MJ J57 XJG XCT XSA XTU WEE XCA XCN "
    "NAR M4 XVQ P1 MFU KMK LM3 FOT FM3 E34 E35 "
)
"""Units of measure, separated by spaces."""

CHOICES: dict[str, tuple[str, ...]] = {
    "AgricultureDepartment": (
        "None",
        "Finance",
        "Farming",
        "Forestry",
        "FurAnimals",
        "OtherIndustries",
        "Private",
    ),
    "InvoiceDeliveryType": (
        "PdfByEmail",
        "Print",
        "EHF",
        "AvtaleGiro",
        "External",
        "Efaktura",
        "Factoring",
    ),
    "NoticeOfDebtCollectionDeliveryType": (
        "PdfByEmail",
        "Print",
    ),
    "OrderStatus": (
        "Draft",
        "Confirmed",
    ),
    "OutgoingInvoiceVoucherType": (
        "OutgoingInvoice",
        "OutgoingCreditNote",
    ),
    "ProductType": (
        "Product",
        "Service",
    ),
    "ReminderDeliveryType": (
        "PdfByEmail",
        "Print",
    ),
    "SendInvoiceDeliveryType": (
        "PdfByEmail",
        "PdfPrintForDownload",
        "Auto",
    ),
    "SubLedgerNumberSeriesType": (
        "Customer",
        "Supplier",
        "Employee",
    ),
    "VatReturnSpecification": (
        "None",
        "Adjustment",
        "LossesOnClaims",
        "ReversalOfInputValueAddedTax",
        "Withdrawals",
        "AdjustmentVatCompensationRealProperty",
        "PurchasesEligibleForCompensation",
    ),
    "VoucherLineType": (
        "Normal",
        "Text",
        "Summary",
        "InvoiceFee",
        "TotalHours",
    ),
    "VoucherType": (
        "Unknown",
        "IncomingInvoice",
        "IncomingCreditNote",
        "OutgoingInvoice",
        "OutgoingCreditNote",
        "IncomingBankRemittance",
        "IncomingOcrGiro",
        "ManualJournal",
        "Expense",
        "CashJournal",
        "IncomingPayments",
        "OutgoingPayments",
        "YearEndJournal",
        "BankJournal",
        "VatReturns",
        "PayrollJournal",
        "OutgoingPaymentReminder",
        "OutgoingNoticeOfDebtCollection",
        "OutgoingPaymentDemand",
        "OutgoingWarrantOfExecution",
        "CorrectionVoucher",
        "ReversalVoucher",
        "DepreciationJournal",
        "TravelExpense",
        "Settlement",
        "NegativeSettlement",
        "SystemGeneratedDocumentationVoucher",
    ),
    "UnitOfMeasureType": tuple(UNITS.split()),
}
"""By the vendor's name of the list (vendor's description, closed lists)."""
