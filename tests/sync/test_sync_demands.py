"""What the ERP demands is known before anything is sent, and what it makes is what the rules want."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from erpcore.fields import Default, Entry, Field, FieldMap, Unsupported
from erpcore.models import Customer
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.workable import cannot_work

from .conftest import MakeWorld
from .memory_plugin import MemoryErp


def _with(field_map: FieldMap[Any], *entries: Entry) -> FieldMap[Any]:
    names = {entry.name for entry in entries}
    return FieldMap(field_map.model, [*(each for each in field_map.entries if each.name not in names), *entries])


class Demanding(MemoryErp):
    field_maps: ClassVar[Mapping[str, FieldMap[Any]]] = {
        **MemoryErp.field_maps,
        "customer": _with(
            MemoryErp.field_maps["customer"],
            Field("vat_number", "vat_number", required=True),
            Unsupported("website", reason="it has none"),
            Default("website", "website", "none", reason="a form asks for it"),
        ),
    }


class Posting(MemoryErp):
    makes: ClassVar = {"convert_to_invoice": "invoice"}


def test_what_the_crm_does_not_show_stops_before_anything_is_sent(make_world: MakeWorld) -> None:
    world = make_world(erp_class=Demanding)
    world.company()
    world.deal()
    run = world.handle()
    assert run.state == "failed"
    assert "The customer shows no vat_number, and Memory ERP takes none without." in world.told()
    assert not world.books.customers
    assert not world.books.orders


@pytest.mark.parametrize("on_loss", ["warn", "block"])
def test_what_is_filled_in_is_told_and_stops_nothing(make_world: MakeWorld, on_loss: Any) -> None:
    world = make_world(erp_class=Demanding, on_loss=on_loss)
    told = [loss for loss in world.erp.losses(Customer(name="A", vat_number="SE1")) if loss.field == "website"]
    assert [(loss.kind, loss.becomes) for loss in told] == [("defaulted", "none")]
    assert SyncRules(on_loss=on_loss).loss_policy("website", filled_in=True) == "warn"
    named = SyncRules(on_loss=on_loss, on_loss_of={"website": "block"})
    assert named.loss_policy("website", filled_in=True) == "block"


@pytest.mark.parametrize("rules", [{"convert_to_invoice": True}])
def test_drafts_are_not_wanted_of_an_erp_that_posts(make_world: MakeWorld, rules: Any) -> None:
    world = make_world(erp_class=Posting)

    def refused(erp: Any = world.erp, **given: Any) -> list[str | None]:
        return [error.setting for error in cannot_work("deals", SyncRules(**given), world.crm, erp)]

    (error,) = cannot_work("deals", SyncRules(**rules), world.crm, world.erp)
    assert "posts these invoices at once" in error.message
    assert refused(**rules) == ["syncs.deals.convert_to_invoice"]
    assert not refused(**rules, real_invoices=True)
    assert not refused(won_deal="invoice")
    assert not refused(convert_field="Invoice")
    assert not refused(make_world().erp, **rules)
