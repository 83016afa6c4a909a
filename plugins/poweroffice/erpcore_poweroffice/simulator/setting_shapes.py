"""The members of a company's settings: terms, accounts, VAT codes, dimensions.

The tables follow the vendor's models: kind, uses (see `members.shape`), longest text.
"""

from __future__ import annotations

from erpcore_poweroffice.simulator.members import shape

PAYMENT_TERM = shape(
    "PaymentTerm",
    "Payment term",
    """
    CreatedDateTimeOffset     moment R
    CreditDays                int    R
    Id                        int    R
    IsActive                  bool   R
    IsDefault                 bool   R
    LastChangedDateTimeOffset moment R
    Name                      text   R 128
    """,
)
DELIVERY_TERM = shape(
    "DeliveryTerm",
    "Delivery term",
    """
    CreatedDateTimeOffset     moment R
    Id                        int    R
    IsDefault                 bool   R
    LastChangedDateTimeOffset moment R
    Name                      text   R 128
    """,
)
VAT_CODE = shape(
    "VatCode",
    "VAT code",
    """
    BaseVatCodeId int    R
    Code          text   R
    Description   text   R
    Id            int    R
    IsActive      bool   R
    IsCustom      bool   R
    Name          text   R
    Rate          number R
    ValidFrom     date   R
    ValidTo       date   R
    """,
)
ACCOUNT = shape(
    "GeneralLedgerAccount",
    "General ledger account",
    """
    AccountNo                 int                    R
    AgricultureDepartment     AgricultureDepartment  R
    CurrencyCode              text                   R
    DepartmentCode            text                   R
    DepartmentId              int                    R
    GeneralLedgerAccountType  text                   R
    Id                        int                    R
    IsActive                  bool                   R
    IsDepartmentRequired      bool                   R
    IsProjectRequired         bool                   R
    IsVatCodeLocked           bool                   R
    LastChangedDateTimeOffset moment                 R
    Name                      text                   R
    Unit1                     UnitOfMeasureType      R
    Unit2                     UnitOfMeasureType      R
    VatCode                   text                   R
    VatCodeId                 int                    R
    VatReturnSpecification    VatReturnSpecification R
    """,
)
SERIES = shape(
    "SubLedgerNumberSeries",
    "Sub-ledger number series",
    """
    FromInclusive             int                       R
    GeneralLedgerAccountId    int                       R
    GeneralLedgerAccountNo    int                       R
    Id                        uuid                      R
    IsClientTrust             bool                      R
    IsDefault                 bool                      R
    Name                      text                      R
    SubLedgerNumberSeriesType SubLedgerNumberSeriesType R
    ToInclusive               int                       R
    """,
)
CURRENCY = shape(
    "Currency",
    "Currency",
    """
    Code     text R
    IsActive bool R
    Notation text R
    """,
)
BRANDING_THEME = shape(
    "BrandingTheme",
    "Branding theme",
    """
    Code                      text   R
    CreatedDateTimeOffset     moment R
    Id                        int    R
    IsDefault                 bool   R
    LanguageCode              text   R
    LastChangedDateTimeOffset moment R
    Name                      text   R
    """,
)
DEPARTMENT = shape(
    "Department",
    "Department",
    """
    Code                       text   R
    CreatedDateTimeOffset      moment R
    CreatedFromImportJournalId uuid   R
    Id                         int    R
    IsActive                   bool   R
    LastChangedDateTimeOffset  moment R
    ManagerEmployeeId          int    R
    ManagerEmployeeNo          int    R
    Name                       text   R
    """,
)
PROJECT = shape(
    "Project",
    "Project",
    """
    Code                      text   R
    CreatedDateTimeOffset     moment R
    CustomerId                int    R
    CustomerNo                int    R
    DepartmentCode            text   R
    DepartmentId              int    R
    Id                        int    R
    IsActive                  bool   R
    LastChangedDateTimeOffset moment R
    Name                      text   R
    """,
)
