"""The canonical models: erpcore's own form of customers, orders, invoices, articles and what CRMs know.

A name is loaded when it is asked for: a plugin for an ERP waits for nothing of CRMs.
"""

from typing import TYPE_CHECKING

from erpcore.late_names import late_names

if TYPE_CHECKING:
    from erpcore.models.article import Article
    from erpcore.models.base import CanonicalModel, CountryCode, CurrencyCode, Exact, Moment, Ref
    from erpcore.models.contact import email_addresses, phone_numbers
    from erpcore.models.countries import country_name, country_of
    from erpcore.models.crm import (
        Company,
        CompanyAddress,
        Coworker,
        CrmEvent,
        CrmOrder,
        CrmOrderRow,
        CustomField,
        Deal,
        DealRow,
        InvoiceStanding,
        OrderHead,
        Person,
        RecordKind,
        WriteBack,
    )
    from erpcore.models.customer import Address, ContactPerson, Customer, VatTreatment
    from erpcore.models.document import Document, DocumentRow, Invoice, InvoiceColour, InvoiceRow, Order, OrderRow
    from erpcore.models.exchange import (
        Account,
        ArticleQuery,
        ArticleSync,
        Check,
        ConnectionReport,
        CustomerQuery,
        DocumentQuery,
        EventPage,
        Page,
        RecordRef,
        WebhookRequest,
    )
    from erpcore.models.identifiers import (
        OrganisationNumber,
        RegisterCountry,
        one_spelling,
        organisation_number,
        register_country,
        same_organisation,
        searched_part,
        spellings,
        vat_number,
    )
    from erpcore.models.register import Register, RegisterEntry
    from erpcore.models.units import common_unit, same_unit

__all__ = [
    "Account",
    "Address",
    "Article",
    "ArticleQuery",
    "ArticleSync",
    "CanonicalModel",
    "Check",
    "Company",
    "CompanyAddress",
    "ConnectionReport",
    "ContactPerson",
    "CountryCode",
    "Coworker",
    "CrmEvent",
    "CrmOrder",
    "CrmOrderRow",
    "CurrencyCode",
    "CustomField",
    "Customer",
    "CustomerQuery",
    "Deal",
    "DealRow",
    "Document",
    "DocumentQuery",
    "DocumentRow",
    "EventPage",
    "Exact",
    "Invoice",
    "InvoiceColour",
    "InvoiceRow",
    "InvoiceStanding",
    "Moment",
    "Order",
    "OrderHead",
    "OrderRow",
    "OrganisationNumber",
    "Page",
    "Person",
    "RecordKind",
    "RecordRef",
    "Ref",
    "Register",
    "RegisterCountry",
    "RegisterEntry",
    "VatTreatment",
    "WebhookRequest",
    "WriteBack",
    "common_unit",
    "country_name",
    "country_of",
    "email_addresses",
    "one_spelling",
    "organisation_number",
    "phone_numbers",
    "register_country",
    "same_organisation",
    "same_unit",
    "searched_part",
    "spellings",
    "vat_number",
]

_OF_ROOMS = {
    "article": "Article",
    "base": "CanonicalModel CountryCode CurrencyCode Exact Moment Ref",
    "contact": "email_addresses phone_numbers",
    "countries": "country_name country_of",
    "crm": (
        "Company CompanyAddress Coworker CrmEvent CrmOrder CrmOrderRow CustomField Deal DealRow InvoiceStanding "
        "OrderHead Person RecordKind WriteBack"
    ),
    "customer": "Address ContactPerson Customer VatTreatment",
    "document": "Document DocumentRow Invoice InvoiceColour InvoiceRow Order OrderRow",
    "exchange": (
        "Account ArticleQuery ArticleSync Check ConnectionReport CustomerQuery DocumentQuery EventPage Page "
        "RecordRef WebhookRequest"
    ),
    "identifiers": (
        "OrganisationNumber RegisterCountry one_spelling organisation_number register_country same_organisation "
        "searched_part spellings vat_number"
    ),
    "register": "Register RegisterEntry",
    "units": "common_unit same_unit",
}

if not TYPE_CHECKING:
    __getattr__ = late_names(__name__, _OF_ROOMS)
