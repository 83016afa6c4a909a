"""How the rules get records into the system that they list and search: with the plugin's own writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.fields import Computed, Field, Unsupported
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.erp_calls import send
from erpcore.testing.samples import WRITES, Samples, entries
from erpcore.testing.witness import is_read

SEVERAL = 7
"""Records that take several pages of a few."""

WHOLE_ARTICLE = "K-7041"
"""Number of an article that shows all that is carried."""
_GIVEN = frozenset({"number", "active", "reference", "external_reference", "customer_number", "customer_key", "kind"})
"""What a whole record leaves to the call, or to the least record."""
Maker = tuple[str, ...]
"""The operations that make a record, one after the other."""

_MAKERS: Mapping[str, tuple[Maker, ...]] = {
    "customer": (("create_customer",),),
    "article": (("create_article",), ("sync_articles",)),
    "order": (("create_order",),),
    "invoice": (("create_invoice",), ("create_order", "convert_to_invoice")),
}


def maker(cls: type[Contract], model: str) -> Maker | Absent:
    """Give the first way to make a record that the plugin has.

    Args:
        cls: The author's contract.
        model: ``customer``, ``article``, ``order`` or ``invoice``.
    """
    can = set(cls.operations())
    ways = " nor ".join(" with ".join(way) for way in _MAKERS[model])
    none = Absent(f"nothing can make the {model} that it needs: the plugin does not implement {ways}")
    return next((way for way in _MAKERS[model] if can.issuperset(way)), none)


def no_place(cls: type[Contract], model: str, field: str) -> Absent | None:
    """Tell that the system has no place for a field; None when it has one.

    Args:
        cls: The author's contract.
        model: Such as ``order``.
        field: Such as ``reference``.
    """
    for path, _, entry in entries(cls.plugin_class.field_maps, model):
        if path == field and isinstance(entry, Unsupported):
            return Absent(f"{model}.{field} is declared unsupported: {entry.reason}")
    return None


def carried(cls: type[Contract], model: str, field: str) -> bool:
    """Tell whether a field is sent and read back.

    Args:
        cls: The author's contract.
        model: Such as ``order``.
        field: Dotted name; those of rows begin with ``rows.``.
    """
    declared = {path: entry for path, _, entry in entries(cls.plugin_class.field_maps, model)}
    entry = declared.get(field)
    return isinstance(entry, Field) and entry.direction == "both"


def comes_back(cls: type[Contract], model: str, field: str) -> bool:
    """Tell whether a field, or one that is worked out, is sent and read back; arguments as for `carried`."""
    declared = {path: entry for path, _, entry in entries(cls.plugin_class.field_maps, model)}
    entry = declared.get(field)
    return carried(cls, model, field) or (isinstance(entry, Computed) and is_read(entry))


def reads_rows(cls: type[Contract], model: str) -> bool:
    """Tell whether the rows of a document are sent, and shown when it is read."""
    declared = {path: entry for path, _, entry in entries(cls.plugin_class.field_maps, model)}
    entry = declared.get("rows.description")
    return isinstance(entry, Field) and entry.direction != "write"


def make(erp: ErpConnection, way: Maker, samples: Samples, *, reference: str | None = None, **values: Any) -> str:
    """Make a record.

    Args:
        erp: The connection.
        way: What `maker` gave.
        samples: The numbers of what is there.
        reference: Our own key.
        **values: Fields of the record that the first operation takes.

    Returns:
        Its number.
    """
    first, *further = way
    number = send(erp, first, samples.record(WRITES[first], **values), samples, reference=reference)
    for operation in further:
        number = send(erp, operation, number, samples)
    return number


def make_whole(erp: ErpConnection, way: Maker, samples: Samples) -> str:
    """Make a record that shows all that is carried.

    Args:
        erp: The connection.
        way: What `maker` gave.
        samples: The numbers of what is there.

    Returns:
        Its number.
    """
    model = WRITES[way[0]]
    paths = [
        path
        for path, _, entry in entries(erp.plugin.field_maps, model)
        if isinstance(entry, Field) and entry.direction == "both" and path not in _GIVEN
    ]
    record = samples.record(model, *paths, **({"number": WHOLE_ARTICLE} if model == "article" else {}))
    first, *further = way
    number = send(erp, first, record, samples)
    for operation in further:
        number = send(erp, operation, number, samples)
    return number
