"""The canonical models: erpcore's own form of customers, orders, invoices, articles and what CRMs know."""

from erpcore.models.article import Article, PaymentTerms
from erpcore.models.base import CanonicalModel, CountryCode, CurrencyCode, Exact, Moment
from erpcore.models.crm import (
    Company,
    Coworker,
    CrmEvent,
    CrmOrder,
    CrmOrderRow,
    CustomField,
    Deal,
    DealRow,
    Person,
    WriteBack,
)
from erpcore.models.customer import Address, ContactPerson, Customer
from erpcore.models.document import Document, DocumentRow, Invoice, InvoiceRow, Order, OrderRow
from erpcore.models.exchange import (
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
from erpcore.models.identifiers import OrganisationNumber, organisation_number, same_organisation

__all__ = [
    "Address",
    "Article",
    "ArticleQuery",
    "ArticleSync",
    "CanonicalModel",
    "Check",
    "Company",
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
    "InvoiceRow",
    "Moment",
    "Order",
    "OrderRow",
    "OrganisationNumber",
    "Page",
    "PaymentTerms",
    "Person",
    "RecordRef",
    "WebhookRequest",
    "WriteBack",
    "organisation_number",
    "same_organisation",
]
