"""The members of customers, contact persons, delivery addresses and employees.

The tables follow the vendor's models: kind, uses (see `members.shape`), longest text.
"""

from __future__ import annotations

from erpcore_poweroffice.simulator.members import shape

ADDRESS = shape(
    "Address",
    "Address",
    """
    AddressLine1 text CR 200
    AddressLine2 text CR 200
    City         text CR! 100
    CountryCode  text CR
    ZipCode      text CR! 50
    """,
)
CONTACT_ADDRESS = shape(
    "ContactAddress",
    "Contact address",
    """
    AddressLine1              text   CUR 200
    AddressLine2              text   CUR 200
    City                      text   CUR! 100
    CountryCode               text   CUR
    ExternalCode              text   CUR 50
    Id                        int    R
    LastChangedDateTimeOffset moment R
    ZipCode                   text   CUR! 50
    """,
)
CUSTOMER = shape(
    "Customer",
    "Customer",
    """
    Allowance                          number                             CUR
    BillableRate                       number                             CUR
    ContactCreatedDateTimeOffset       moment                             R
    ContactGroupIds                    ids                                CUR
    CreatedFromImportJournalId         uuid                               R
    CurrencyCode                       text                               CUR
    CustomerCreatedDateTimeOffset      moment                             R
    CustomerSince                      date                               CUR
    DateOfBirth                        date                               CUR
    DeliveryTerm                       text                               CR
    DeliveryTermId                     int                                CUR
    DepartmentCode                     text                               CR
    DepartmentId                       int                                CUR
    DoNotAddLatePaymentFees            bool                               CUR
    DoNotAddLatePaymentInterest        bool                               CUR
    DoNotAutomatePaymentNotifications  bool                               CUR
    EmailAddress                       text                               CUR
    ExternalImportReference            text                               CUR 50
    ExternalNumber                     int                                CUR
    FirstName                          text                               CUR
    Id                                 int                                R
    InvoiceBrandingThemeCode           text                               CR
    InvoiceBrandingThemeId             int                                CUR
    InvoiceDeliveryType                InvoiceDeliveryType                CUR
    InvoiceEmailAddress                text                               CUR
    InvoiceEmailAddressCC              text                               CUR
    IsActive                           bool                               R
    IsArchived                         bool                               CUR
    IsPerson                           bool                               CUR
    IsVatFree                          bool                               CUR
    LastChangedDateTimeOffset          moment                             R
    LastName                           text                               CUR
    LegalName                          text                               CUR
    MailAddress                        {ContactAddress}                   CUR
    Name                               text                               CUR
    NationalIdNumber                   text                               CUR
    NoticeOfDebtCollectionDeliveryType NoticeOfDebtCollectionDeliveryType CUR
    Number                             int                                CUR
    OrganizationNumber                 text                               CUR
    PaymentReminderEmailAddress        text                               CUR
    PaymentTerm                        int                                CR
    PaymentTermId                      int                                CUR
    PhoneNumber                        text                               CUR
    ReminderDeliveryType               ReminderDeliveryType               CUR
    SalesPersonEmployeeId              int                                CUR
    SalesPersonEmployeeNumber          int                                CR
    SendPaymentReminders               bool                               CUR
    SubLedgerNumberSeriesId            uuid                               C
    SubledgerAccountId                 int                                R
    TransferToDebtCollectionAgency     bool                               CUR
    UseInvoiceFee                      bool                               CUR
    WebsiteUrl                         text                               CUR
    """,
)
CONTACT_PERSON = shape(
    "ContactPerson",
    "Contact person",
    """
    ContactId                 int       R
    CreatedDateTimeOffset     moment    R
    EmailAddress              text      CUR
    ExternalCode              text      CUR 50
    FirstName                 text      CUR!
    Id                        int       R
    IsActive                  bool      CUR
    IsDefault                 bool      CUR
    LastChangedDateTimeOffset moment    R
    LastName                  text      CUR!
    MailAddress               {Address} CUR
    PhoneNumber               text      CUR
    Title                     text      CUR
    """,
)
DELIVERY_ADDRESS = shape(
    "ContactDeliveryAddress",
    "Contact delivery address",
    """
    AddressLine1              text   CR 200
    AddressLine2              text   CR 200
    City                      text   CR! 100
    ContactId                 int    R
    CountryCode               text   CR
    CreatedDateTimeOffset     moment R
    ExternalCode              text   CR 50
    Id                        int    R
    IsPrimary                 bool   CR
    LastChangedDateTimeOffset moment R
    ZipCode                   text   CR! 50
    """,
)
EMPLOYEE = shape(
    "Employee",
    "Employee",
    """
    ContactCreatedDateTimeOffset  moment              R
    ContactGroupIds               ids                 R
    CreatedFromImportJournalId    uuid                R
    DateOfBirth                   date                R
    DepartmentCode                text                R
    DepartmentId                  int                 R
    EmailAddress                  text                R
    EmployeeCreatedDateTimeOffset moment              R
    EndDate                       date                R
    ExpenseBankAccountId          int                 R
    ExternalImportReference       text                R
    ExternalNumber                int                 R
    FirstName                     text                R
    Gender                        text                R
    HiredDate                     date                R
    Id                            int                 R
    InternationalIdCountryCode    text                R
    InternationalIdNumber         text                R
    InternationalIdReportToAltinn bool                R
    InternationalIdType           text                R
    IsArchived                    bool                R
    JobTitle                      text                R
    LastChangedDateTimeOffset     moment              R
    LastName                      text                R
    LocationCode                  text                R
    LocationId                    int                 R
    MailAddress                   {ContactAddress}    R
    ManagerEmployeeId             int                 R
    ManagerEmployeeNo             int                 R
    NationalIdNumber              text                R
    Number                        int                 R
    PhoneNumber                   text                R
    SalaryBankAccountId           int                 R
    StartDate                     date                R
    SubledgerAccountId            int                 R
    TravelExpenseBankAccountId    int                 R
    """,
)
