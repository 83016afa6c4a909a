"""Rules S25 and S26: how an order of a CRM is looked at, and put in process, before it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from erpcore.errors import NotFoundError
from erpcore.models import CrmOrder, OrderHead, WriteBack
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.base import needs
from erpcore.testing.contract.crm_base import CrmBase, without
from erpcore.testing.contract.crm_fields import writable

_TOLD = {"order_number": "7001", "message": "Told meanwhile."}


class CrmOrders(CrmBase):
    """The rules."""

    @needs("fetch_order", "fetch_order_head")
    def test_S25_an_orders_head_is_the_order_without_its_rows(self, bench: Bench) -> None:
        """An order's head shows what the order shows, without rows; the rows read with it are the order's own."""
        crm = bench.crm()
        for held in self.held_of(CrmOrder):
            head, whole = crm.fetch_order_head(held.id, context()), crm.fetch_order(held.id, context())
            assert _shown(head) == {name: value for name, value in _shown(whole).items() if name != "rows"}
            assert crm.fetch_order(held.id, replace(context(), seen=head)) == whole
        key = self.first_key("fetch_order")
        unknown = key[:-3] + ("404" if key[-3:] != "404" else "405")
        with pytest.raises(NotFoundError):
            crm.fetch_order_head(unknown, context())

    @needs("fetch_order_head", "take_order")
    def test_S26_an_order_is_put_in_process_as_it_is_then(self, bench: Bench) -> None:
        """An order that is put in process shows that, and what was changed since it was read; twice is like once."""
        crm = bench.crm()
        told = {name: _TOLD[name] for name in writable(crm.plugin.field_maps.get("order_write_back")) if name in _TOLD}
        for held in self.held_of(CrmOrder):
            head = crm.fetch_order_head(held.id, context())
            values = WriteBack.model_validate({"record_kind": "order", "record_id": held.id, **told})
            assert not told or bench.crm("another").write_back(values, context())
            taken = crm.take_order(head, context())
            assert taken.status == "inprocess", "the order does not show that it is in process"
            assert _shown(taken) == _shown(crm.fetch_order_head(held.id, context())), "it is not shown as it is now"
            whole = crm.fetch_order(held.id, context())
            assert crm.fetch_order(held.id, replace(context(), seen=taken)) == whole
            once = without(bench.state(), self.passing)
            crm.take_order(taken, context())
            assert without(bench.state(), self.passing) == once, "taking it again changes something"


def _shown(order: OrderHead | CrmOrder) -> dict[str, Any]:
    """Give what an order shows, without what the plugin keeps for itself."""
    return {name: getattr(order, name) for name in order.model_fields_set if name != "facts"}
