"""The plan of a won deal: no row is lost; and what a cleared ERP ID comes to under each rule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, strategies as st

from erpcore.models import Company, CustomField, Deal, DealRow
from erpcore.sync.deal.decide import DealView, decide
from erpcore.sync.deal.plan import agreed_by, plan_won_deal
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.view import ErpView, History
from erpcore.sync.steps.document import CreateOrder
from tests.sync.conftest import MakeWorld

ROWS = tuple(
    DealRow(article_number=f"A{n}", description=f"Thing {n}", quantity=Decimal(n), unit_price=Decimal(10))
    for n in (1, 2, 3)
)


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
    crm, rules, today = (
        DealView(deal=deal, company=company),
        SyncRules(missing_article=rule, value_differs="warn"),
        date(2026, 11, 20),
    )
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
