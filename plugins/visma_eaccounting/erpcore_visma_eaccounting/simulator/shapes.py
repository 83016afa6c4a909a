"""The members of every record: type, bounds, required or read-only (interface description of September 2026).

A shape is written as words: ``Name:str!50`` is a required text of 50 characters at most, ``?`` may be null, ``-`` is
set by Visma alone, ``num/2`` keeps two decimals, ``num[0..1]`` has bounds. A ``day`` is a date on the wire, a ``time``
a moment that is kept as it was sent.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from erpcore.simulator import rounded
from erpcore_visma_eaccounting.simulator.errors import VALIDATION, Refused

_WORD = re.compile(
    r"(?P<name>\w+):(?P<kind>[a-z]+)(?P<marks>[?!-]*)(?P<most>\d+)?(?:/(?P<decimals>\d))?"
    r"(?:\[(?P<bounds>\d+\.\.\d+)\])?"
)
_EMPTY: Mapping[str, Any] = {"bool": False, "int": 0, "num": Decimal(0), "str": ""}


@dataclass(frozen=True)
class Member:
    """One member of a record.

    Attributes:
        kind: ``uuid``, ``str``, ``int``, ``num``, ``bool``, ``day``, ``time``, ``list`` or ``obj``.
        nullable: Whether it may be null.
        required: Whether a request must have it.
        read_only: Whether a request's value is passed over.
        most: The longest text.
        decimals: How many decimals a number keeps.
        bounds: The least and the greatest number.
    """

    kind: str
    nullable: bool
    required: bool
    read_only: bool
    most: int | None
    decimals: int | None
    bounds: tuple[Decimal, Decimal] | None

    @property
    def empty(self) -> Any:
        """What stands there when nothing was sent."""
        return None if self.nullable else _EMPTY.get(self.kind)


Shape = Mapping[str, Member]


def shape(words: str) -> Shape:
    """Read a shape."""
    members = {}
    for word in words.split():
        found = _WORD.fullmatch(word)
        if found is None:
            raise ValueError(f"{word!r} is no member")
        low, _, high = (found["bounds"] or "").partition("..")
        members[found["name"]] = Member(
            found["kind"],
            "?" in found["marks"],
            "!" in found["marks"],
            "-" in found["marks"],
            int(found["most"]) if found["most"] else None,
            int(found["decimals"]) if found["decimals"] else None,
            (Decimal(low), Decimal(high)) if high else None,
        )
    return members


def taken(shape: Shape, sent: Any, *, unknown: str, decimals: str, where: str = "") -> dict[str, Any]:
    """Return what a request makes of a record: what it says, and nothing where it says nothing.

    Args:
        shape: The record's members.
        sent: What the request says.
        unknown: The switch `unknown_members`.
        decimals: The switch `too_many_decimals`.
        where: What stands before a member's name in a refusal.

    Returns:
        All members; those that Visma sets are empty.

    Raises:
        Refused: With each member that is wrong.
    """
    if not isinstance(sent, dict):
        raise Refused(VALIDATION, "DataModelValidationException - The request is invalid.")
    wrong = {where + name: "There is no such property" for name in sent.keys() - shape.keys() if unknown == "refused"}
    values = {}
    for name, member in shape.items():
        value = None if member.read_only else sent.get(name)
        values[name] = member.empty
        if value is None:
            if member.required:
                wrong[where + name] = f"The {name} field is required."
            continue
        try:
            values[name] = _value(member, value, decimals)
        except (ValueError, ArithmeticError) as error:
            wrong[where + name] = f"The field {name} {error}"
    if wrong:
        raise Refused(VALIDATION, "DataModelValidationException - The request is invalid.", fields=wrong)
    return values


def _value(member: Member, value: Any, decimals: str) -> Any:
    match member.kind:
        case "uuid":
            return str(uuid.UUID(_of(str, value, "must be a GUID")))
        case "str":
            text = _of(str, value, "must be a string")
            if member.required and not text.strip():
                raise ValueError("is required")
            if member.most is not None and len(text) > member.most:
                raise ValueError(f"must be a string with a maximum length of {member.most}")
            return text
        case "bool":
            return _of(bool, value, "must be true or false")
        case "num" | "int":
            return _number(member, value, decimals)
        case "day":
            return date.fromisoformat(_of(str, value, "must be a date")[:10])
        case "list":
            return _of(list, value, "must be a list")
        case "obj":
            return _of(dict, value, "must be an object")
    return _of(str, value, "must be a date")


def _number(member: Member, value: Any, decimals: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")
    number = Decimal(value)
    if member.kind == "int" and number != number.to_integral_value():
        raise ValueError("must be a whole number")
    if member.bounds is not None and not member.bounds[0] <= number <= member.bounds[1]:
        raise ValueError(f"must be between {member.bounds[0]} and {member.bounds[1]}")
    if member.kind == "int":
        return int(number)
    if member.decimals is not None and number != rounded(number, member.decimals):
        if decimals == "refused":
            raise ValueError(f"has more than {member.decimals} decimals")
        return rounded(number, member.decimals)
    return number


def _of(kind: type, value: Any, what: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(what)
    return value


CUSTOMER = shape("""
Id:uuid- CustomerNumber:str?16 Name:str!50 CorporateIdentityNumber:str?20 IsPrivatePerson:bool! IsActive:bool!
TermsOfPaymentId:uuid! InvoiceCity:str!50 InvoicePostalCode:str!10 InvoiceAddress1:str?50 InvoiceAddress2:str?50
InvoiceCountryCode:str?2 DeliveryCustomerName:str?100 DeliveryAddress1:str?50 DeliveryAddress2:str?50
DeliveryCity:str?50 DeliveryPostalCode:str?10 DeliveryCountryCode:str?2 DeliveryBasedVat:bool DeliveryMethodId:uuid?
DeliveryTermId:uuid? CurrencyCode:str?3 EmailAddress:str?255 EmailAddressOrder:str?255 EmailAddressQuote:str?255
EmailAddresses:list? ContactPersonName:str?100 ContactPersonEmail:str?255 ContactPersonMobile:str?50
ContactPersonPhone:str?50 MobilePhone:str?50 Telephone:str?50 WwwAddress:str?255 Note:str?4000 VatNumber:str?20
ReverseChargeOnConstructionServices:bool DiscountPercentage:num/4[0..1] DiscountAgreementId:uuid?
SalesPriceListId:uuid? ForceBookkeepVat:bool IsNorthernIreland:bool? SalesDocumentLanguage:str?2 GLN:str?255
EdiGlnNumber:str?255 ElectronicAddress:str?255 ElectronicReference:str?35 EdiServiceDelivererId:str?255
AutoInvoiceActivationEmailSentDate:time? AutoInvoiceRegistrationRequestSentDate:time? WebshopCustomerNumber:int?
TaxDeductionNumber:str? PropertyType:int?[1..2] PropertyReference:str?40 Iban:str?35 IsDirectDebitEnabled:bool?
DirectDebitCustomerSettings:obj CustomerLabels:list? TermsOfPayment:obj- PayToAccountId:uuid?- LastInvoiceDate:day?-
UnpaidInvoicesAmount:num- IsFutureInvoiceDateAllowed:bool- RequiresReferenceNumber:bool- MessageThreads:list?-
Notes:list?- ChangedUtc:time?-
""")

ARTICLE = shape("""
Id:uuid- Number:str!40 Name:str!50 IsActive:bool! UnitId:uuid! CodingId:uuid! NameEnglish:str?50
NetPrice:num[0..99000000] GrossPrice:num[0..99000000] NetPriceWithDiscount:num[0..99000000] DiscountPercentage:num
CodingName:str?- UnitName:str?- UnitAbbreviation:str?- StockBalance:num StockBalanceReserved:num-
StockBalanceAvailable:num- StockBalanceManuallyChangedUtc:time?- StockValue:num- IsStock:bool
ShowStockInformation:bool- IsServiceArticle:bool- StockLocationReference:str? PurchasePrice:num/2[0..99000000]
PurchasePriceManuallyChangedUtc:time?- PurchasePriceWithCurrency:num CurrencyCode:str?3 FreightCosts:num[0..99000000]
FreightCostsManuallyChangedUtc:time?- FreightCostWithCurrency:num UpdateStockPrices:bool OrderingPoint:num?
SupplierId:uuid? SupplierArticleNumber:str?16 SendToWebshop:bool UsesMoss:bool HouseWorkType:int?
GreenTechnologyType:int? ArticleLabels:list? Barcodes:list? Note:str?4000 MessageThreads:list?- Notes:list?-
CreatedUtc:time- ChangedUtc:time-
""")

_PLACES = """
YourReference:str?100 OurReference:str?100 BuyersOrderReference:str?35 DeliveryAddress1:str?50 DeliveryAddress2:str?50
DeliveryCity:str?50 DeliveryCountryCode:str?2 TermsOfPaymentId:uuid? InvoiceAddress1:str?50 InvoiceAddress2:str?50
CustomerNumber:str?- CustomerName:str?- CustomerIsPrivatePerson:bool- IncludesVat:bool- DeliveryDate:day?
Persons:list? UsesGreenTechnology:bool ContributionMargin:obj SalesDocumentAttachments:list?- MessageThreads:list?-
Notes:list?- RotPropertyType:int?[1..2] MaxAllowedTaxReductionAmount:num- EuThirdParty:bool! CustomerId:uuid! Id:uuid-
"""

ORDER = shape(f"""
{_PLACES} Number:int?- CurrencyCode:str!3 OrderDate:day! Status:int![1..4] RotReducedInvoicingType:int![0..2]
ReverseChargeOnConstructionServices:bool! Amount:num- VatAmount:num- RoundingsAmount:num- DeliveredAmount:num-
DeliveredVatAmount:num- DeliveredRoundingsAmount:num- InvoiceCustomerName:str?50 InvoicePostalCode:str?10
InvoiceCity:str?50 InvoiceCountryCode:str?2 DeliveryCustomerName:str?100 DeliveryPostalCode:str?10
DeliveryMethodName:str?50 DeliveryMethodCode:str?20 DeliveryMethodId:uuid?- DeliveryTermName:str?50
DeliveryTermCode:str?20 DeliveryTermId:uuid?- ShippedDateTime:day? Rows:list? HouseWorkAmount:num
HouseWorkAutomaticDistribution:bool HouseWorkCorporateIdentityNumber:str?20 HouseWorkPropertyName:str?100
RotReducedInvoicingPercent:num- IsNotDelivered:bool- CreatedFromQuoteId:uuid?- BackgroundId:uuid?- CreatedUtc:time-
ModifiedUtc:time?-
""")

DRAFT = shape(f"""
{_PLACES} RotReducedInvoicingType:int![0..2] Rows:list? IsCreditInvoice:bool InvoiceDate:day? DueDate:day?
InvoiceCustomerName:str?- InvoicePostalCode:str?- InvoiceCity:str?- InvoiceCountryCode:str?- InvoiceCurrencyCode:str?-
DeliveryCustomerName:str?50 DeliveryPostalCode:str?10 DeliveryMethodName:str?50 DeliveryMethodCode:str?20
DeliveryTermName:str?50 DeliveryTermCode:str?20 ElectronicReference:str?100 SubscriptionNumber:str?100
ContractNumber:str?100 TotalAmount:num- TotalVatAmount:num- TotalRoundings:num- TotalAmountBaseCurrency:num-
TotalVatAmountBaseCurrency:num- ReverseChargeOnConstructionServices:bool- ReplaceUnitPriceWhenZero:bool
RotReducedInvoicingPropertyName:str?40 RotReducedInvoicingOrgNumber:str?11 RotReducedInvoicingAmount:num/2
RotReducedInvoicingAutomaticDistribution:bool HouseWorkOtherCosts:num? IsDirectDebit:bool? BackgroundId:uuid?
CreatedUtc:time?-
""")

INVOICE = shape(f"""
{_PLACES} InvoiceNumber:int- RotReducedInvoicingType:int![0..2] Rows:list! IsCreditInvoice:bool InvoiceDate:day?
DueDate:day? CurrencyCode:str?- CurrencyRate:num? TotalAmount:num- TotalVatAmount:num- TotalRoundings:num-
TotalAmountInvoiceCurrency:num- TotalVatAmountInvoiceCurrency:num- SetOffAmountInvoiceCurrency:num-
RemainingAmount:num- RemainingAmountInvoiceCurrency:num- VatSpecification:list?- PaymentStatus:int- PaymentDate:time?-
PaymentReferenceNumber:str?- PaymentReminderIssued:bool- PaymentRemindersCount:int- LastPaymentReminderSentDate:time?-
VoucherNumber:str?- VoucherId:uuid- CustomerEmail:str?- InvoiceCustomerName:str?- InvoicePostalCode:str?50
InvoiceCity:str?50 InvoiceCountryCode:str?2 DeliveryCustomerName:str?100 DeliveryPostalCode:str?10
DeliveryMethodName:str?- DeliveryMethodCode:str?- DeliveryTermName:str?- DeliveryTermCode:str?-
ElectronicReference:str? ElectronicAddress:str?- EdiServiceDelivererId:str?50 SubscriptionNumber:str?100
ContractNumber:str?100 SendType:int? CreatedFromDraftId:uuid? CreatedFromOrderId:uuid?- CreatedFromQuoteId:uuid?-
ReferringInvoiceId:uuid?- CreditedBy:list?- ReplaceUnitPriceWhenZero:bool ReverseChargeOnConstructionServices:bool-
ReversedConstructionVatInvoicing:bool- RotReducedInvoicingAmount:num? RotReducedInvoicingPercent:num-
RotReducedInvoicingPropertyName:str? RotReducedInvoicingOrgNumber:str?11
RotReducedInvoicingAutomaticDistribution:bool- WorkHouseOtherCosts:num? TaxDeductionStatus:int- IsSold:bool-
FactoringInvoiceStatus:int- HasAutoInvoiceError:bool- IsNotDelivered:bool- IsDirectDebit:bool? IsQuickInvoice:bool-
IsCollectiveInvoice:bool- CollectiveCustomerInvoiceRowsRelationToOrders:list?- BackgroundId:uuid?
CreatedByUserId:uuid?- CreatedUtc:time?- ModifiedUtc:time?-
""")

_ROW = """
Id:uuid- ArticleId:uuid? IsServiceArticle:bool- UnitId:uuid?- Text:str?2000 DiscountPercentage:num/4[0..1]
IsDiscountInFixedAmount:bool- DiscountFixedAmount:num?- Amount:num- VatRate:num?- WorkCostType:int WorkHours:num?
MaterialCosts:num? CostCenterItemId1:uuid? CostCenterItemId2:uuid? CostCenterItemId3:uuid? ProjectId:uuid?
GreenTechnologyType:int[0..3] PurchasePrice:num- FreightCosts:num- ContributionMargin:obj
"""

ORDER_ROW = shape(f"""
{_ROW} LineNumber:int![0..1000] IsTextRow:bool! IsWorkCost:bool! EligibleForReverseChargeOnVat:bool!
ArticleNumber:str?40 UnitPrice:num/4 Quantity:num/4 DeliveredQuantity:num/2
""")

DRAFT_ROW = shape(f"""
{_ROW} LineNumber:int?[0..1000] IsTextRow:bool! ReversedConstructionServicesVatFree:bool! ArticleNumber:str?
UnitName:str? UnitAbbreviation:str? UnitAbbreviationEnglish:str? UnitPrice:num?/4 Quantity:num/2 VatRateId:str?-
IsWorkCost:bool
""")

INVOICE_ROW = shape(f"""
{_ROW} LineNumber:int- IsTextRow:bool- ArticleNumber:str?- UnitPrice:num/4 Quantity:num/4 AmountNoVat:num-
PercentVat:num- IsVatFree:bool UnitAbbreviation:str?- UnitAbbreviationEnglish:str?- IsWorkCost:bool-
""")

LEDGER_ITEM = shape("""
Id:uuid- CustomerId:uuid! CurrencyCode:str!3 InvoiceNumber:int! InvoiceDate:day! DueDate:day! IsCreditInvoice:bool!
TotalAmountInvoiceCurrency:num! RemainingAmountInvoiceCurrency:num! VoucherId:uuid! RoundingsAmountInvoiceCurrency:num
VATAmountInvoiceCurrency:num CurrencyRate:num CurrencyRateUnit:int PaymentReferenceNumber:str?50 ModifiedUtc:time-
""")

TERMS_OF_PAYMENT = shape("""
Id:uuid- Name:str? NameEnglish:str? NumberOfDays:int TermsOfPaymentTypeId:int TermsOfPaymentTypeText:str?
AvailableForSales:bool AvailableForPurchase:bool
""")

UNIT = shape("Id:uuid- Name:str? Code:str? Abbreviation:str? AbbreviationEnglish:str?")

CODING = shape("""
Id:uuid- Name:str? NameEnglish:str? Type:str? VatRate:str? VatRatePercent:num IsActive:bool
DomesticSalesSubjectToVatAccountNumber:int? DomesticSalesSubjectToReversedConstructionVatAccountNumber:int?
DomesticSalesVatExemptAccountNumber:int? DomesticSalesVatCodeExemptAccountNumber:int?
ForeignSalesSubjectToMossAccountNumber:int? ForeignSalesSubjectToThirdPartySalesAccountNumber:int?
ForeignSalesSubjectToVatWithinEuAccountNumber:int? ForeignSalesVatExemptOutsideEuAccountNumber:int?
ForeignSalesVatExemptWithinEuAccountNumber:int? ChangedUtc:time-
""")
