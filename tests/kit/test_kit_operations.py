"""No operation goes untried: each that a plugin offers is tried by a rule, or a rule says why it cannot be."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path
from textwrap import dedent

import pytest

from erpcore.testing.contract.base import Contract
from erpcore.testing.contract.guard import claims
from tests.kit.mutants.base import MEMORY, ROOT
from tests.kit.mutants.crm import AGENTIC, CLASSIC, LIME_CRM
from tests.kit.mutants.fortnox import FORTNOX
from tests.kit.mutants.poweroffice import POWEROFFICE

PLUGINS = (MEMORY, FORTNOX, POWEROFFICE, CLASSIC, AGENTIC, LIME_CRM)


def offering(contract: type[Contract], hooks: tuple[str, ...]) -> type[Contract]:
    """The contract of a plugin that can do no more than this."""
    return type("Offering", (contract,), {"operations": classmethod(lambda cls: list(hooks))})


@pytest.mark.parametrize("contract", PLUGINS, ids=lambda contract: contract.__name__)
def test_every_operation_of_every_plugin_is_tried_by_a_rule_that_applies(contract: type[Contract]) -> None:
    tried = {hook for hook, _, reason in claims(contract) if reason is None}
    assert set(contract.operations()) - tried == set()


@pytest.mark.parametrize("contract", [MEMORY, LIME_CRM, CLASSIC], ids=lambda contract: contract.__name__)
def test_whatever_a_plugin_leaves_out_the_rest_is_tried_or_told(contract: type[Contract]) -> None:
    every = tuple(contract.operations())
    sets = [hooks for size in (1, 2, len(every) - 1) for hooks in combinations(every, size)]
    untold = [hooks for hooks in sets if {hook for hook, _, _ in claims(offering(contract, hooks))} != set(hooks)]
    assert untold == []


def test_a_list_that_nothing_can_fill_is_told_with_the_reason() -> None:
    of_lists = [claim for claim in claims(offering(MEMORY, ("fetch_invoices",))) if claim[1].startswith("P")]
    told = {rule: reason for hook, rule, reason in of_lists}
    assert told.keys() == {"P01", "P02", "P03", "P04", "P08", "P09", "P10", "P12", "P17"}
    assert set(told.values()) == {
        "nothing can make the invoice that it needs: "
        "the plugin does not implement create_invoice nor create_order with convert_to_invoice"
    }


def test_a_list_of_invoices_is_filled_with_orders_where_invoices_are_not_made() -> None:
    contract = offering(MEMORY, ("create_order", "convert_to_invoice", "fetch_invoices"))
    tried = {rule for hook, rule, reason in claims(contract) if hook == "fetch_invoices" and reason is None}
    assert {rule for rule in tried if rule.startswith("P")} == {"P01", "P02", "P03", "P04", "P09", "P10", "P12", "P17"}


def test_a_rule_that_passes_without_doing_what_it_says_fails(tmp_path: Path) -> None:
    (tmp_path / "test_idle.py").write_text(
        dedent(
            """
            from erpcore.testing.contract.base import needs
            from tests.kit.mutants.base import MEMORY

            class TestIdle(MEMORY):
                @needs("check_connection", "list_register")
                def test_X01_nothing_is_done(self, bench):
                    bench.erp().check_connection(context=__import__("erpcore").Context("idle"))
            """
        )
    )
    command = [sys.executable, "-m", "pytest", str(tmp_path), "-k", "X01", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-p", "no:xdist", "--rootdir", str(ROOT)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "G05: rule X01 passed without a call of list_register, which it is to try" in done.stdout
