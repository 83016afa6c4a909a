"""Looking a connection over: what is reachable, allowed and set up as syncs need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.errors import AuthenticationError, ErpcoreError, UnavailableError
from erpcore.host import Host
from erpcore.models import Account, ArticleQuery, Check, ConnectionReport
from erpcore_poweroffice.auth import claims_of
from erpcore_poweroffice.client import PowerOfficeClient, Record
from erpcore_poweroffice.products import Products
from erpcore_poweroffice.registers import list_register
from erpcore_poweroffice.settings import PowerOfficeSettings

NEEDED = (
    "Customer_Full",
    "ContactPerson_Full",
    "Product_Full",
    "SalesOrders_Full",
    "OutgoingInvoice",
    "CustomerLedger",
    "Employee",
    "GeneralLedgerAccount",
    "CommonServices",
)
"""The privileges that the hooks need: reading alone, or with ``_Full`` writing too (interface description, roles)."""


def identify_account(client: PowerOfficeClient) -> Account:
    """Tell which client (company) the key is for; every integration may ask (developer portal, authentication).

    Args:
        client: PowerOffice.
    """
    information = client.get("ClientIntegrationInformation")
    found = information.get("ClientId")
    return Account(key=f"client id {found}" if found else None, name=str(information.get("ClientName") or "") or None)


def check_connection(
    client: PowerOfficeClient, products: Products, settings: PowerOfficeSettings, host: Host
) -> ConnectionReport:
    """Look the connection over; a handful of requests that change nothing.

    Args:
        client: PowerOffice.
        products: The register of products, where the default product must be.
        settings: The connection's settings.
        host: Where the token is kept, whose claims tell whether invoices may be sent.
    """
    try:
        information = client.get("ClientIntegrationInformation")
    except (AuthenticationError, UnavailableError) as error:
        return ConnectionReport(checks=(Check(name="sign-in", state="error", detail=str(error)),))
    except ErpcoreError as error:
        return ConnectionReport(checks=(Check(name="company", state="error", detail=str(error)),))
    account = str(information.get("ClientName") or "") or None
    token = host.tokens.load(host.connection)
    claims = claims_of(token.access_token) if token else {}
    checks = [
        Check(name="company", state="ok", detail=f"Client id {information.get('ClientId') or 'not shown'}."),
        _privileges(information),
        _sending(information, claims),
        Check.of("terms of payment", lambda: _payment_terms(client)),
        Check.of("currencies", lambda: _currencies(client, settings.currency)),
        Check.of("employees", lambda: _employees(client)),
    ]
    if settings.default_product:
        code = settings.default_product
        checks.append(Check.of("default product", lambda: _default_product(products, code)))
    return ConnectionReport(account=account, checks=tuple(checks))


def _privileges(information: Record) -> Check:
    valid, blocked = _names(information.get("ValidPrivileges")), _names(information.get("InvalidPrivileges"))
    missing = [name for name in NEEDED if not valid & {name, f"{name}_Full"}]
    if not missing:
        return Check(name="privileges", state="ok", detail=f"All {len(NEEDED)} are granted.")
    parts = []
    if granted_in_vain := [name for name in missing if blocked & {name, f"{name}_Full"}]:
        parts.append(f"Blocked because the company has no module for them: {', '.join(granted_in_vain)}.")
    if never := [name for name in missing if name not in granted_in_vain]:
        parts.append(f"Not granted to the integration: {', '.join(never)}. Ask PowerOffice to grant them.")
    return Check(name="privileges", state="error", detail=" ".join(parts))


def _sending(information: Record, claims: Mapping[str, Any]) -> Check:
    """Tell whether invoices may be sent: newer replies say so, and so does the token (claim ``goAllowSendInvoice``)."""
    told = information.get("AllowSendInvoice", claims.get("goAllowSendInvoice"))
    if told is None:
        detail = "PowerOffice does not tell; a refusal will name the privilege."
        return Check(name="sending invoices", state="warning", detail=detail)
    if str(told).lower() == "true":
        return Check(name="sending invoices", state="ok", detail="Orders can be turned into invoices.")
    detail = (
        "The integration lacks the privilege to send invoices: orders can be made, but not turned into invoices. Ask "
        "PowerOffice to grant it."
    )
    return Check(name="sending invoices", state="warning", detail=detail)


def _payment_terms(client: PowerOfficeClient) -> tuple[str, str]:
    listed = list_register(client, "terms_of_payment")
    terms = [f"{term.code} ({term.name})" for term in listed if term.active]
    return ("ok", ", ".join(terms)) if terms else ("warning", "There are none: add those that you need.")


def _currencies(client: PowerOfficeClient, needed: str) -> tuple[str, str]:
    codes = [str(item.get("Code")) for item in client.all("Currencies") if item.get("IsActive") is not False]
    if needed not in codes:
        return (
            "error",
            f"{needed} is not among the active currencies ({', '.join(codes)}): correct the setting currency.",
        )
    return "ok", ", ".join(codes)


def _employees(client: PowerOfficeClient) -> tuple[str, str]:
    if client.page("Employees", size=1).items:
        return "ok", "Can be read; “our reference” is one of them."
    return "warning", "There are none, so no order can have “our reference”."


def _default_product(products: Products, code: str) -> tuple[str, str]:
    if products.find(ArticleQuery(number=code)):
        return "ok", f"{code} is there."
    return "error", f"There is no product {code}: make it in PowerOffice, or correct the setting default_product."


def _names(value: Any) -> set[str]:
    return {str(name) for name in value} if isinstance(value, list) else set()
