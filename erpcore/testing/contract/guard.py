"""Rules G: the contract itself is not bent."""

from __future__ import annotations

import pytest

from erpcore.testing.contract.base import Contract, rules

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
    "repeatable",
    "samples",
    "tries",
    "write",
)


class Guard(Contract):
    """Rules G01 to G04."""

    def test_G01_no_rule_is_overridden_or_deleted(self) -> None:
        """Every rule is the kit's own: none is overridden, deleted or renamed away. State deviations as data."""
        kit = next(base for base in type(self).__mro__ if base.__module__.startswith(_KIT))
        for name, rule in rules(kit).items():
            assert getattr(type(self), name, None) is rule, f"{name} is not the kit's own any more"
        for name in _KITS_OWN:
            own = [base for base in type(self).__mro__ if name in vars(base) and not base.__module__.startswith(_KIT)]
            assert not own, f"{name} belongs to the kit, but {own[0].__name__} replaces it"

    def test_G02_deviations_name_a_rule_and_a_reason(self) -> None:
        """Every declared deviation names a rule that there is, and the fact of the system that it rests on."""
        known = {name[5:8] for name in rules(type(self))}
        for deviation in self.deviations:
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
        """The contract states a native error for each situation that every system has."""
        given = {error.situation for error in self.native_errors}
        missing = {"credentials", "missing", "values", "too_fast", "unavailable"} - given
        assert not missing, f"native_errors has no example of {', '.join(sorted(missing))}"
