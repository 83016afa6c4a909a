"""What the rules of both contracts share: what an author states, and how a rule knows whether it applies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import pytest

from erpcore.connection import Connection
from erpcore.plugin import Deviation, ErpPlugin, Plugin
from erpcore.registry import PluginKind, operations
from erpcore.simulator import Simulator
from erpcore.testing.bench import Bench, HttpBench
from erpcore.testing.samples import Samples
from erpcore.testing.tap import Answer
from erpcore.testing.zone import far_from_utc

Situation = Literal[
    "credentials", "right", "missing", "duplicate", "values", "too_fast", "unavailable", "gateway", "secret"
]
"""What a native error stands for. ``unavailable`` and ``gateway`` are faults inside the system; ``secret`` is a refusal
whose text repeats a credential."""

RULE = re.compile(r"test_([A-Z]\d\d)_")
F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True)
class NativeError:
    """An error as the system itself tells it.

    Attributes:
        situation: What it stands for.
        answer: The system's answer; for ``secret`` a function that gives it from a credential.
        text: The words of the system that must reach a person.
        code: The system's own code that must be kept.
        retry_after: Seconds that the answer asks to wait.
        of: ``read``, ``write`` or ``both``: what it can be an answer to.
    """

    situation: Situation
    answer: Answer | Callable[[str], Answer]
    text: str | None = None
    code: str | None = None
    retry_after: float | None = None
    of: Literal["read", "write", "both"] = "both"


@dataclass(frozen=True)
class Needs:
    """What a rule needs to apply.

    Attributes:
        operations: Hooks that the plugin must implement.
        data: Attributes of the contract class that the author must have given.
    """

    operations: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Absent:
    """Stands in the place of a case that cannot be checked on this plugin, so that it is counted and told.

    Attributes:
        reason: Why, for people.
    """

    reason: str


def needs(*hooks: str, data: Sequence[str] = ()) -> Callable[[F], F]:
    """Mark a rule that applies only to plugins with these hooks, or where the author gave these data."""

    def mark(function: F) -> F:
        function.__dict__["contract_needs"] = Needs(hooks, tuple(data))
        return function

    return mark


class Contract:
    """Base of `ErpContract` and `CrmContract`. An author's subclass states the attributes.

    Attributes:
        plugin_class: The plugin.
        simulator: Makes the system: a simulator's class, or a function of no arguments. Without a rate window, since
            many requests come at once. A system that is no simulator of `erpcore.simulator` needs a `make_bench`.
        settings: Settings of a connection to it; ``{address}`` stands for where it is served.
        sign_in: A regular expression for the paths of the sign-in, which the rules do not look at.
        seed: What the system holds at the start, beside what it comes with.
        lag_kind: The simulator's fault that keeps new records out of searches.
        native_errors: An example of each error of the system. A gateway's page is the kit's own, with a simulator.
        sample_values: Values for fields where the kit's own would be refused, by ``model.field`` or by field;
            ``model.*`` holds fields that the least record of a model must have.
        companions: Fields that another field needs beside it, by ``model.field``.
        paging: Settings with which lists come in pages of a few records.
        search_lag: Seconds that the system is known to keep new records out of searches at most.
        rounding: How the system rounds halves.
        judges_time: Whether the system refuses requests whose time is not its own. A clock that is wrong is then told
            until a person sets it, and the simulation sets none.
        whole_units: How far a total may be off because the system rounds it, in units of the currency.
        cassettes: Folder with the plugin's cassettes.
        not_offered: Hooks that the class implements, but that these settings do not offer, each with the reason.
    """

    kind: ClassVar[PluginKind]
    plugin_class: ClassVar[type[Plugin[Any]]]
    simulator: ClassVar[Callable[[], Simulator] | None] = None
    settings: ClassVar[Mapping[str, Any]] = {}
    sign_in: ClassVar[str | None] = None
    seed: ClassVar[Mapping[str, Any]] = {}
    lag_kind: ClassVar[str] = "index_lag"
    native_errors: ClassVar[Sequence[NativeError]] = ()
    sample_values: ClassVar[Mapping[str, Any]] = {}
    companions: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    paging: ClassVar[Mapping[str, Any]] = {}
    search_lag: ClassVar[float | None] = None
    rounding: ClassVar[str] = ROUND_HALF_UP
    judges_time: ClassVar[bool] = False
    whole_units: ClassVar[str] = "0.02"
    cassettes: ClassVar[Path | None] = None
    not_offered: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def make_bench(cls) -> Bench:
        """Build the system that the rules are checked on: the simulator, served; replace it for any other."""
        if cls.simulator is None:
            raise TypeError(f"{cls.__name__} must say what its system is: state simulator, or define make_bench.")
        return HttpBench(
            cls.plugin_class,
            cls.simulator(),
            cls.settings_at,
            sign_in=cls.sign_in,
            seed=cls.seed,
            lag_kind=cls.lag_kind,
        )

    @classmethod
    def settings_at(cls, address: str) -> dict[str, Any]:
        """Give `settings` with the address that the system is served at."""
        return {
            name: value.replace("{address}", address) if isinstance(value, str) else value
            for name, value in cls.settings.items()
        }

    @classmethod
    def prepare(cls, bench: Bench) -> Samples:
        """Put into the system what the rules start from, and tell the samples."""
        return Samples(own=cls.sample_values, companions=cls.companions)

    @classmethod
    def operations(cls) -> list[str]:
        """List the hooks that the plugin implements and these settings offer."""
        return [name for name in operations(cls.kind, cls.plugin_class) if name not in cls.not_offered]

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the cases of a rule that is checked once per case, each with its id.

        An id begins with the name of the hook that the case tries (`claimed`). What cannot be tried is `Absent`.
        """
        yield from ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make a test of each case; a rule without a case does not apply."""
        match = RULE.match(metafunc.definition.originalname)
        if match is None or "case" not in metafunc.fixturenames:
            return
        cases = [pytest.param(case, id=name) for name, case in type(self).cases(match[1])]
        metafunc.parametrize("case", cases or [pytest.param(None, id="no-case")])

    @pytest.fixture
    def bench(self, contract_bench: Bench) -> Iterator[Bench]:
        """The system, as it was prepared, while the machine's time zone is far from where anything else is."""
        contract_bench.reset()
        contract_bench.called.clear()
        contract_bench.hurried = False
        with far_from_utc():
            yield contract_bench


