"""Looking a connection over: what is reachable, allowed and set up as syncs need it."""

from __future__ import annotations

from erpcore.errors import AuthenticationError, ErpcoreError, UnavailableError
from erpcore.fields import currency_code
from erpcore.host import Host
from erpcore.models import Account, Check, ConnectionReport
from erpcore_visma_eaccounting import finding
from erpcore_visma_eaccounting.client import Record, VismaClient
from erpcore_visma_eaccounting.registers import Registers
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

_ACTIVE = 1
_WITHOUT_ORDERS = {3: "Bookkeeping", 4: "Solo"}
"""Product variants that have no orders (interface description, company settings and orders)."""


def identify_account(client: VismaClient) -> Account:
    """Tell which company the consent is for: its identifier at Visma, and its organisation number.

    Args:
        client: Visma.
    """
    company = client.get("companysettings")
    told = (
        ("company", company.get("CompanyIdentifier")),
        ("organisation number", company.get("CorporateIdentityNumber")),
    )
    key = ", ".join(f"{name} {value}" for name, value in told if value)
    currency = currency_code(company.get("CurrencyCode") or "")
    return Account(key=key or None, name=str(company.get("Name") or "") or None, currency=currency)


def check_connection(client: VismaClient, settings: VismaEAccountingSettings, host: Host) -> ConnectionReport:
    """Look the connection over; a handful of requests that change nothing.

    Args:
        client: Visma.
        settings: The connection's settings.
        host: Where the token is kept, whose scopes are compared with those asked for.
    """
    registers = Registers(client, settings)
    try:
        company = registers.company
    except (AuthenticationError, UnavailableError) as error:
        return ConnectionReport(checks=(Check(name="sign-in", state="error", detail=str(error)),))
    except ErpcoreError as error:
        return ConnectionReport(checks=(Check(name="company", state="error", detail=str(error)),))
    checks = [
        _company(company),
        _scopes(settings, host),
        Check.of("orders", lambda: _orders(client, company)),
        Check.of("terms of payment", lambda: _terms(registers, settings)),
        Check.of("currencies", lambda: _currencies(client, company, settings.currency)),
        Check.of("articles", lambda: _articles(registers, settings)),
    ]
    if settings.default_article:
        number = settings.default_article
        checks.append(Check.of("default article", lambda: _default_article(client, number)))
    return ConnectionReport(account=str(company.get("Name") or "") or None, checks=tuple(checks))


def _company(company: Record) -> Check:
    if company.get("CompanyStatus") not in (None, _ACTIVE):
        return Check(name="company", state="error", detail="The company is not active, or can only be read.")
    return Check(name="company", state="ok", detail=f"{company.get('Name')}, {company.get('CorporateIdentityNumber')}.")


def _scopes(settings: VismaEAccountingSettings, host: Host) -> Check:
    token = host.tokens.load(host.connection)
    granted = token.scope.split() if token else []
    if not granted:
        return Check(name="scopes", state="ok", detail="The sign-in does not tell; each register is looked at below.")
    if missing := [scope for scope in settings.scopes if scope not in granted]:
        detail = f"Not granted: {', '.join(missing)}. Run “erpcore connect {host.connection}” again."
        return Check(name="scopes", state="error", detail=detail)
    return Check(name="scopes", state="ok", detail=f"All {len(settings.scopes)} are granted.")


def _orders(client: VismaClient, company: Record) -> tuple[str, str]:
    if variant := _WITHOUT_ORDERS.get(company.get("ProductVariant") or 0):
        return "warning", f"The company has the variant {variant}, which has no orders; invoice drafts can be made."
    client.page("orders")
    return "ok", "Can be read."


def _terms(registers: Registers, settings: VismaEAccountingSettings) -> tuple[str, str]:
    terms = registers.payment_terms()
    if settings.terms_of_payment:
        registers.terms_id(settings.terms_of_payment)
    return ("ok", ", ".join(each.name for each in terms)) if terms else ("error", "There are none for sales: add some.")


def _currencies(client: VismaClient, company: Record, needed: str) -> tuple[str, str]:
    own = company.get("CurrencyCode")
    if own and own != needed:
        return "error", f"The company's currency is {own}, not {needed}: correct the setting currency."
    return "ok", ", ".join(str(each.get("Code")) for each in client.all("currencies"))


def _articles(registers: Registers, settings: VismaEAccountingSettings) -> tuple[str, str]:
    unit, coding = registers.unit(settings.article_unit), registers.coding(None, None)
    return "ok", f"New ones have the unit {unit.get('Name')} and the account coding {coding.get('Name')}."


def _default_article(client: VismaClient, number: str) -> tuple[str, str]:
    if finding.articles(client, [number]):
        return "ok", f"{number} is there."
    return "error", f"There is no article {number}: make it in Visma, or correct the setting default_article."
