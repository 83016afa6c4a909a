"""Won deals under other rules, over the other API, and told of by a delivery instead of the feed."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore.demo.lime_go_fortnox import FORTNOX, INVOICE_NOW, LIME_GO, SHOWS
from tests.e2e.settings_file import CLIENT_SECRET
from tests.e2e.world import MakeWorld, working, world_in

WEBHOOK_TOKEN = "a-token-that-nobody-can-guess"
AGENTIC = {
    "api": "agentic",
    "api_key": None,
    "set_custom_field_mutation": None,
    "client_id": "demo-client",
    "client_secret": CLIENT_SECRET,
    "requests_per_minute": 60_000,
    "organisation_requests_per_minute": 60_000,
}


def test_a_won_deal_becomes_an_invoice_draft(make_world: MakeWorld) -> None:
    world = make_world(rules={"won_deal": "invoice"})
    company = world.company()
    deal = world.deal(company, "Utredning")
    world.win(deal)
    world.done(deal)
    (invoice,) = world.documents("invoices", company)
    assert invoice["Booked"] is False, "a draft"
    assert invoice["InvoiceRows"][0]["Description"] == "Utredning"
    assert world.orders(company) == []
    assert world.erp_id(deal) == invoice["DocumentNumber"]
    assert world.unrecorded() == []
    world.win(deal)
    assert world.ended(deal, runs=2).state == "nothing"
    assert len(world.documents("invoices", company)) == 1


def test_an_order_is_turned_into_an_invoice_at_once(make_world: MakeWorld) -> None:
    world = make_world(rules={"convert_to_invoice": True})
    company = world.company()
    deal = world.deal(company)
    world.win(deal)
    world.done(deal)
    (order,) = world.orders(company)
    (invoice,) = world.documents("invoices", company)
    assert (order["InvoiceReference"], invoice["OrderReference"]) == (
        invoice["DocumentNumber"],
        order["DocumentNumber"],
    )
    assert world.erp_id(deal) == order["DocumentNumber"]
    assert world.unrecorded() == []


def test_a_won_deal_that_becomes_nothing_asks_fortnox_for_nothing(make_world: MakeWorld) -> None:
    world = make_world(rules={"won_deal": "nothing"})
    deal = world.deal(world.company())
    world.win(deal)
    run = world.ended(deal)
    assert run.state == "nothing"
    assert "The rule won_deal says" in run.summary
    assert world.asked() == ["GET companyinformation"], "whose account it is, when the worker starts; and no more"
    assert world.erp_id(deal) is None


def test_the_three_deals_of_the_demonstration(make_world: MakeWorld) -> None:
    lime = LimeGoSimulator(with_demo=False)
    lime.seed(dict(LIME_GO))
    world = make_world(lime_simulator=lime, rules={"convert_field": INVOICE_NOW})
    world.seed_fortnox(FORTNOX)
    deals = {deal["name"]: str(deal["number"]) for deal in lime.state()["records"]["deals"]}
    assert deals.keys() == SHOWS.keys()
    world.win(*deals.values())
    for deal in deals.values():
        world.done(deal)
    orders = {order["DocumentNumber"]: order for order in world.fortnox.state()["orders"]}
    assert len(orders) == 3
    new, existing, lacking = (orders[str(world.erp_id(deals[name]))] for name in SHOWS)
    assert Decimal(str(new["Net"])) == Decimal("14605.92")
    assert existing["CustomerNumber"] == "10", "matched on its organisation number"
    assert existing["InvoiceReference"] not in ("0", "", None), "and invoiced, as its field asked"
    assert lacking["OrderRows"][0]["ArticleNumber"] == "BESLAG-77"
    assert lacking["InvoiceReference"] not in ("0", "", None), "so did its field"
    assert new["InvoiceReference"] in ("0", "", None)
    assert world.unrecorded() == []


def test_the_main_path_over_the_agentic_api(make_world: MakeWorld) -> None:
    world = make_world(lime=AGENTIC, rules={"value_differs": "warn"})
    # Its first look into the change feed only notes the place where it begins.
    world.wait(lambda: world.lime.journal.count("GET", "/api/v1/changes.*"))
    world.seed_fortnox({"articles": [{"ArticleNumber": "A-1", "Description": "Vara", "Unit": "st"}]})
    company = world.company(email="info@bolaget.example")
    deal = world.deal(company, rows=[{"article_number": "A-1", "text": "Vara", "quantity": "3", "price": "10.00"}])
    world.wait(lambda: world.runs(deal) and world.ended(deal).state == "nothing")  # a new deal is a change, not a win
    world.forget()
    world.win(deal)
    world.wait(lambda: world.erp_id(deal))
    assert Counter(world.asked()) == {"GET customers": 1, "POST customers": 1, "GET articles": 1, "POST orders": 1}
    (order,) = world.orders(company)
    assert world.erp_id(deal) == order["DocumentNumber"]
    assert world.customers(company)[0]["Email"] == "info@bolaget.example"

    world.lime.edit_deal(deal, value="77777", name="Något annat")
    # A run of its own, or one that the number written back has begun and that reads the deal after the change.
    world.wait(lambda: "Något annat" in world.told(deal, "read") and world.ended(deal))
    assert world.orders(company) == [order], "changed after the win"
    assert world.ended(deal).state == "nothing"

    world.lime.clear_erp_id(deal)
    # This API tells that a deal has changed, not how: that it is open again must be seen before it is won again.
    world.lime.move_deal(deal, "Nyförsäljning", "Offert")
    world.wait(lambda: world.ended(deal).summary.startswith("The deal is not won"))
    world.win(deal)
    world.wait(lambda: len(world.orders(company)) == 2)
    world.wait(lambda: world.erp_id(deal) not in (None, order["DocumentNumber"]))
    assert world.unrecorded() == []


def test_a_delivery_of_lime_go_reaches_the_worker_and_becomes_an_order(tmp_path: Path) -> None:
    lime = {"webhook_token": WEBHOOK_TOKEN}
    # The feed is looked into at the start only, so what comes later came by delivery.
    with world_in(tmp_path, lime=lime, worker={"webhook_port": 0, "poll_seconds": 3600}) as world:
        with working(world) as port:
            world.wait(lambda: world.lime.journal.count("GET", "/v1/event/feed.*"))
            world.subscribe("lime_go", f"http://127.0.0.1:{port}/webhooks/lime_go/{WEBHOOK_TOKEN}")
            world.lime.switch(deliver_twice=True)
            company = world.company()
            deal = world.deal(company)
            world.win(deal)
            world.done(deal)
            assert world.lime.settle()
            delivered = [entry for entry in world.lime.journal.entries() if entry.kind == "delivery"]
            assert delivered
            assert {entry.status for entry in delivered} == {202}
            world.ended(deal)
        (order,) = world.orders(company)
        assert world.erp_id(deal) == order["DocumentNumber"]


def test_a_failure_is_told_on_the_deal_where_lime_go_has_a_field_for_it(make_world: MakeWorld) -> None:
    fields = {"status_field": "ERP status", "message_field": "ERP message"}
    world = make_world(lime=fields, rules={"missing_article": "stop"})
    rows = [{"article_number": "NOT-THERE", "text": "Vara", "quantity": "1", "price": "10.00"}]
    company = world.company()
    deal = world.deal(company, rows=rows)
    world.win(deal)
    assert world.ended(deal).state == "failed"
    told = {title: world.lime.custom_field(int(deal), title) for title in fields.values()}
    assert told["ERP status"] == "error"
    assert "(NOT-THERE) of row 1 is not in the ERP" in str(told["ERP message"])
    world.seed_fortnox({"articles": [{"ArticleNumber": "NOT-THERE", "Description": "Vara"}]})
    world.send(world.runs(deal)[-1])
    world.done(deal)
    assert world.lime.custom_field(int(deal), "ERP status") == "synced"
    assert not world.lime.custom_field(int(deal), "ERP message"), "the words are taken away"
    assert world.erp_id(deal) == world.orders(company)[0]["DocumentNumber"]


def test_a_delivery_under_a_guessed_address_starts_nothing(tmp_path: Path) -> None:
    lime = {"webhook_token": WEBHOOK_TOKEN}
    with (
        world_in(tmp_path, lime=lime, worker={"webhook_port": 0, "poll_seconds": 3600}) as world,
        working(world) as port,
    ):
        world.wait(lambda: world.lime.journal.count("GET", "/v1/event/feed.*"))
        world.subscribe("lime_go", f"http://127.0.0.1:{port}/webhooks/lime_go/guessed-{WEBHOOK_TOKEN}")
        deal = world.deal(world.company())
        world.win(deal)
        assert world.lime.settle()
        assert {entry.status for entry in world.lime.journal.entries() if entry.kind == "delivery"} == {404}
        assert world.runs(deal) == []


def test_events_that_came_while_no_worker_ran_are_handled_at_the_next_start(tmp_path: Path) -> None:
    pages = {"feed_page": 10}
    with world_in(tmp_path, switches=pages, lime=pages) as world:
        company = world.company()
        deals = [world.deal(company, f"Affär {number}") for number in range(12)]  # several pages of the feed
        world.win(*deals)
        with working(world):
            for deal in deals:
                world.done(deal)
        assert len(world.orders(company)) == len(deals)
        assert world.unrecorded() == []
