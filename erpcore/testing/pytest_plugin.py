"""The pytest plugin of the contract kit, loaded through the entry point group ``pytest11``.

It makes the benches, leaves out rules that the declarations say do not apply (and none else), runs declared deviations
as strict expected failures, and writes the compliance report. What it needs is imported when the first contract is
collected, so that it costs other tests nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from erpcore.testing.contract.base import Contract
    from erpcore.testing.report import Outcome, Result

_NOT_APPLICABLE = "contract: not applicable: "
_PROPERTY = "erpcore_contract"
_REFUSED = (
    "A sample record was refused. If the system demands a value that it lacks, or takes another one than the kit's, "
    'state it in `sample_values`: {"order_row.*": {"vat_percent": Decimal(25)}} for what the least record of a model '
    'must have, {"vat_code": "MP2"} in place of the value of a field. A field that nothing can be made without is '
    "declared with required=True; then the kit gives it a value by itself."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the kit's own options."""
    parser.getgroup("erpcore").addoption(
        "--contract-report",
        type=Path,
        default=None,
        metavar="FILE",
        help="write what came of the contract's rules to a JSON file",
    )
    parser.getgroup("erpcore").addoption(
        "--contract-samples",
        type=int,
        default=3,
        metavar="NUMBER",
        help="drawn records that the rules about values send beside the fixed ones",
    )
    parser.getgroup("erpcore").addoption(
        "--contract-midnight",
        action="store_true",
        help="let each rule of the contract begin a moment before midnight",
    )


@pytest.fixture(scope="class")
def contract_bench(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The system that a contract class is checked on, served and prepared."""
    with request.cls.make_bench().open() as bench:
        bench.samples = request.config.getoption("--contract-samples")
        bench.at_midnight = request.config.getoption("--contract-midnight")
        request.cls.prepared_samples = request.cls.prepare(bench)
        yield bench


@pytest.fixture(scope="class")
def contract_samples(request: pytest.FixtureRequest, contract_bench: Any) -> Any:
    """The samples that fit the prepared system."""
    return request.cls.prepared_samples


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note what each rule is about, and mark those that do not apply and those that are known to fail."""
    for item in items:
        if contract := _contract_of(item):
            _mark(item, contract)


def _mark(item: pytest.Item, contract: type[Contract]) -> None:
    from erpcore.testing.contract.base import RULE, claimed, deviation_of, not_applicable

    assert isinstance(item, pytest.Function)  # noqa: S101 _contract_of has looked
    match = RULE.match(item.originalname)
    if match is None:
        return
    callspec = getattr(item, "callspec", None)
    case = callspec.id if callspec is not None else None
    reason = not_applicable(contract, item.function, case, None if callspec is None else callspec.params.get("case"))
    if reason is not None:
        item.add_marker(pytest.mark.skip(reason=_NOT_APPLICABLE + reason), append=False)
    deviation = deviation_of(contract, match[1], case)
    if deviation is not None:
        item.add_marker(pytest.mark.xfail(reason=deviation.reason, strict=True))
    item.user_properties.append(
        (
            _PROPERTY,
            {
                "plugin": getattr(contract.plugin_class, "name", contract.plugin_class.__name__),
                "kind": contract.kind,
                "contract": contract.__name__,
                "rule": match[1],
                "case": case,
                "not_applicable": reason,
                "deviation": None if deviation is None else deviation.reason,
                "claimed": sorted(claimed(contract, item.function, case)),
            },
        )
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip that the declarations do not imply (G03) and a rule that did not do its work (G05) into failures."""
    report = yield
    told = dict(item.user_properties).get(_PROPERTY)
    if isinstance(told, dict) and report.skipped and not hasattr(report, "wasxfail"):
        wanted = told["not_applicable"]
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if wanted is None or _NOT_APPLICABLE + str(wanted) not in reason:
            report.outcome = "failed"
            report.longrepr = f"G03: rule {told['rule']} was skipped, which the declarations do not imply: {reason}"
    if isinstance(told, dict) and report.failed and call.excinfo is not None and _is_refusal(call.excinfo.value):
        report.sections.append(("The contract says", _REFUSED))
    if isinstance(told, dict) and report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
        bench = getattr(item, "funcargs", {}).get("contract_bench")
        idle = sorted(set(told["claimed"]) - (set() if bench is None else bench.called))
        if idle:
            report.outcome = "failed"
            report.longrepr = f"G05: rule {told['rule']} passed without a call of {', '.join(idle)}, which it is to try"
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Gather results where they come together: in the main process, also with xdist."""
    path: Path | None = config.getoption("--contract-report", None)
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Reporter(path), "erpcore-contract-report")


class _Reporter:
    """Gathers what came of each rule and writes the report at the end.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: dict[str, Result] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what came of a rule; a failing set-up or tear-down is a failure of the rule."""
        from erpcore.testing.report import Result

        told = dict(report.user_properties).get(_PROPERTY)
        if not isinstance(told, dict) or (report.passed and report.when != "call"):
            return
        known = {name: told[name] for name in ("plugin", "kind", "contract", "rule", "case")}
        outcome: Outcome
        if report.failed:
            outcome, reason = "failed", _last_line(report)
        elif hasattr(report, "wasxfail"):
            outcome, reason = "deviation", str(told["deviation"])
        elif report.skipped:
            outcome, reason = "not applicable", str(told["not_applicable"])
        else:
            outcome, reason = "passed", ""
        earlier = self._results.get(report.nodeid)
        if earlier is None or earlier.outcome != "failed":
            self._results[report.nodeid] = Result(**known, outcome=outcome, reason=reason)

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        from erpcore.testing.report import make_report, write_report

        write_report(make_report(self._results.values()), self._path)


def _is_refusal(error: BaseException) -> bool:
    from erpcore.errors import RecordError, RejectedError

    return isinstance(error, RejectedError | RecordError)


def _last_line(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message if crash is not None else report.longrepr)
    return text.strip().splitlines()[0][:300] if text.strip() else "failed"


def _contract_of(item: pytest.Item) -> type[Contract] | None:
    cls = getattr(item, "cls", None)
    if cls is None or not isinstance(item, pytest.Function) or not hasattr(cls, "plugin_class"):
        return None
    from erpcore.testing.contract.base import Contract

    return cls if issubclass(cls, Contract) else None
