"""From settings to live connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from erpcore.connection import CrmConnection
from erpcore.engine.assembly import Assembly
from erpcore.engine.requests import counting, gone_wrong, in_words, observe, so_far
from erpcore.errors import ConfigurationError, PluginNotFoundError
from erpcore.host import SYSTEM_CLOCK, Exchange, MemoryBudget
from erpcore.settings import parse_settings
from erpcore.store.secrets import put_secret


@pytest.fixture
def assembly_of(place: Any) -> Iterator[Callable[[str, str], Assembly]]:
    """Gives an assembly for the place's settings with a text replaced."""
    with place.store() as store:
        made: list[Assembly] = []

        def make(old: str = "", new: str = "") -> Assembly:
            text = place.settings_file.read_text()
            assert old in text
            settings = parse_settings(text.replace(old, new, 1), place.settings_file)
            made.append(Assembly(settings, store, worker="w1", budget=MemoryBudget(SYSTEM_CLOCK)))
            return made[-1]

        yield make
        for assembly in made:
            assembly.close()


def test_each_connection_is_built_once(assembly_of: Any) -> None:
    assembly = assembly_of()
    assert assembly.crm("crm") is assembly.crm("crm")
    assert assembly.flow("deals", "deal") is assembly.flow("deals", "deal")
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(assembly.erp("erp"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1
    assert found[0].name == "erp"


def test_each_kind_of_record_has_its_flow(assembly_of: Any) -> None:
    assembly = assembly_of()
    kinds = ("deal", "order", "company")
    assert [assembly.flow("deals", kind).kind for kind in kinds] == list(kinds)
    assert len({id(assembly.flow("deals", kind).sides.articles) for kind in kinds}) == 1, "what one learns, all know"
    assert assembly.usual_kind("deals") == "deal", "this CRM keeps no orders"


def test_how_long_a_request_may_be_under_way_is_a_setting(assembly_of: Any) -> None:
    longer = "[worker]\nlongest_request_seconds = 70\n"
    windows = [
        assembly.flow("deals", "deal")._window for assembly in (assembly_of(), assembly_of("[worker]\n", longer))
    ]
    assert [window.longest_request for window in windows] == [60.0, 70.0]
    request = windows[0].longest_request - windows[0].oldest_turn
    assert request > 0
    assert windows[1].longest_request - windows[1].oldest_turn == request, "a request has all of its own time"


def test_a_fence_that_a_request_may_outlast_is_refused(assembly_of: Any) -> None:
    with pytest.raises(ConfigurationError, match="request_seconds"):
        assembly_of("[worker]\n", "[worker]\nlongest_request_seconds = 7\n").erp("erp")


def test_a_plugin_is_lent_the_day_of_its_companys_zone(assembly_of: Any) -> None:
    assert assembly_of().erp("erp").plugin.host.zone.key == "Europe/Stockholm"
    away = assembly_of('erp = "erp"\n', 'erp = "erp"\ntime_zone = "Pacific/Auckland"\n')
    assert away.erp("erp").plugin.host.zone.key == "Pacific/Auckland"
    assert away.erp("erp").plugin.host.today() == datetime.now(ZoneInfo("Pacific/Auckland")).date()


@pytest.mark.parametrize("ask", [Assembly.connections, lambda assembly: assembly.flow("deals", "deal")])
def test_a_sync_that_wants_drafts_is_not_begun_with_an_erp_that_posts(
    assembly_of: Any, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Assembly], Any]
) -> None:
    wanting = assembly_of('erp = "erp"\n', 'erp = "erp"\nconvert_to_invoice = true\n')
    monkeypatch.setattr(type(wanting.erp("erp").plugin), "makes", {"convert_to_invoice": "invoice"})
    with pytest.raises(ConfigurationError, match="posts these invoices at once") as caught:
        ask(wanting)
    assert caught.value.line is not None
    ask(assembly_of('erp = "erp"\n', 'erp = "erp"\nconvert_to_invoice = true\nreal_invoices = true\n'))


