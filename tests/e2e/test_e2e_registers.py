"""The ERP's registers, such as terms of payment, arrive where the CRM keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from erpcore_lime_crm.simulator.actions import add

from erpcore.engine.registers import RegisterRounds
from erpcore.errors import ErpcoreError
from erpcore.simulator import Fault
from erpcore.store import read_health
from tests.e2e.article_world import CONTEXT, ERPS, SYNC, ArticleWorld, article_world

PLACE = {"registers.terms_of_payment": {"limetype": "termsofpayment", "days": "days"}}


def kept(world: ArticleWorld) -> dict[str, dict[str, Any]]:
    return {each.values["code"]: dict(each.values) for each in world.crm.account.all("termsofpayment")}


@pytest.mark.parametrize("erp", ERPS)
def test_the_crm_will_receive_the_different_terms_of_payment_options_available(erp: str, tmp_path: Path) -> None:
    """Source 3, How to connect. There it is Lime Go; neither of its interfaces lets others put them there."""
    with article_world(tmp_path, erp, crm_tables=PLACE) as world:
        rounds = RegisterRounds(world.assembly, "test")
        rounds.go_all()
        entries = world.person.list_register("terms_of_payment", CONTEXT)
        assert entries
        assert {code: values["name"] for code, values in kept(world).items()} == {
            entry.code: entry.name for entry in entries
        }
        assert all(values["active"] for values in kept(world).values())
        world.crm.journal.clear()
        rounds.go_all()
        assert world.crm.journal.entries() == [], "a day has not passed yet"
        (again,) = RegisterRounds(world.assembly, "test").go(SYNC, ["terms_of_payment"])
        assert again.stored
        assert [each for each in world.crm.journal.entries() if each.method != "GET"] == []


def test_what_the_erp_has_no_more_becomes_inactive_and_what_is_renamed_is_renamed(tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", crm_tables=PLACE) as world:
        made = add(world.crm.account, "termsofpayment", code="OLD", name="Old terms", active=True)
        renamed = add(world.crm.account, "termsofpayment", code="30", name="Thirty", active=False)
        list(RegisterRounds(world.assembly, "test").go(SYNC, ["terms_of_payment"]))
        held = kept(world)
        assert (held["OLD"]["active"], held["OLD"]["name"]) == (False, "Old terms")
        assert (held["30"]["active"], held["30"]["name"] != "Thirty") == (True, True)
        assert {made.id, renamed.id} <= {each.id for each in world.crm.account.all("termsofpayment")}


@pytest.mark.parametrize("fault", ["lose_answer", "error_after", "garbage", "error_before"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_whatever_breaks_a_write_there_is_one_entry_of_each_code(tmp_path: Path, method: str, fault: str) -> None:
    with article_world(tmp_path, "fortnox", crm_tables=PLACE) as world:
        add(world.crm.account, "termsofpayment", code="30", name="Thirty", active=False)
        world.crm.faults.add(Fault(fault, method=method, path=r".*/termsofpayment/.*"))
        ended = 0
        while not ended:
            try:
                ended = len(list(RegisterRounds(world.assembly, "test").go(SYNC, ["terms_of_payment"])))
            except ErpcoreError:
                continue  # the worker comes back to it a minute later
        codes = [each.values["code"] for each in world.crm.account.all("termsofpayment")]
        entries = world.person.list_register("terms_of_payment", CONTEXT)
        assert sorted(codes) == sorted(entry.code for entry in entries)
        assert kept(world)["30"]["active"] is True


def test_a_register_that_cannot_be_brought_is_seen_in_status_until_it_can(tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", crm_tables=PLACE) as world:
        world.crm.faults.add(Fault("error_before", method="GET", path=r".*/termsofpayment/.*", times=None))
        RegisterRounds(world.assembly, "test").go_all()
        with world.store.read() as connection:
            (pulse,) = [each for each in read_health(connection).pulses if each.what == "registers"]
        assert (pulse.connection, pulse.failing_since is not None) == ("crm", True)
        world.crm.faults.clear()
        RegisterRounds(world.assembly, "test").go_all()
        with world.store.read() as connection:
            pulses = [each for each in read_health(connection).pulses if each.what == "registers"]
        assert [each.failing_since for each in pulses] == [None, None]


@pytest.mark.parametrize("crm", ["lime_go", "lime_crm"])
def test_a_crm_without_a_place_costs_no_request(crm: str, tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", crm=crm) as world:
        world.erp.journal.clear()
        RegisterRounds(world.assembly, "test").go_all()
        asked = [each.path for each in world.erp.journal.entries() if "termsofpayments" in each.path]
        assert asked == []


def test_several_entries_of_one_code_are_told(tmp_path: Path) -> None:
    with article_world(tmp_path, "fortnox", crm_tables=PLACE) as world:
        for name in ("One", "Another"):
            add(world.crm.account, "termsofpayment", code=" X", name=name, active=True).values["code"] = "X"
        with pytest.raises(Exception, match="Lime CRM has several termsofpayment with code “X”"):
            list(RegisterRounds(world.assembly, "test").go(SYNC, ["terms_of_payment"]))
