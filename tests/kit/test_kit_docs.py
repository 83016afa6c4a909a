"""The page about the contract lists exactly the rules that the kit has, in the kit's own words."""

from __future__ import annotations

import re
from pathlib import Path

from erpcore.testing.contract import CrmContract, ErpContract
from erpcore.testing.contract.base import rules
from erpcore.testing.report import GROUPS

PAGE = Path(__file__).parents[2] / "docs" / "contract.md"
LINE = re.compile(r"^\| ([A-Z]\d\d) \| (ERP|CRM|ERP and CRM) \| (.+) \|$", re.MULTILINE)


def kit_rules() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for kind, contract in (("ERP", ErpContract), ("CRM", CrmContract)):
        for name, rule in rules(contract).items():
            words = " ".join((rule.__doc__ or "").split())
            kinds = f"{found[name[5:8]][0]} and {kind}" if name[5:8] in found else kind
            found[name[5:8]] = (kinds, words)
    return found


def test_page_and_kit_have_the_same_rules_in_the_same_words() -> None:
    page = {number: (kinds, words) for number, kinds, words in LINE.findall(PAGE.read_text(encoding="utf-8"))}
    assert page == kit_rules()


def test_rules_are_numbered_without_gaps_or_doubles() -> None:
    for contract in (ErpContract, CrmContract):
        numbers = [name[5:8] for name in rules(contract)]
        assert len(numbers) == len(set(numbers))
    by_group: dict[str, list[int]] = {}
    for number in sorted(kit_rules()):
        by_group.setdefault(number[0], []).append(int(number[1:]))
    assert by_group.keys() == GROUPS.keys()
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_group.values()), by_group


def test_every_rule_has_a_wrong_plugin_that_it_catches() -> None:
    from tests.kit.mutants.base import HONEST, MUTANTS
    from tests.kit.mutants.collected import MODULES

    assert all(MODULES)
    assert kit_rules().keys() - {mutant.rule for mutant in (*MUTANTS, *HONEST)} == set()
