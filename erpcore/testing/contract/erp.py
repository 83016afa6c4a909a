"""`ErpContract`: all rules for a plugin for an accounting program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from erpcore.connection import ErpConnection
from erpcore.models import Article, Customer, Ref
from erpcore.registry import PluginKind
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.customers import Customers
from erpcore.testing.contract.declaration import ErpDeclaration
from erpcore.testing.contract.effects import Effects
from erpcore.testing.contract.errors import ErpErrors
from erpcore.testing.contract.fields import Fields
from erpcore.testing.contract.guard import Guard
from erpcore.testing.contract.operations import Operations
from erpcore.testing.contract.paging import Paging
from erpcore.testing.contract.recordings import Recordings
from erpcore.testing.contract.rows import DocumentRows
from erpcore.testing.contract.searching import Searching
from erpcore.testing.samples import Samples


class ErpContract(
    ErpDeclaration,
    Fields,
    Operations,
    Customers,
    DocumentRows,
    Paging,
    Searching,
    Effects,
    ErpErrors,
    Recordings,
    Guard,
):
    """Inherit this, and state what `Contract` asks for."""

    kind: ClassVar[PluginKind] = "erp"

    @classmethod
    def prepare(cls, bench: Bench) -> Samples:
        """Make two customers and an article, unless the author's samples name some."""
        own = dict(cls.sample_values)
        made = [
            _there(own.pop("customer_number", None), lambda: _customer(bench.erp(), "Kund Ett AB")),
            _there(own.pop("other_customer_number", None), lambda: _customer(bench.erp(), "Kund Två AB")),
            _there(own.pop("article_number", None), lambda: _article(bench.erp())),
        ]
        bench.keep()
        keys = {ref.number: ref.key for ref in made if ref.key is not None}
        return Samples(made[0].number, made[1].number, made[2].number, keys, own, cls.companions)

    @pytest.fixture
    def samples(self, contract_samples: Samples) -> Samples:
        """The sample values, with numbers of what is there."""
        return contract_samples


def _customer(erp: ErpConnection, name: str) -> Ref:
    return erp.create_customer(Customer(name=name), context())


def _article(erp: ErpConnection) -> Ref:
    return erp.create_article(Article(description="Artikel som finns"), context())


def _there(number: Any, make: Callable[[], Ref]) -> Ref:
    if number:
        return Ref(number=str(number))
    try:
        return make()
    except Exception:  # a plugin that fails here is told by the rules about that operation, not by all of them
        return Ref(number="0")
