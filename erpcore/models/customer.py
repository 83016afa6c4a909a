"""Customers as an ERP knows them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from erpcore.models.base import CanonicalModel, CountryCode, CurrencyCode

VatTreatment = Literal["domestic", "reverse_charge", "eu", "export"]
"""How VAT is dealt with: the country's own, owed by the buyer within the country, within the EU, outside it."""


class Address(CanonicalModel):
    """A postal address."""

    street: str | None = Field(default=None, description="Street and number, or post-office box")
    street2: str | None = Field(default=None, description="Second line, such as care of")
    postal_code: str | None = Field(default=None, description="Postal code as written locally")
    city: str | None = Field(default=None, description="Post town")
    country_code: CountryCode | None = Field(default=None, description="ISO 3166-1 alpha-2 code")


class Customer(CanonicalModel):
    """A customer in an ERP."""

    key: str | None = Field(default=None, description="The system's own key, when it is another one than the number")
    number: str | None = Field(default=None, description="The ERP's customer number")
    name: str | None = Field(default=None, description="Name of the company or person")
    kind: Literal["company", "person"] | None = Field(default=None, description="Company or private person")
    organisation_number: str | None = Field(default=None, description="Organisation number, in the country's spelling")
    vat_number: str | None = Field(default=None, description="VAT number")
    vat_treatment: VatTreatment | None = Field(
        default=None, description="How VAT is dealt with on what the customer buys"
    )
    email: str | None = Field(
        default=None, description="General e-mail address; of several, a semicolon is between them"
    )
    invoice_email: str | None = Field(
        default=None, description="E-mail address that invoices go to, or several like that"
    )
    phone: str | None = Field(default=None, description="Telephone")
    mobile_phone: str | None = Field(default=None, description="Mobile telephone")
    website: str | None = Field(default=None, description="Address of the web site")
    invoice_address: Address | None = Field(default=None, description="Where invoices are sent")
    delivery_address: Address | None = Field(default=None, description="Where goods are sent")
    visiting_address: Address | None = Field(default=None, description="Where visitors go")
    currency: CurrencyCode | None = Field(default=None, description="Currency of the customer's documents")
    terms_of_payment: str | None = Field(default=None, description="Code of the terms of payment in the ERP")
    our_reference: str | None = Field(default=None, description="Our contact person for the customer")
    your_reference: str | None = Field(default=None, description="The customer's contact person")
    external_reference: str | None = Field(default=None, description="Our own key for the record")
    active: bool | None = Field(default=None, description="False when the customer is no longer used")


class ContactPerson(CanonicalModel):
    """A person at a customer."""

    key: str | None = Field(default=None, description="The system's own key of the person")
    first_name: str | None = Field(default=None, description="First name")
    last_name: str | None = Field(default=None, description="Last name")
    email: str | None = Field(default=None, description="E-mail address")
    phone: str | None = Field(default=None, description="Direct telephone")
    mobile_phone: str | None = Field(default=None, description="Mobile telephone")
    active: bool | None = Field(default=None, description="False when the person is no longer there")
