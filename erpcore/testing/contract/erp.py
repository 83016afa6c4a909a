"""`ErpContract`: all rules for a plugin for an accounting program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, cast

import pytest

from erpcore.connection import ErpConnection
from erpcore.models import ArticleQuery, ContactPerson, CustomerQuery, Ref
from erpcore.registry import PluginKind
from erpcore.testing.bench import Bench, context
from erpcore.testing.contract.articles import Articles
from erpcore.testing.contract.customers import Customers
from erpcore.testing.contract.declaration import ErpDeclaration
from erpcore.testing.contract.documents import Documents
from erpcore.testing.contract.erp_calls import ref_of
from erpcore.testing.contract.errors import ErpErrors
from erpcore.testing.contract.faults import Faults
from erpcore.testing.contract.fields import Fields
from erpcore.testing.contract.freshness import Freshness
from erpcore.testing.contract.guard import Guard
from erpcore.testing.contract.inactive import Inactive
from erpcore.testing.contract.lending import ErpLending
from erpcore.testing.contract.looking_up import LookingUp
from erpcore.testing.contract.naming import Naming
from erpcore.testing.contract.operations import Operations
from erpcore.testing.contract.persons import Persons
from erpcore.testing.contract.reading import Reading
from erpcore.testing.contract.recordings import Recordings
from erpcore.testing.contract.refusing import ErpRefusing
from erpcore.testing.contract.rows import DocumentRows
from erpcore.testing.contract.searching import Searching
from erpcore.testing.contract.showing import Showing
from erpcore.testing.contract.signing_in import SigningIn
from erpcore.testing.contract.values import Values
from erpcore.testing.contract.vat import VatTreatments
from erpcore.testing.contract.witnessing import Witnessing
from erpcore.testing.samples import Samples, required


class ErpContract(
    ErpDeclaration,
    Fields,
    Witnessing,
    Operations,
    Customers,
    Inactive,
    Persons,
    Articles,
    Naming,
    LookingUp,
    DocumentRows,
    Documents,
    Values,
    VatTreatments,
    Reading,
    Searching,
    Showing,
    Faults,
    ErpRefusing,
    ErpLending,
    SigningIn,
    Freshness,
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
        first, second, article = (own.pop(f"{name}_number", None) for name in ("customer", "other_customer", "article"))
        least = Samples(own=own, companions=cls.companions, required=required(cls.plugin_class.field_maps))
        made = [
            _there(first, lambda: _customer(bench.erp(), first, least, "Kund Ett AB")),
            _there(second, lambda: _customer(bench.erp(), second, least, "Kund Två AB")),
            _there(article, lambda: _article(bench.erp(), article, least)),
        ]
        # Of an article that the author's samples name, the key goes along too.
        named = {str(number) for name, number in own.items() if name.rpartition(".")[2] == "article_number"}
        made += [_article(bench.erp(), number, least) for number in sorted(named)]
        able = "create_contact_person" in cls.operations()
        person = _there(None, lambda: _person(bench.erp(), made[1], least)) if able else Ref(number="0")
        bench.keep()
        keys = {ref.number: ref.key for ref in made if ref.key is not None}
        with_customer = {"customer_number": made[1].number}
        companions = {f"{model}.contact_person_key": with_customer for model in ("order", "invoice")}
        return replace(
            least,
            customer_number=made[0].number,
            other_customer_number=made[1].number,
            article_number=made[2].number,
            person=person,
            keys=keys,
            companions={**companions, **cls.companions},
        )

    @pytest.fixture
    def samples(self, contract_samples: Samples) -> Samples:
        """The sample values, with numbers of what is there."""
        return contract_samples


def _customer(erp: ErpConnection, number: str | None, least: Samples, name: str) -> Ref:
    if number is None:
        return ref_of(erp, "create_customer", least.record("customer", name=name), least)
    found = erp.find_customers(CustomerQuery(number=number), context()) if erp.can("find_customers") else ()
    return Ref(number=number, key=found[0].key if found else None)


def _article(erp: ErpConnection, number: str | None, least: Samples) -> Ref:
    if number is None:
        return ref_of(erp, "create_article", least.record("article", description="Artikel som finns"), least)
    found = erp.find_articles(ArticleQuery(number=number), context()) if erp.can("find_articles") else ()
    return Ref(number=number, key=found[0].key if found else None)


def _person(erp: ErpConnection, customer: Ref, least: Samples) -> Ref:
    person = least.record("contact_person", first_name="Person", last_name="Ett")
    return erp.create_contact_person(customer, cast(ContactPerson, person), context())


def _there(number: str | None, give: Callable[[], Ref]) -> Ref:
    try:
        return give()
    except Exception:  # a plugin that fails here is told by the rules about that operation, not by all of them
        return Ref(number=number or "0")
