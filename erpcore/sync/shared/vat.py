"""How VAT is dealt with on what a new customer buys: by its country and its VAT number. Pure.

Within the EU the buyer pays the VAT when its VAT number is known; outside it nobody does. A company of another country
of the EU without a VAT number cannot be told from one that is not registered for VAT, so a person or a rule decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from stdnum.eu.vat import MEMBER_STATES

from erpcore.errors import InvalidValueError
from erpcore.models import Company, VatTreatment, vat_number
from erpcore.sync.shared.rules import SyncRules

_EU = frozenset(state.upper() for state in MEMBER_STATES) - {"XI"}
_NOT_IN_VAT_AREA = {"AX"}
"""Åland is in the EU and outside its VAT."""


@dataclass(frozen=True)
class Vat:
    """What is known of a company's VAT.

    Attributes:
        treatment: How VAT is dealt with; None for the ERP's usual way, as with companies of the own country.
        number: VAT number, with its country in front.
        undecided: The company's country, where nothing tells how VAT is dealt with.
    """

    treatment: VatTreatment | None = None
    number: str | None = None
    undecided: str | None = None


def vat_of(company: Company, home: str | None) -> Vat:
    """Tell how VAT is dealt with on what a company buys.

    Args:
        company: The company as the CRM shows it; a VAT number stands in the place of its organisation number.
        home: Country of the company that sells, an ISO code; None when nobody knows it.
    """
    addresses = [each for each in (company.postal_address, company.visiting_address) if each is not None]
    country = next((each.country_code for each in addresses if each.country_code), None)
    written = (company.organisation_number or "").strip()
    number = vat_number(written) if written[:2].isalpha() or written.upper().endswith("MVA") else None
    if home is None or country is None or country == home:
        return Vat(number=number)
    if country not in _EU or home not in _EU or country in _NOT_IN_VAT_AREA:
        return Vat("export", number)
    if number is not None and not number.startswith(home):
        return Vat("eu", number)
    return Vat(number=number, undecided=country)


def may_be_undecided(home: str | None) -> bool:
    """Tell whether a customer of a company may be one whose VAT nobody can tell.

    Args:
        home: Country of the company that sells; None when nobody knows it.
    """
    return home in _EU


def require_decided(vat: Vat, rules: SyncRules, record: str) -> None:
    """Stop at a new foreign customer of which nobody can tell how VAT is dealt with, where the rules say so.

    Args:
        vat: From `vat_of`.
        rules: The sync's rules.
        record: The company in words.

    Raises:
        InvalidValueError: It is undecided, and the rules say stop.
    """
    if vat.undecided is None or rules.undecided_vat != "stop":
        return
    raise InvalidValueError(
        f"The company is new in the ERP and in {vat.undecided}, and the CRM shows no VAT number: nobody can tell "
        "whether it is to be charged VAT.",
        field="vat_number",
        record=record,
        advice="Write its VAT number, with the country in front, as its organisation number in the CRM, or create the "
        "customer in the ERP, and send it again; or set undecided_vat = “note” to have such customers made as the "
        "ERP makes them.",
    )