def not_applicable(
    cls: type[Contract], function: Callable[..., object], case_id: str | None, case: object
) -> str | None:
    """Tell why a rule does not apply to a plugin; None when it does.

    Args:
        cls: The author's contract.
        function: The rule.
        case_id: ``no-case`` when the declarations hold no case for it; None for a rule without cases.
        case: The case; `Absent` when it cannot be checked.
    """
    asked: Needs = function.__dict__.get("contract_needs", Needs())
    if missing := [name for name in asked.operations if name not in cls.operations()]:
        reasons = [f"{name}: {cls.not_offered.get(name, 'the plugin does not implement it')}" for name in missing]
        return "; ".join(reasons)
    if missing := [name for name in asked.data if not getattr(cls, name)]:
        return f"the contract states no {', '.join(missing)}"
    if isinstance(case, Absent):
        return case.reason
    return "the declarations hold no case of it" if case_id == "no-case" else None


def claimed(cls: type[Contract], function: Callable[..., object], case_id: str | None) -> set[str]:
    """Give the offered hooks that a rule says it tries: those that it needs, and the one that its case is named after.

    Args:
        cls: The author's contract.
        function: The rule.
        case_id: Id of the case; None for a rule without cases.
    """
    asked: Needs = function.__dict__.get("contract_needs", Needs())
    return {*asked.operations, (case_id or "").partition("-")[0]} & set(cls.operations())


def deviation_of(cls: type[Contract], rule: str, case_id: str | None) -> Deviation | None:
    """Give the declared deviation that a case of a rule falls under."""
    declared = cls.plugin_class.deviations
    return next((each for each in declared if each.rule == rule and each.case in (None, case_id)), None)


def rules(cls: type) -> dict[str, Callable[..., object]]:
    """Give all rules of a contract class, inherited ones too, by the name of the test."""
    found: dict[str, Callable[..., object]] = {}
    for base in reversed(cls.__mro__):
        found |= {name: value for name, value in vars(base).items() if RULE.match(name) and callable(value)}
    return dict(sorted(found.items()))


def words_of(error: BaseException) -> list[str]:
    """Give everything that an error says, and what it came of.

    Args:
        error: The error.
    """
    said: list[str] = []
    each: BaseException | None = error
    while each is not None:
        said += [str(each), repr(each), *map(str, each.args), repr(vars(each))]
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return said


def connect(cls: type[Contract], bench: Bench, **changes: Any) -> Connection[Any]:
    """Make a connection of the contract's kind; arguments as for `Bench.erp`."""
    return bench.erp(**changes) if issubclass(cls.plugin_class, ErpPlugin) else bench.crm(**changes)
