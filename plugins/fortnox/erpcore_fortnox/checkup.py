"""Looking a connection over: what is reachable, allowed and set up as syncs need it."""

from __future__ import annotations

from functools import partial

from erpcore.errors import (
    AuthenticationError,
    ConfigurationError,
    ErpcoreError,
    PermissionDeniedError,
    UnavailableError,
)
from erpcore.host import Host
from erpcore.models import Account, Check, ConnectionReport
from erpcore_fortnox.client import FortnoxClient, Record
from erpcore_fortnox.settings import FortnoxSettings

_REGISTERS = (
    ("customers", "Customers", "customers"),
    ("orders", "Orders", "orders"),
    ("invoices", "Invoices", "invoices"),
    ("invoice payments", "InvoicePayments", "invoicepayments"),
    ("articles", "Articles", "articles"),
)


def identify_account(client: FortnoxClient, settings: FortnoxSettings, connection: str) -> Account:
    """Tell which company the token is for.

    The database number is the tenant id of every token (Fortnox developer guide, Authorization). The organisation
    number is the company's own: one with another number is another company in law, whatever database it is in.

    Args:
        client: Fortnox.
        settings: The connection's settings, which may name the company.
        connection: Name of the connection.

    Raises:
        ConfigurationError: The token is for another company than the settings name.
    """
    try:
        company = client.get("companyinformation", "CompanyInformation")
    except PermissionDeniedError:
        return Account()  # the scope companyinformation was not granted; syncs need it for nothing else
    if wrong := _wrong_tenant(company, settings):
        raise ConfigurationError(wrong, setting=f"connections.{connection}.tenant_id")
    told = (("tenant id", company.get("DatabaseNumber")), ("organisation number", company.get("OrganizationNumber")))
    key = ", ".join(f"{name} {value}" for name, value in told if value)
    return Account(key=key or None, name=str(company.get("CompanyName") or "") or None)


def check_connection(client: FortnoxClient, settings: FortnoxSettings, host: Host) -> ConnectionReport:
    """Look the connection over; a dozen requests that change nothing.

    Args:
        client: Fortnox.
        settings: The connection's settings.
        host: Where the token is kept, whose scopes are compared with those asked for.
    """
    try:
        company = client.get("companyinformation", "CompanyInformation")
    except (AuthenticationError, UnavailableError) as error:
        return ConnectionReport(checks=(Check(name="sign-in", state="error", detail=str(error)),))
    except ErpcoreError as error:
        checks = [Check(name="company", state="warning", detail=str(error))]
        account = None
    else:
        account = str(company.get("CompanyName") or "") or None
        wrong = _wrong_tenant(company, settings)
        found = wrong or f"Tenant id {company.get('DatabaseNumber') or 'not shown'}."
        checks = [Check(name="company", state="error" if wrong else "ok", detail=found)]
    checks.append(_scopes(settings, host))
    for name, envelope, path in _REGISTERS:
        checks.append(Check.of(name, partial(_reachable, client, path, envelope)))
    checks.append(Check.of("price list", lambda: _price_list(client, settings.price_list)))
    checks.append(Check.of("terms of payment", lambda: _codes(client, "termsofpayments", "TermsOfPayments")))
    checks.append(Check.of("currencies", lambda: _codes(client, "currencies", "Currencies", needed=settings.currency)))
    return ConnectionReport(account=account, checks=tuple(checks))


def _wrong_tenant(company: Record, settings: FortnoxSettings) -> str | None:
    found = str(company.get("DatabaseNumber") or "")
    if not (settings.tenant_id and found and found != settings.tenant_id):
        return None
    return f"This is the company with tenant id {found}, but tenant_id is {settings.tenant_id}: connect again."


def _scopes(settings: FortnoxSettings, host: Host) -> Check:
    token = host.tokens.load(host.connection)
    granted = token.scope.split() if token else []
    if not granted:
        return Check(name="scopes", state="ok", detail="The sign-in does not tell; each register is looked at below.")
    if missing := [scope for scope in settings.scopes if scope not in granted]:
        detail = (
            f"Not granted: {', '.join(missing)}. Add them in Fortnox's developer portal and run "
            f"“erpcore connect {host.connection}”."
        )
        return Check(name="scopes", state="error", detail=detail)
    return Check(name="scopes", state="ok", detail=f"All {len(settings.scopes)} are granted.")


def _reachable(client: FortnoxClient, path: str, envelope: str) -> tuple[str, str]:
    client.page(path, envelope, limit=1)
    return "ok", "Can be read."


def _price_list(client: FortnoxClient, code: str) -> tuple[str, str]:
    if any(item.get("Code") == code for item in client.all("pricelists", "PriceLists")):
        return "ok", f"Price list {code} is there."
    return "error", f"There is no price list {code}: make it in Fortnox, or correct the setting price_list."


def _codes(client: FortnoxClient, path: str, envelope: str, needed: str | None = None) -> tuple[str, str]:
    codes = [str(item.get("Code")) for item in client.all(path, envelope)]
    if needed and needed not in codes:
        return "error", f"{needed} is not in the register ({', '.join(codes)}): correct the setting currency."
    return ("ok", ", ".join(codes)) if codes else ("warning", "There are none: add those that you need.")
