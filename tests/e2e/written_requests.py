"""What runs write to two systems, request by request, when nothing breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.e2e.linked_world import LinkedWorld
from tests.e2e.order_world import OrderWorld, row
from tests.e2e.world import World

NUMBER = "556000-4615"
INVOICE_NOW = "Fakturera direkt"


@dataclass(frozen=True)
class Write:
    """One request that changes something.

    Attributes:
        step: The kind of step that sends it.
        system: ``crm`` or ``erp``.
        method: The HTTP verb.
        path: A regular expression for the whole path.
        nth: Which of the scenario's requests of this verb and path, from 1.
    """

    step: str
    system: str
    method: str
    path: str
    nth: int = 1

    def fits(self, system: str, method: str, path: str) -> bool:
        """Whether a request is one of this verb and path."""
        return (self.system, self.method) == (system, method) and re.fullmatch(self.path, path) is not None

    def __str__(self) -> str:
        words = [word for word in re.split(r"[^A-Za-z]+", self.path) if word[:1].isalpha()]
        again = "" if self.nth == 1 else f" {self.nth}"
        return f"{self.step}, {self.method} {words[-1]}{again}"


@dataclass(frozen=True)
class Scenario:
    """One run and what it writes, in order.

    Attributes:
        pair: Which two systems.
        kind: Kind of the record.
        make: Makes what is there before, and gives the record.
        writes: What the run writes when nothing breaks.
        rules: Of the sync.
        wish: What a person asks for the record, where the run is one of that.
    """

    pair: str
    kind: str
    make: Callable[[Any], str]
    writes: tuple[Write, ...]
    rules: Mapping[str, Any] = field(default_factory=dict)
    wish: Literal["create", "update", "contact"] | None = None


def _lime_go_deal(world: World, *, invoiced: bool) -> str:
    rows = [{"article_number": "NEW-1", "text": "Vara", "quantity": "1", "price": "100.00"}]
    more: dict[str, Any] = {"rows": rows, "custom_fields": {INVOICE_NOW: "ja"}} if invoiced else {}
    deal = world.deal(world.company(business_id=NUMBER), **more)
    world.win(deal)
    return deal


def _lime_go_company(world: World, *, known: bool) -> str:
    if known:
        world.seed_fortnox({"customers": [{"Name": "Ett annat namn", "OrganisationNumber": NUMBER}]})
    return str(world.company(business_id=NUMBER).id)


def _lime_crm_company(world: OrderWorld, *, known: bool) -> str:
    place = {"country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
    company = world.lime.add_company("Bolag AB", registrationno=NUMBER, **place)
    if known:
        world.known_customer(company, "1")
        world.lime.edit_company(company.id, phone="22 00 00 99")
    else:
        world.lime.send_company(company.id)
    return str(company.id)


def _lime_crm_order(world: OrderWorld) -> str:
    place = {"country": "Sverige", "postalzipcode": "111 22", "postalcity": "Stockholm"}
    company = world.lime.add_company("Bolag AB", registrationno=NUMBER, **place)
    article = world.lime.add_article("NEW-1", "Ny vare", price=100)
    order = world.order(company, {**row("NEW-1"), "article": article.id}, create_invoice_from_order=True)
    world.ready(order)
    return order


def _by_hand(world: LinkedWorld, *, linked: bool, with_person: bool = False) -> str:
    company = world.company(NUMBER)
    if linked:
        world.linked(company, with_person=with_person)
    return company


def _visma_deal(world: LinkedWorld) -> str:
    company = world.company(NUMBER)
    rows = [{"article_number": "NEW-1", "text": "Vara", "quantity": "1", "price": "100.00"}]
    deal = world.lime.add_deal("Affären", company=company, rows=rows)
    world.lime.win_deal(deal.id)
    return str(deal.id)


def _visma(step: str, method: str, path: str, nth: int = 1) -> Write:
    return Write(step, "erp", method, f"/v2/{path}", nth)


def _fortnox(step: str, method: str, path: str, nth: int = 1) -> Write:
    return Write(step, "erp", method, f"/3/{path}", nth)


def _lime_go(step: str, path: str, nth: int = 1) -> Write:
    return Write(step, "crm", "PATCH", f"/api/v1/{path}/[^/]+", nth)


def _poweroffice(step: str, method: str, path: str, nth: int = 1) -> Write:
    return Write(step, "erp", method, f"/v2/{path}", nth)


def _lime_crm(step: str, path: str, nth: int = 1) -> Write:
    return Write(step, "crm", "PUT", f"/demo/api/v1/limeobject/{path}/[0-9]+/", nth)


GO, CRM, HAND = "Lime Go and Fortnox", "Lime CRM and PowerOffice", "Lime Go and Visma eAccounting"
SCENARIOS: Mapping[str, Scenario] = {
    "won deal": Scenario(
        GO,
        "deal",
        lambda world: _lime_go_deal(world, invoiced=True),
        (
            _fortnox("create_customer", "POST", "customers"),
            _fortnox("create_article", "POST", "articles"),
            _fortnox("create_article", "PUT", "prices/A/NEW-1"),
            _fortnox("create_order", "POST", "orders"),
            _lime_go("write_back", "deals"),
            _fortnox("convert_to_invoice", "PUT", "orders/[0-9]+/createinvoice"),
            _lime_go("write_back", "deals", 2),
        ),
        {"convert_field": INVOICE_NOW},
    ),
    "deal to invoice": Scenario(
        GO,
        "deal",
        lambda world: _lime_go_deal(world, invoiced=False),
        (
            _fortnox("create_customer", "POST", "customers"),
            _fortnox("create_invoice", "POST", "invoices"),
            _lime_go("write_back", "deals"),
        ),
        {"won_deal": "invoice"},
    ),
    "new customer": Scenario(
        GO,
        "company",
        lambda world: _lime_go_company(world, known=False),
        (_fortnox("create_customer", "POST", "customers"), _lime_go("write_back_customer", "companies")),
    ),
    "changed customer": Scenario(
        GO,
        "company",
        lambda world: _lime_go_company(world, known=True),
        (_fortnox("update_customer", "PUT", "customers/[0-9]+"), _lime_go("write_back_customer", "companies")),
    ),
    "ready order": Scenario(
        CRM,
        "order",
        _lime_crm_order,
        (
            _lime_crm("mark_in_process", "order"),
            _poweroffice("create_customer", "POST", "Customers"),
            _lime_crm("write_back_customer", "company"),
            _poweroffice("create_article", "POST", "Products"),
            _lime_crm("create_article", "article"),
            _poweroffice("create_order", "POST", "SalesOrders/Complete"),
            _lime_crm("write_back", "order", 2),
            _poweroffice("convert_to_invoice", "POST", "SalesOrders/[^/]+/CreateAndSendInvoice"),
            _lime_crm("write_back", "order", 3),
        ),
        {"missing_article": "create", "report_created_articles": True},
    ),
    "new customer of orders": Scenario(
        CRM,
        "company",
        lambda world: _lime_crm_company(world, known=False),
        (
            _lime_crm("mark_in_process", "company"),
            _poweroffice("create_customer", "POST", "Customers"),
            _lime_crm("write_back_customer", "company", 2),
        ),
    ),
    "customer by hand": Scenario(
        HAND,
        "company",
        lambda world: _by_hand(world, linked=False),
        (_visma("create_customer", "POST", "customers"),),
        wish="create",
    ),
    "won deal of Visma eAccounting": Scenario(
        HAND,
        "deal",
        _visma_deal,
        (
            _visma("create_customer", "POST", "customers"),
            _visma("create_article", "POST", "articles"),
            _visma("create_order", "POST", "orders"),
            _lime_go("write_back", "deals"),
            _visma("convert_to_invoice", "POST", "customerinvoicedrafts"),
            _visma("convert_to_invoice", "PUT", "orders/[^/]+"),
            _lime_go("write_back", "deals", 2),
        ),
        {"convert_to_invoice": True, "feed_history": "send", "customer_delay_seconds": 600},
    ),
    "contact person by hand": Scenario(
        HAND,
        "company",
        lambda world: _by_hand(world, linked=True),
        (_visma("create_contact_person", "PUT", "customers/[^/]+"),),
        wish="contact",
    ),
    "overwritten by hand": Scenario(
        HAND,
        "company",
        lambda world: _by_hand(world, linked=True, with_person=True),
        (
            _visma("update_customer", "PUT", "customers/[^/]+"),
            _visma("update_contact_person", "PUT", "customers/[^/]+", 2),
        ),
        wish="update",
    ),
    "changed customer of orders": Scenario(
        CRM,
        "company",
        lambda world: _lime_crm_company(world, known=True),
        (
            _lime_crm("mark_in_process", "company"),
            _poweroffice("update_customer", "PATCH", "Customers/[0-9]+"),
            _lime_crm("write_back_customer", "company", 2),
        ),
    ),
}
