"""Rules G: the contract itself is not bent."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from erpcore.testing.contract.base import Contract, claimed, deviation_of, not_applicable, rules

_KIT = "erpcore.testing.contract"
_KITS_OWN = (
    "bench",
    "can_write",
    "cases",
    "first_key",
    "held_of",
    "operations",
    "pytest_generate_tests",
    "read",
    "reads",
    "ready",
    "repeatable",
    "samples",
    "tries",
    "write",
    "writes",
)


class Guard(Contract):
    """Rules G01 to G05."""

    def test_G01_no_rule_is_overridden_or_deleted(self) -> None:
        """Every rule is the kit's own: none is overridden, deleted or renamed away. State deviations as data."""
        kit = next(base for base in type(self).__mro__ if base.__module__.startswith(_KIT))
        for name, rule in rules(kit).items():
            assert getattr(type(self), name, None) is rule, f"{name} is not the kit's own any more"
        for name in _KITS_OWN:
            own = [base for base in _authors(type(self)) if name in vars(base)]
            assert not own, f"{name} belongs to the kit, but {own[0].__name__} replaces it"

    def test_G02_deviations_name_a_rule_and_a_reason(self) -> None:
        """Every declared deviation names a rule that there is, and the fact of the system that it rests on."""
        known = {name[5:8] for name in rules(type(self))}
        for deviation in self.plugin_class.deviations:
            assert deviation.rule in known, f"there is no rule {deviation.rule}"
            assert not deviation.rule.startswith("G"), "nobody deviates from the guard"
            assert len(deviation.reason.strip()) > 10, f"{deviation.rule}: give the reason in words"
            if deviation.case is not None:
                cases = {case for case, _ in type(self).cases(deviation.rule)}
                assert deviation.case in cases, f"{deviation.rule} has no case {deviation.case}"

    def test_G03_no_rule_is_skipped_by_hand(self, request: pytest.FixtureRequest) -> None:
        """No mark of the author's skips a rule or lets it fail; each skip is one that the declarations imply."""
        marks = [mark.name for mark in request.node.iter_markers() if mark.name in ("skip", "skipif", "xfail")]
        assert not marks, f"the contract is marked {', '.join(marks)}"
        for name, rule in rules(type(self)).items():
            own = [mark.name for mark in getattr(rule, "pytestmark", [])]
            assert not {"skip", "skipif", "xfail"} & set(own), f"{name} is marked {', '.join(own)}"

    def test_G04_the_author_gave_what_the_rules_need(self) -> None:
        """The contract states errors for the usual situations, what makes pages small, and what is written back."""
        given = {error.situation for error in self.native_errors}
        missing = {"credentials", "missing", "values", "too_fast", "unavailable"} - given
        assert not missing, f"native_errors has no example of {', '.join(sorted(missing))}"
        told = "write_back" not in self.operations() or getattr(self, "write_backs", None)
        assert told, "the plugin writes back, but `write_backs` gives nothing that can be told"
        paged = self.kind == "crm" or any("paging" in vars(each) for each in _authors(type(self)))
        assert paged, "state in `paging` what makes pages small; {} when it is not for settings to say"

    def test_G05_every_operation_is_tried(self) -> None:
        """Every operation that is offered is tried by a rule that the plugin keeps, or a rule says why it cannot be."""
        told = {hook for hook, _, _ in claims(type(self))}
        missing = [name for name in self.operations() if name not in told]
        assert not missing, f"no rule that the plugin keeps tries {', '.join(missing)}: put it into `not_offered`"


def _authors(cls: type[Contract]) -> list[type]:
    """The classes of the contract that are not the kit's own."""
    return [base for base in cls.__mro__ if not base.__module__.startswith(_KIT)]


def claims(cls: type[Contract]) -> Iterator[tuple[str, str, str | None]]:
    """Give what rules say of the offered hooks, but for those that the plugin deviates from.

    That a rule does what it says is seen to while it runs (`erpcore.testing.pytest_plugin`).

    Args:
        cls: The author's contract.

    Yields:
        A hook, the rule that tries it, and why that rule does not apply; None when it does.
    """
    for name, rule in rules(cls).items():
        number = name[5:8]
        asks_case = "case" in inspect.signature(rule).parameters
        cases = list(cls.cases(number)) or [("no-case", None)] if asks_case else [(None, None)]
        for case_id, case in cases:
            if deviation_of(cls, number, case_id) is None:
                reason = not_applicable(cls, rule, case_id, case)
                yield from ((hook, number, reason) for hook in claimed(cls, rule, case_id))
