"""How the rules that are about each operation alike carry one out, of whichever kind the plugin is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.fields import Field
from erpcore.models import ArticleQuery, CanonicalModel, CustomerQuery, DocumentQuery, Ref, Register
from erpcore.testing.bench import context, full_reference
from erpcore.testing.contract.base import Contract
from erpcore.testing.contract.erp_calls import ref_of, send
from erpcore.testing.samples import WRITES, Samples

_READS = (
    "find_customers",
    "find_articles",
    "find_many_articles",
    "find_orders",
    "find_invoices",
    "find_contact_persons",
    "fetch_customers",
    "fetch_articles",
    "fetch_invoices",
    "list_register",
)


_ASKED: Mapping[str, tuple[type[CanonicalModel], Mapping[str, str]]] = {
    "find_customers": (CustomerQuery, {"organisation_number": "556703-7485", "name": "Kund Ett AB"}),
    "find_articles": (ArticleQuery, {"description": "Artikel som finns"}),
    "find_orders": (DocumentQuery, {"reference": full_reference("asked")}),
    "find_invoices": (DocumentQuery, {"reference": full_reference("asked")}),
}
"""How else searches are asked: the query, and its other members."""


class Acting(Contract):
    """What can be done with a plugin."""

    @classmethod
    def reads(cls) -> list[str]:
        """List the operations offered that read records."""
        raise TypeError(f"{cls.__name__} derives from neither ErpContract nor CrmContract")

    @classmethod
    def writes(cls) -> list[str]:
        """List the operations offered that write."""
        raise TypeError(f"{cls.__name__} derives from neither ErpContract nor CrmContract")

    @classmethod
    def ready(cls, connection: Any, operation: str, samples: Samples) -> Callable[[], Any]:
        """Make what an operation needs; give what carries it out on something that is there, and gives what it gives.

        Args:
            connection: The connection.
            operation: One of `reads` or `writes`.
            samples: The numbers of what is there.
        """
        raise TypeError(f"{cls.__name__} derives from neither ErpContract nor CrmContract")

    @classmethod
    def otherwise(cls, connection: Any, operation: str) -> Mapping[str, Callable[[], Any]]:
        """Give the other ways to ask for what `ready` asks for, by what they ask with.

        Args:
            connection: The connection.
            operation: One of `reads`.
        """
        return {}


class ErpActing(Acting):
    """What can be done with an ERP plugin."""

    @classmethod
    def reads(cls) -> list[str]:
        """See `Acting.reads`."""
        return [name for name in _READS if name in cls.operations() and (name != "list_register" or registers_of(cls))]

    @classmethod
    def writes(cls) -> list[str]:
        """See `Acting.writes`."""
        return [name for name in (*WRITES, "convert_to_invoice") if name in cls.operations()]

    @classmethod
    def ready(cls, connection: Any, operation: str, samples: Samples) -> Callable[[], Any]:
        """See `Acting.ready`."""
        erp: ErpConnection = connection
        acts: dict[str, Callable[[], Any]] = {
            "find_customers": lambda: erp.find_customers(CustomerQuery(number=samples.customer_number), context()),
            "find_articles": lambda: erp.find_articles(ArticleQuery(number=samples.article_number), context()),
            "find_many_articles": lambda: erp.find_many_articles(
                [Ref(number=samples.article_number), Ref(number="K-7004")], context()
            ),
            "find_orders": lambda: erp.find_orders(DocumentQuery(number="1"), context()),
            "find_invoices": lambda: erp.find_invoices(DocumentQuery(number="1"), context()),
            "find_contact_persons": lambda: erp.find_contact_persons(samples.customer(), context()),
            "fetch_customers": lambda: erp.fetch_customers(None, context()),
            "fetch_articles": lambda: erp.fetch_articles(None, None, context()),
            "fetch_invoices": lambda: erp.fetch_invoices(None, None, context()),
            "list_register": lambda: erp.list_register(registers_of(cls)[0], context()),
        }
        if operation in acts:
            return acts[operation]
        if operation == "convert_to_invoice":
            record: Any = ref_of(erp, "create_order", samples.record("order"), samples, full_reference("lent"))
        else:
            values = {"number": "K-7003"} if WRITES[operation] == "article" else {}
            record = samples.record(WRITES[operation], **values)
        return lambda: send(erp, operation, record, samples, reference=full_reference("h02"))

    @classmethod
    def otherwise(cls, connection: Any, operation: str) -> Mapping[str, Callable[[], Any]]:
        """See `Acting.otherwise`."""
        query, ways = _ASKED.get(operation, (CustomerQuery, {}))
        find: Callable[..., Any] = getattr(connection, operation)
        return {name: partial(find, query.model_validate({name: value}), context()) for name, value in ways.items()}


def registers_of(cls: type[Contract]) -> list[Register]:
    """Give the registers that the field maps name.

    Args:
        cls: The author's contract.
    """
    named = (
        entry.register
        for field_map in cls.plugin_class.field_maps.values()
        for entry in field_map.entries
        if isinstance(entry, Field)
    )
    return sorted({register for register in named if register is not None})
