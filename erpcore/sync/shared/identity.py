"""Whether a customer of the ERP still is the one that was linked. Pure.

A number that people delete in the ERP may be given to somebody else there. So a link keeps what the ERP calls its
customer, and what the ERP says later is held against it.
"""

from __future__ import annotations

from typing import Literal

from erpcore.models import CanonicalModel, Customer, same_organisation

Verdict = Literal["same", "another", "unclear"]
"""The same customer, another organisation, or one with another name of which nothing else is known."""

_LONG_NAME = 15
"""Letters and digits from which on a name that begins like another one may be the same, cut off."""


class KnownAs(CanonicalModel):
    """What the ERP calls a customer; None is not known."""

    name: str | None = None
    organisation_number: str | None = None

    @classmethod
    def of(cls, customer: Customer | None) -> KnownAs | None:
        """Give what a customer is called; None where it shows neither name nor organisation number."""
        if customer is None or not (customer.name or customer.organisation_number):
            return None
        return cls(name=customer.name or None, organisation_number=customer.organisation_number or None)

    def kept(self) -> dict[str, str]:
        """Give what a link keeps of it, to be validated when it is read."""
        return self.model_dump(exclude_none=True)

    def words(self) -> str:
        """Name it for people."""
        number = f" ({self.organisation_number})" if self.organisation_number else ""
        return f"“{self.name}”{number}" if self.name else number.strip(" ()")

    def tells_of(self, now: KnownAs) -> bool:
        """Tell whether both say a name, or both an organisation number."""
        named, numbered = self.name and now.name, self.organisation_number and now.organisation_number
        return bool(named or numbered)

    def judge(self, now: KnownAs) -> Verdict:
        """Tell whether the ERP's customer of today is this one.

        A customer that is renamed keeps its organisation number, and one whose number is corrected keeps its name.

        Args:
            now: What the ERP calls it today.
        """
        ours, theirs = self.organisation_number, now.organisation_number
        if (ours and theirs and same_organisation(ours, theirs)) or _alike(self.name, now.name):
            return "same"
        if ours and theirs:
            return "another"
        return "unclear" if self.name and now.name else "same"


def _alike(one: str | None, other: str | None) -> bool:
    """Tell whether two names are one, in other letters or cut off."""
    short, long = sorted(("".join(filter(str.isalnum, (each or "").casefold())) for each in (one, other)), key=len)
    return bool(short) and (short == long or (len(short) >= _LONG_NAME and long.startswith(short)))
