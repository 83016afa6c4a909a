"""`erpcore check`: names whatever is missing, and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from erpcore_lime_crm.settings import LimeCrmSettings
from erpcore_lime_crm.simulator import LimeCrmSimulator, Model
from erpcore_lime_crm.simulator.demo import READ_ONLY_KEY
from pydantic import SecretStr, ValidationError

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import AuthenticationError
from erpcore.models import Check, WriteBack
from erpcore.simulator import running

CONTEXT = Context(correlation_id="test")
Connect = Callable[..., CrmConnection]
SECRET = "a-secret-of-the-subscription"


def checks(connection: CrmConnection) -> dict[str, Check]:
    return {check.name: check for check in connection.check_connection(CONTEXT).checks}


def states(found: dict[str, Check]) -> dict[str, str]:
    return {name: check.state for name, check in found.items() if check.state != "ok"}


def test_the_standard_installation_is_in_order(connect: Connect) -> None:
    report = connect().check_connection(CONTEXT)
    assert [check for check in report.checks if check.state != "ok"] == []
    assert {"company", "order", "orderrow", "invoice", "invoicerow", "article", "articlegroup"} <= {
        check.name for check in report.checks
    }


def test_an_installation_is_known_by_host_and_application(connect: Connect) -> None:
    def account(url: str) -> str:
        return LimeCrmSettings(url=f"{url}/demo", api_key=SecretStr("key")).account

    assert account("https://Acme.lime-crm.com:443") == account("https://acme.lime-crm.com") == "acme.lime-crm.com/demo"
    assert account("https://other.lime-crm.com") == "other.lime-crm.com/demo"
    assert connect().identify_account(CONTEXT).key == "127.0.0.1/demo"
    with pytest.raises(AuthenticationError):
        connect(api_key="a-key-that-nobody-gave").identify_account(CONTEXT)


def test_each_missing_property_is_named(connector: Connect) -> None:
    gone = ["company.erp_id", "company.www", "order.error_message", "orderrow", "person.mobilephone"]
    with running(LimeCrmSimulator(model=Model(without=[*gone, "coworker.employeeno"]), with_demo=False)) as url:
        found = checks(connector(url))
    assert states(found) == {
        "company": "error",
        "order": "error",
        "orderrow": "error",
        "person": "warning",
        "coworker": "warning",
    }
    assert "www (company.website), erp_id (company.erp_id)" in found["company"].detail
    assert "error_message (order.message)" in found["order"].detail
    assert "orderrow (order.rows)" in found["order"].detail
    assert "order_row.limetype" in found["orderrow"].detail
    assert "employeeno (coworker.number)" in found["coworker"].detail


def test_what_is_left_out_on_purpose_is_not_missed(connector: Connect) -> None:
    model = Model(without=["company.www", "deal", "article", "articlegroup"])
    with running(LimeCrmSimulator(model=model, with_demo=False)) as url:
        settings = {"deal": {"limetype": ""}, "article": {"limetype": ""}, "article_group": {"limetype": ""}}
        found = checks(connector(url, company={"website": ""}, order_row={"article": ""}, **settings))
    assert states(found) == {}


def test_option_keys_that_are_not_there_are_named(connector: Connect) -> None:
    model = Model(option_keys={"order.order_status.synced": "sent", "company.erp_status.error": "failed"})
    with running(LimeCrmSimulator(model=model)) as url:
        found = checks(connector(url))
    assert "synced" in found["order status"].detail
    assert "sent" in found["order status"].detail
    assert "failed" in found["company status"].detail
    assert states(found) == {"order status": "error", "company status": "error"}


def test_deals_are_held_to_when_they_are_watched(connector: Connect) -> None:
    with running(LimeCrmSimulator(model=Model(option_keys={"deal.dealstatus.agreement": "avtale"}))) as url:
        assert states(checks(connector(url))) == {}
        found = checks(connector(url, watch_deals=True))
    assert "avtale" in found["won deals"].detail


@pytest.mark.parametrize(("length", "state"), [(50, None), (256, "error"), (30, "warning")])
def test_the_room_for_descriptions_is_compared(connect: Connect, length: int, state: str | None) -> None:
    found = states(checks(connect(article_description_length=length)))
    assert found == ({} if state is None else {"article descriptions": state})


def test_orders_that_a_person_has_put_in_process_are_named(lime: LimeCrmSimulator, connect: Connect) -> None:
    by_hand, ours = (lime.add_order("Fjellvik Bygg AS").id for _ in range(2))
    lime.edit_order(by_hand, order_status="inprocess")
    crm = connect()
    crm.write_back(WriteBack(record_kind="order", record_id=str(ours), status="inprocess"), CONTEXT)
    found = checks(crm)
    assert states(found) == {"orders in process": "warning"}
    assert str(by_hand) in found["orders in process"].detail
    assert str(ours) not in found["orders in process"].detail


def test_the_webhook_is_looked_at(connect: Connect) -> None:
    crm = connect(webhook_secret=SECRET)
    assert states(checks(crm)) == {"webhook": "warning"}
    crm.subscribe_events("http://127.0.0.1:9/webhooks/lime/x", CONTEXT)
    assert states(checks(crm)) == {}
    assert states(checks(connect(api_key=READ_ONLY_KEY, webhook_secret=SECRET))) == {"webhook": "error"}


def test_without_the_user_s_id_it_says_what_is_not_seen(connect: Connect) -> None:
    found = checks(connect(api_user_id=None))
    assert states(found) == {"own changes": "warning"}
    assert "updatesmade" in found["own changes"].detail


def test_a_query_api_that_does_not_tell_who_changed_is_named(lime: LimeCrmSimulator, connect: Connect) -> None:
    lime.switch(query_shows_users=False)
    found = checks(connect())
    assert states(found) == {"changes": "error"}
    assert "watch_changes" in found["changes"].detail
    assert states(checks(connect(watch_changes=False))) == {}


def test_a_wrong_key_is_an_error_and_not_shown(connect: Connect) -> None:
    report = connect(api_key="a-key-that-was-replaced").check_connection(CONTEXT)
    assert not report.ok
    assert "replaces the old one" in report.checks[-1].detail
    assert "a-key-that-was-replaced" not in str(report)


def test_a_server_that_is_not_there_is_an_error(connector: Connect) -> None:
    report = connector("http://127.0.0.1:9").check_connection(CONTEXT)
    assert not report.ok


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://acme.lime-crm.com"},
        {"time_zone": "Europe/Atlantis"},
        {"webhook_secret": "short"},
        {"order": {"status": ""}},
        {"order": {"status": "Order Status"}},
        {"order": {"colour": "x"}},
        {"company": {"erp_id": ""}},
        {"countries": {"norge": "Norway"}},
        {"nonsense": 1},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LimeCrmSettings.model_validate({"url": "https://acme.lime-crm.com/acme", "api_key": "x"} | wrong)


def test_the_address_may_be_given_with_the_api_s_path() -> None:
    told = {"url": "https://acme.lime-crm.com/acme/api/v1/", "api_key": "x"}
    settings = LimeCrmSettings.model_validate(told)
    assert settings.url == "https://acme.lime-crm.com/acme"
    assert settings.rate_key == "lime_crm:cloud"
    assert LimeCrmSettings.model_validate(told | {"url": "https://crm.acme.example/crm"}).rate_key == (
        "lime_crm:crm.acme.example"
    )
    assert LimeCrmSettings.model_validate(told | {"rate_group": "office"}).rate_key == "lime_crm:office"
