"""The small registers that records name by id: terms of payment, units, account codings. Nobody adds to them here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from erpcore.errors import InvalidValueError, MissingRecordError, UnsupportedOperationError
from erpcore.fields import OMIT
from erpcore.models import Register, RegisterEntry
from erpcore_visma_eaccounting import values
from erpcore_visma_eaccounting.client import Record, VismaClient
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

_ACCOUNT = "DomesticSalesSubjectToVatAccountNumber"
_REVERSED_ACCOUNT = "DomesticSalesSubjectToReversedConstructionVatAccountNumber"


class Registers:
    """The registers, read at most once while one thing is done.

    Args:
        client: Visma.
        settings: The connection's settings.
    """

    def __init__(self, client: VismaClient, settings: VismaEAccountingSettings) -> None:
        self._client = client
        self._settings = settings

    @cached_property
    def company(self) -> Record:
        """The company's settings."""
        return self._client.get("companysettings")

    @cached_property
    def codings(self) -> Mapping[str, Record]:
        """The account codings by id."""
        return {str(coding["Id"]): coding for coding in self._client.all("articleaccountcodings")}

    @cached_property
    def _units(self) -> list[Record]:
        return list(self._client.all("units"))

    def entries(self, register: Register) -> list[RegisterEntry]:
        """Read a register; see `ErpHooks.list_register`."""
        if register == "terms_of_payment":
            return self.payment_terms()
        if register == "unit":
            return [
                RegisterEntry(code=str(unit["Abbreviation"]), key=str(unit["Id"]), name=str(unit.get("Name") or ""))
                for unit in self._units
                if unit.get("Abbreviation")
            ]
        if register == "currency":
            codes = [str(each["Code"]) for each in self._client.all("currencies") if each.get("Code")]
            return [RegisterEntry(code=code, name=code) for code in codes]
        if register == "account":
            return self._accounts()
        raise UnsupportedOperationError(
            f"Visma's register of {register} is not read.", advice="Look at the codes in Visma eAccounting."
        )

    def _accounts(self) -> list[RegisterEntry]:
        """List the income accounts that an article's coding can lead to, each with the first coding that does."""
        found: dict[str, str] = {}
        for coding in self.codings.values():
            if coding.get("IsActive") is not False and coding.get(_ACCOUNT) is not None:
                found.setdefault(str(coding[_ACCOUNT]), str(coding.get("Name") or coding[_ACCOUNT]))
        return [RegisterEntry(code=account, name=name) for account, name in found.items()]

    def payment_terms(self) -> list[RegisterEntry]:
        """List the terms of payment that customers can have; their code is Visma's id."""
        return [
            RegisterEntry(
                code=str(terms["Id"]),
                key=str(terms["Id"]),
                name=str(terms.get("Name") or terms["Id"]),
                days=terms.get("NumberOfDays"),
            )
            for terms in self._client.all("termsofpayments")
            if terms.get("AvailableForSales") is not False
        ]

    def terms_id(self, wanted: str) -> str:
        """Give the id of terms of payment.

        Args:
            wanted: Id, or name in any letters.

        Raises:
            MissingRecordError: The company has none like that.
        """
        if values.is_key(wanted):
            return wanted
        for terms in self.payment_terms():
            if terms.name.casefold() == wanted.strip().casefold():
                return terms.code
        raise _missing("terms of payment", wanted)

    def new_terms_id(self) -> str:
        """Give the id of the terms of payment of a new customer: the setting's, else the company's own.

        Raises:
            MissingRecordError: The company has none like that.
            InvalidValueError: Neither tells any.
        """
        if self._settings.terms_of_payment:
            return self.terms_id(self._settings.terms_of_payment)
        if own := self.company.get("TermsOfPaymentId"):
            return str(own)
        raise InvalidValueError(
            "Visma eAccounting takes no customer without terms of payment, and the company has none of its own.",
            field="terms_of_payment",
            advice="Name some in the setting terms_of_payment.",
        )

    def unit(self, wanted: str) -> Record:
        """Find a unit.

        Args:
            wanted: Abbreviation, name or code, in any letters.

        Raises:
            MissingRecordError: The company has none like that.
        """
        word = wanted.strip().casefold()
        for member in ("Abbreviation", "Name", "Code"):
            for unit in self._units:
                if str(unit.get(member) or "").casefold() == word:
                    return unit
        raise _missing("unit", wanted)

    def coding(self, percent: Decimal | None, account: int | None) -> Record:
        """Choose the account coding of an article.

        Args:
            percent: VAT rate; None for the setting's, or any where an account is given.
            account: Income account; None for any.

        Returns:
            The setting's of those that fit, else the first by name.

        Raises:
            MissingRecordError: None that is active fits.
        """
        if percent is None and account is None:
            percent = self._settings.article_vat_percent
        fitting = [
            coding
            for coding in self.codings.values()
            if coding.get("IsActive") is not False
            and (percent is None or values.percent(coding.get("VatRatePercent")) == percent)
            and (account is None or coding.get(_ACCOUNT) == account)
        ]
        if not fitting:
            wanted = [f"{percent} % VAT"] if percent is not None else []
            wanted += [f"account {account}"] if account is not None else []
            raise _missing("account coding", " and ".join(wanted))
        preferred = (coding for coding in fitting if coding.get("Name") == self._settings.article_coding)
        return next(preferred, min(fitting, key=lambda coding: str(coding.get("Name"))))

    def rate_of(self, article: Record) -> Decimal:
        """Give the VAT rate of an article's coding as a fraction; 0 when it is not told."""
        found: Any = values.fraction(self._coding_of(article).get("VatRatePercent"))
        return Decimal(0) if found is OMIT else found

    def reverses_vat(self, article: Record) -> bool:
        """Tell whether an article's coding has an account for building services whose VAT the buyer pays."""
        return self._coding_of(article).get(_REVERSED_ACCOUNT) is not None

    def _coding_of(self, article: Record) -> Record:
        return self.codings.get(str(article.get("CodingId")), {})


def _missing(what: str, wanted: str) -> MissingRecordError:
    return MissingRecordError(
        f"Visma eAccounting has no {what} “{wanted}”.",
        advice=f"Add it in Visma eAccounting (other programs cannot), or name another {what}.",
    )