@pytest.fixture
def keeps_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CRM keeps orders."""
    real = CrmConnection.can
    monkeypatch.setattr(CrmConnection, "can", lambda self, hook: hook == "fetch_order" or real(self, hook))


NO_DEALS = 'won_deal = "nothing"\n'
OWN_NUMBERS = 'customer_number_in_crm = "this_erp"\n'


def order_syncs(assembly_of: Any, *keys: str | None, rules: str = NO_DEALS + OWN_NUMBERS) -> Any:
    """Syncs s0, s1 ... of one CRM with these keys."""
    tables = [
        f'[syncs.s{number}]\ncrm = "crm"\nerp = "erp"\n{rules}' + (f'erp_db = "{key}"\n' if key else "")
        for number, key in enumerate(keys)
    ]
    return assembly_of('[syncs.deals]\ncrm = "crm"\nerp = "erp"\n', "\n".join(tables))


@pytest.mark.usefixtures("keeps_orders")
@pytest.mark.parametrize(
    ("keys", "known"), [(("se", "no"), {"se", "no"}), (("se",), {"se"}), ((None,), set())], ids=["two", "one", "none"]
)
def test_an_order_sync_knows_the_erp_dbs_of_its_crm(assembly_of: Any, keys: Any, known: set[str]) -> None:
    assert order_syncs(assembly_of, *keys).flow("s0", "order")._erp_dbs == known


@pytest.mark.usefixtures("keeps_orders")
@pytest.mark.parametrize("keys", [(None, None), ("se", None), (None, "se"), ("se", "se")], ids=repr)
def test_two_syncs_never_take_the_same_order(assembly_of: Any, keys: Any) -> None:
    assembly = order_syncs(assembly_of, *keys)
    with pytest.raises(ConfigurationError, match="erp_db of its own") as caught:
        assembly.flow("s0", "order")
    assert caught.value.line is not None


@pytest.mark.usefixtures("keeps_orders")
def test_syncs_that_are_told_apart_by_their_orders_do_not_share_deals(assembly_of: Any) -> None:
    """Deals carry no key of an ERP database: each would be made in both."""
    assembly = order_syncs(assembly_of, "se", "no", rules=OWN_NUMBERS)
    assert assembly.flow("s0", "order").kind == "order"
    with pytest.raises(ConfigurationError, match="s0, s1 all make documents of the deals of crm") as caught:
        assembly.flow("s0", "deal")
    assert caught.value.line is not None
    assert order_syncs(assembly_of, "se", "no").flow("s0", "deal").kind == "deal", "neither makes documents of them"


@pytest.mark.usefixtures("keeps_orders")
def test_syncs_that_share_a_crm_must_say_whose_customer_numbers_it_keeps(assembly_of: Any) -> None:
    with pytest.raises(ConfigurationError, match="whose customer numbers") as caught:
        order_syncs(assembly_of, "se", "no", rules=NO_DEALS).flow("s0", "order")
    assert caught.value.setting == "syncs.s0.customer_number_in_crm"
    assert order_syncs(assembly_of, "se", rules="").flow("s0", "order").kind == "order", "alone it is clear"


def test_closing_closes_what_was_built(assembly_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assembly = assembly_of()
    closed: list[str] = []
    for connection in (assembly.crm("crm"), assembly.erp("erp")):
        monkeypatch.setattr(connection.plugin, "close", lambda name=connection.name: closed.append(name))
    assembly.close()
    assert sorted(closed) == ["crm", "erp"]


def test_a_plugin_that_is_not_installed_names_what_may_have_been_meant(assembly_of: Any) -> None:
    with pytest.raises(PluginNotFoundError, match="Did you mean “folder_crm”"):
        assembly_of('"folder_crm"', '"folder_xrm"').crm("crm")


def test_a_wrong_setting_of_a_plugin_names_its_line(assembly_of: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        assembly_of('plugin = "folder_crm"\n', 'plugin = "folder_crm"\nfolders = "x"\n').crm("crm")
    assert caught.value.setting == "connections.crm.folders"
    assert caught.value.line is not None
    assert Path(str(caught.value.file)).name == "erpcore.toml"


def test_a_sync_that_is_gone_is_told(assembly_of: Any) -> None:
    with pytest.raises(ConfigurationError, match="no sync “old”"):
        assembly_of().flow("old", "deal")


def test_secrets_come_from_the_vault_where_file_and_environment_are_silent(
    assembly_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assembly = assembly_of()
    vault = assembly.store.vault
    with assembly.store.begin() as connection:
        put_secret(connection, vault, "crm", "token", "from the vault")
    assert assembly.crm("crm").plugin.settings.token == "from the vault"
    monkeypatch.setenv("ERPCORE_CONNECTIONS__CRM__TOKEN", "from the environment")
    assert assembly_of().crm("crm").plugin.settings.token == "from the environment"


def test_wrappers_bend_a_step(assembly_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "company_hooks.py").write_text(
        "from erpcore import hookwrapper\n\n"
        "class Loud:\n"
        "    @hookwrapper\n"
        "    def fetch_customer(self, company_id):\n"
        "        company = yield\n"
        "        return company.model_copy(update={'name': company.name.upper()})\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    from erpcore.hookspecs import Context

    assembly = assembly_of('"folder_crm"\n', '"folder_crm"\nwrappers = ["company_hooks:Loud"]\n')
    assert assembly.crm("crm").fetch_customer("c1", Context("t")).name == "COMPANY C1"


def test_a_wrapper_that_cannot_be_loaded_names_its_line(assembly_of: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        assembly_of('"folder_crm"\n', '"folder_crm"\nwrappers = ["no_such_module:X"]\n').crm("crm")
    assert caught.value.setting == "connections.crm.wrappers.0"
    assert caught.value.line is not None
    assert "no_such_module" in str(caught.value)


def exchange(status: int | None = 200, failure: str | None = None) -> Exchange:
    return Exchange(
        connection="erp",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        method="POST",
        path="/orders",
        write=True,
        left=True,
        ok=status is not None and status < 400,
        status=status,
        milliseconds=12,
        request_id="r1",
        failure=failure,
    )


def test_requests_are_counted_for_the_work_in_hand() -> None:
    observe(exchange())
    with counting() as tally:
        observe(exchange())
        with counting() as inner:
            observe(exchange(400))
            assert so_far() == {"erp": 1}
        observe(exchange(None, "the connection broke"))
        (told,) = gone_wrong()
        assert told[0] == "erp: POST /orders failed: the connection broke."
        assert gone_wrong() == [], "each is told once"
        observe(exchange(None, "the connection broke"))
    assert so_far() == {}
    assert gone_wrong() == []
    assert tally.requests == {"erp": 3}
    assert inner.requests == {"erp": 1}
    assert [in_words(failed)[0] for failed in [*inner.failures, *tally.failures]] == [
        "erp: POST /orders was answered with 400.",
        "erp: POST /orders failed: the connection broke.",
    ]


def test_a_flood_of_failures_keeps_the_first_ones() -> None:
    with counting() as tally:
        for _ in range(100):
            observe(exchange(500))
    assert tally.requests == {"erp": 100}
    assert len(tally.failures) == 20


def test_threads_count_apart() -> None:
    counts: list[dict[str, int]] = []

    def work(number: int) -> None:
        with counting() as tally:
            for _ in range(number):
                observe(exchange())
        counts.append(dict(tally.requests))

    threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(count["erp"] for count in counts) == [1, 2, 3]
