"""A shop whose won deals and orders become documents in a vendor's simulated ERP, and where each kind is tried."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erpcore.models import CompanyAddress, CrmOrderRow, DealRow
from erpcore.store import Run
from tests.agreed.vendor_world import VENDORS, Held, VendorWorld

NUMBERS = {"SE": "556000-4615", "NO": "923609016"}
"""A right organisation number of each company's own country."""
CITIES = {"SE": ("111 22", "Stockholm", "Sverige"), "NO": ("0150", "Oslo", "Norge")}
PLACES = [(vendor, made) for vendor in VENDORS for made in ("order", "invoice", "order of an order")]


def everywhere(kind: int, *, deals_alone: bool = False) -> pytest.MarkDecorator:
    """Try a kind with each ERP and each flow; at one place every time, at all of them as proof."""
    places = [
        pytest.param(
            vendor, made, id=f"{vendor.name}-{made}", marks=() if (number - kind) % 12 == 0 else pytest.mark.proof
        )
        for number, (vendor, made) in enumerate(PLACES)
        if not (deals_alone and made == "order of an order")
    ]
    return pytest.mark.parametrize(("vendor", "made"), places)


class Shop:
    """A sync between a CRM and a vendor's ERP, with one company in the CRM.

    Args:
        world: The two.
        made: What a won deal becomes, an order or an invoice; or that an order of the CRM becomes one.
    """

    def __init__(self, world: VendorWorld, made: str) -> None:
        self.world, self.vendor, self.made = world, world.vendor, made
        self.kind = "order" if made == "order of an order" else "deal"

    @property
    def number(self) -> str:
        return NUMBERS[self.vendor.home]

    def company(self, key: str = "c1", **values: Any) -> None:
        postal_code, city, country = CITIES[self.vendor.home]
        address = {"street": "Gatan 1", "postal_code": postal_code, "city": city}
        own = {"country": country, "country_code": self.vendor.home, **values.pop("address", {})}
        home = CompanyAddress(**{**address, **{name: value for name, value in own.items() if value is not ...}})
        usual = {"name": "Bolaget", "organisation_number": self.number, "visiting_address": ...}
        self.world.company(key, **{**usual, "postal_address": home, **values})

    def win(self, deal: str = "d1", **values: Any) -> Run:
        given = {"company_id": "c1", "currency": self.vendor.currency, "value": Decimal(1000), **values}
        if self.kind == "deal":
            self.world.deal(deal, **{"responsible": ..., **given})
            return self.world.handle(deal)
        net = given.pop("value")
        rows = given.pop("rows", (row("1", str(net), article_number=None, description="Affären"),))
        kept = tuple(CrmOrderRow.model_validate(each.model_dump(exclude_unset=True)) for each in rows)
        self.world.order(deal, **{"coworker": ..., "net": net, "rows": kept, **given})
        return self.world.ready(deal)

    def told(self, deal: str = "d1") -> str:
        message = getattr(self.world.last_told(self.kind, deal), "message", None)
        return f"{self.world.told(deal, self.kind)} {message}"

    def held(self, deal: str = "d1") -> Held:
        told = [each for each in self.world.desk.told if (each.record_kind, each.record_id) == (self.kind, deal)]
        numbers = {name: value for each in told for name, value in each.model_dump(exclude_none=True).items()}
        if self.made == "invoice":
            return self.vendor.held("invoice", str(numbers.get("invoice_number") or numbers["erp_id"]))
        return self.vendor.held("order", str(numbers.get("order_number") or numbers["erp_id"]))

    def documents(self) -> int:
        return self.vendor.documents()


def row(quantity: str, price: str, **more: Any) -> DealRow:
    usual = {"article_number": "A25", "description": "Del", "quantity": Decimal(quantity), "unit_price": Decimal(price)}
    return DealRow(**{**usual, **more})


def words(run: Run) -> str:
    return f"{run.error_text} {run.advice}"


def stopped(run: Run) -> bool:
    return run.state in ("failed", "uncertain")
