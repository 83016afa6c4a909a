"""What all canonical models share: frozen, strict about names, and able to tell "not shown" from "empty"."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


def _refuse_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("a float cannot hold money or a quantity exactly: use Decimal, int or text")
    return value


Exact = Annotated[Decimal, BeforeValidator(_refuse_float), Field(allow_inf_nan=False)]
"""A Decimal that never was a float: an amount of money, a quantity, a percentage."""

CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code in capitals, such as ``SEK``."""

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""An ISO 3166-1 alpha-2 code in capitals, such as ``SE``."""

Moment = AwareDatetime
"""A point in time with its zone."""


class CanonicalModel(BaseModel):
    """Base of erpcore's own forms.

    A field that was never set is *not shown*: the system that the record comes from did not tell it, and nobody
    may write a blank for it elsewhere. A field that was set to ``None`` is *empty*: the system showed that there
    is nothing. `shown` tells them apart.
    """

    # A model is built when its first record is: most programs need few of them.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)

    def shown(self, name: str) -> bool:
        """Tell whether the field was set at all, be it to ``None``.

        Args:
            name: A field of this model.
        """
        return name in self.model_fields_set


class Ref(CanonicalModel):
    """What erpcore knows a record of a system by.

    The key is opaque: it is handed back to the system that gave it, and to no other. A plugin may use it, and must not
    need it: who has never been told a key gives none.
    """

    number: str = Field(description="The number that people use")
    key: str | None = Field(
        default=None, description="The system's own key, when it is another one; it outlives the number"
    )
