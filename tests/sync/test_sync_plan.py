"""Rules, the plan, the preview, requests per deal, references, and a person's answers."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from erpcore.models import Company, Customer, CustomField, Deal, DealRow
from erpcore.store import Store, open_store, story_of_run, upgrade
from erpcore.sync.deal.decide import DealView, decide
from erpcore.sync.deal.plan import agreed_by, plan_won_deal
from erpcore.sync.shared import story
from erpcore.sync.shared.losses import PlannedLoss
from erpcore.sync.shared.reading import KnownArticles
from erpcore.sync.shared.reasons import ASKS, Reason, why
from erpcore.sync.shared.reference import LONGEST_REFERENCE, reference
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView, History
from erpcore.sync.steps.document import CreateOrder
from tests.sync.conftest import MakeWorld
from tests.sync.memory_plugin import Killed
from tests.sync.world import World

ROWS = tuple(
    DealRow(article_number=f"A{n}", description=f"Thing {n}", quantity=Decimal(n), unit_price=Decimal(10))
    for n in (1, 2, 3)
)


def test_the_requests_of_a_won_deal(world: World) -> None:
    """New customer, three known articles: the figures that erpcore promises."""
    for n in (1, 2, 3):
        world.article(f"A{n}")
    world.desk.change("d1", rows=ROWS)
    world.deal("d2", rows=ROWS)
    world.handle("d1")
    assert world.books.calls == {"find_customers": 1, "create_customer": 1, "find_articles": 3, "create_order": 1}
    assert world.desk.calls == {"fetch_deal": 1, "fetch_customer": 1, "write_back": 1}
    world.books.calls.clear()
    world.handle("d2")
    assert world.books.calls == {"create_order": 1}


def test_a_deal_with_nothing_to_do_costs_one_read(world: World) -> None:
    world.handle()
    world.books.calls.clear()
    world.desk.calls.clear()
    world.handle()
    assert world.desk.calls == {"fetch_deal": 1}
    assert not world.books.calls


def test_each_step_tells_its_requests(make_world: MakeWorld) -> None:
    world = make_world()
    world.company()
    world.deal()
    world.won_deal._requests = lambda: {"erp": world.books.calls.total()}
    world.handle()
    spent = {line.data["operation"]: line.data["requests"] for line in world.story() if "requests" in (line.data or {})}
    assert spent == {"create_customer": {"erp": 1}, "create_order": {"erp": 1}}


def test_a_missing_article_is_not_remembered() -> None:
    now = 0.0
    known = KnownArticles(seconds=10, size=2, monotonic=lambda: now)
    assert "A" not in known
    known.add("A")
    assert "A" in known
    now = 11
    assert "A" not in known
    for number in "BCD":
        known.add(number)
    assert [number for number in "BCD" if number in known] == ["C", "D"]


def test_the_preview_tells_steps_and_losses_and_sends_nothing(world: World) -> None:
    world.desk.change("d1", name="W" * 60, rows=(DealRow(description="New thing", unit_price=Decimal(1)),))
    plan = world.won_deal.preview("d1")
    assert [step.name for step in plan.steps] == ["create_customer", "create_article", "create_order", "write_back"]
    assert plan.notes
    assert set(world.books.calls) <= {"find_customers", "find_articles"}
    assert not world.story()
    assert world.handle().state == "done"
    assert world.won_deal.preview("d1").steps == ()


def test_the_preview_shows_what_would_be_blocked(make_world: MakeWorld) -> None:
    world = make_world(on_loss="block")
    world.company()
    world.deal(name="W" * 60)
    (loss,) = world.won_deal.preview("d1").losses
    assert (loss.record, loss.field, loss.policy) == ("order", "rows[0].description", "block")


texts = st.text(max_size=30)
amounts = st.decimals(min_value=0, max_value=10**9, places=2)
deals = st.builds(
    lambda name, value, rows, fields: Deal(
        id="1", won=True, name=name, value=value, company_id="c", rows=rows, custom_fields=fields
    ),
    texts.map(lambda text: f"x{text}"),
    amounts,
    st.none()
    | st.lists(
        st.builds(
            DealRow,
            description=texts.map(lambda text: f"x{text}"),
            article_number=st.none() | st.sampled_from(["A1", "A2"]),
            quantity=st.none() | st.decimals(min_value=1, max_value=99, places=1),
            unit_price=st.none() | amounts,
        ),
        max_size=4,
    ).map(tuple),
    st.none() | st.lists(st.builds(CustomField, title=texts, value=st.none() | texts), max_size=3).map(tuple),
)


@given(deal=deals, missing=st.sets(st.sampled_from(["A1", "A2"])), rule=st.sampled_from(["create", "text_row"]))
def test_no_row_is_lost(deal: Deal, missing: set[str], rule: Any) -> None:
    company = Company(id="c", name="Acme", organisation_number="5560004615")
    crm, rules, today = DealView(deal=deal, company=company), SyncRules(missing_article=rule), date(2026, 11, 20)
    erp = ErpView(missing_articles=frozenset(missing))
    decision = decide(crm, History(), rules, today)
    plan = plan_won_deal(decision, crm, agreed_by(crm, erp, rules), erp, History(), rules, today)
    (order_step,) = [step for step in plan.steps if isinstance(step, CreateOrder)]
    rows = order_step.order.rows or ()
    filled = [field for field in deal.custom_fields or () if field.value]
    assert len(rows) == (len(deal.rows) if deal.rows else 1) + len(filled)
    total = sum((row.quantity or 0) * (row.unit_price or 0) for row in rows)
    wanted = sum((row.quantity or 1) * (row.unit_price or 0) for row in deal.rows) if deal.rows else deal.value
    assert total == wanted
    assert not {row.article_number for row in rows} & missing


strange = st.text(max_size=80)


@given(st.lists(st.tuples(strange, strange, strange, st.integers(1, 10**6), strange), unique=True, max_size=20))
def test_references_are_short_plain_and_unique(wanted: list[tuple[str, str, str, int, str]]) -> None:
    made = [reference(*one) for one in wanted]
    assert len(set(made)) == len(made)
    for text in made:
        assert len(text) <= LONGEST_REFERENCE
        assert re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", text)


def test_a_reference_can_be_read_by_people() -> None:
    text = reference("abc234", "lime-fortnox", "deal 4711", 2, "create_order")
    assert text.startswith("abc234-lime-fortnox-deal-4711-2-")
    assert text == reference("abc234", "lime-fortnox", "deal 4711", 2, "create_order")


@pytest.mark.parametrize(
    "wrong",
    [
        {"won_deal": "offer"},
        {"typo": 1},
        {"won_deal": "invoice", "convert_to_invoice": True},
        {"field_mapping": {"A": "project", "B": "project"}},
        {"field_mapping": {"A": "project", " a ": "remarks"}},
        {"field_mapping": {"A": "number"}},
        {"currencies": ["kr"]},
        {"customer_defaults": {"terms": "30"}},
    ],
)
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SyncRules.model_validate(wrong)


def test_every_rule_is_described() -> None:
    assert all(len(field.description or "") > 20 for field in SyncRules.model_fields.values())


def test_every_reason_has_its_words() -> None:
    words = {"number": "1001", "erp_id": "7", "when": "on 2026-11-20", "cut": "by hand"}
    for reason in get_args(Reason):
        text = why(reason, **words, numbers="1001 and 1002")
        assert text.endswith(".")
        assert "{" not in text


def test_a_reason_that_asks_a_person_says_how_to_answer() -> None:
    assert set(ASKS) <= set(get_args(Reason))
    assert all("nswer “" in story.HOW_TO_ANSWER[cause] for cause in ASKS.values())


@pytest.mark.parametrize("kind", ["dropped", "truncated", "rounded", "replaced", "defaulted", "kept"])
def test_every_loss_has_its_words(kind: str) -> None:
    lost = PlannedLoss(record="order", field="x", kind=kind, value="v" * 500, becomes=None, reason="why", policy="warn")
    text = story.loss(lost)
    assert text.startswith("order, x: ")
    assert text.endswith("(why).")
    assert len(text) < 250


def test_asked_whether_a_cleared_field_was_meant_a_person_may_want_a_new_document(make_world: MakeWorld) -> None:
    world = make_world(on_cleared_erp_id="ask")
    world.company()
    world.deal()
    world.handle()
    world.desk.change("d1", erp_id=None)
    run = world.handle()
    assert (run.state, run.error_class) == ("uncertain", "UncertainEffectError")
    assert run.cause == "cleared_number"
    assert "cleared by mistake" in str(run.error_text)
    assert "“new-document”" in str(run.advice)
    assert len(world.books.orders) == 1
    assert world.answer_new_document(run) == 1
    assert world.retry(run).state == "done"
    assert world.desk.deals["d1"].erp_id == "1002"
    assert "Kim asked for a new document" in world.told()


def test_asked_whether_a_cleared_field_was_meant_a_person_may_have_it_restored(make_world: MakeWorld) -> None:
    world = make_world(on_cleared_erp_id="ask")
    world.company()
    world.deal()
    world.handle()
    world.desk.change("d1", erp_id=None)
    run = world.handle()
    assert world.answer_restore(run) == "1001"
    assert world.retry(run).state == "done"
    assert world.desk.deals["d1"].erp_id == "1001"
    assert len(world.books.orders) == 1


def test_a_cleared_field_makes_nothing_where_the_rule_says_so(make_world: MakeWorld) -> None:
    world = make_world(on_cleared_erp_id="nothing")
    world.company()
    world.deal()
    world.handle()
    world.desk.change("d1", erp_id=None)
    assert world.handle().state == "nothing"


def test_a_customer_that_is_right_already_is_not_updated(world: World) -> None:
    world.handle()
    known = world.books.customers["1"]
    world.desk.companies["c2"] = world.desk.companies["c1"].model_copy(update={"id": "c2"})
    world.deal("d2", company_id="c2")
    world.handle("d2")
    assert world.books.calls["update_customer"] == 0
    assert world.books.customers == {"1": known}


def test_customers_may_be_matched_by_name(make_world: MakeWorld) -> None:
    world = make_world(match=("link", "organisation_number", "name"))
    world.company()
    world.deal()
    world.books.customers["5"] = Customer(number="5", name="Acme AB")
    world.handle()
    assert world.only_order.customer_number == "5"
    assert world.books.customers["5"].organisation_number == "556000-4615"


def test_defaults_go_to_new_customers_only(make_world: MakeWorld) -> None:
    world = make_world(customer_defaults={"terms_of_payment": "30", "currency": "SEK"}, default_unit="st")
    world.company()
    world.deal()
    world.handle()
    assert world.books.customers["1"].terms_of_payment == "30"
    assert world.only_order.rows[0].unit == "st"
    world.books.customers["1"] = world.books.customers["1"].model_copy(update={"terms_of_payment": "10"})
    world.company(phone="1")
    world.deal("d2")
    world.handle("d2")
    assert world.books.customers["1"].terms_of_payment == "10"


def test_a_continuation_does_not_tell_the_same_twice(world: World) -> None:
    world.books.faults["create_order"] = ["before:unreachable"] * 5
    run = world.handle()
    with world.store.read() as connection:
        lines = story_of_run(connection, run.id)
    texts = [line.text for line in lines if line.kind != "waiting"]
    assert len(texts) == len(set(texts))
    assert len(lines) - len(texts) == 5, "each wait is told"


@pytest.fixture
def postgres_store(postgres_url: str) -> Any:
    upgrade(postgres_url)
    opened: Store = open_store(postgres_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("fault", [None, "after:lost", "after:killed"])
def test_the_same_on_postgresql(postgres_store: Store, fault: str | None) -> None:
    world = World("", store=postgres_store, convert_to_invoice=True)
    world.company()
    world.deal(rows=(DealRow(description="Chair", quantity=Decimal(2), unit_price=Decimal(100)),))
    world.books.faults["create_order"] = [fault]
    world.event("d1")
    run_id = world.open("d1")
    try:
        run = world.work(run_id)
    except Killed:
        run = world.work(run_id)
    assert run.summary == "Order 1001, invoice 1."
    assert world.desk.deals["d1"].erp_id == "1001"
    assert len(world.books.orders) == 1
    assert world.handle().state == "nothing"
