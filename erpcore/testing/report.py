"""The compliance report: what came of each rule, written by pytest and read by people.

A report is made from test results alone (``pytest --contract-report FILE.json``), never from what a plugin says about
itself.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["passed", "failed", "deviation", "not applicable"]

GROUPS: dict[str, str] = {
    "D": "declaration",
    "F": "fields",
    "W": "witnesses",
    "V": "values",
    "O": "operations",
    "P": "lists",
    "T": "states",
    "E": "effects",
    "H": "lending",
    "R": "errors",
    "S": "CRM",
    "M": "CRM fields",
    "C": "cassettes",
    "G": "guard",
}
"""What the letter of a rule stands for, in the order of the report."""


@dataclass(frozen=True)
class Result:
    """What came of one rule in one case.

    Attributes:
        plugin: Name of the plugin.
        kind: ``erp`` or ``crm``.
        contract: Name of the contract class.
        rule: Number of the rule.
        case: Id of the case; None for a rule without cases.
        outcome: ``passed``, ``failed``, ``deviation`` (known to fail, and did) or ``not applicable``.
        reason: Why it deviates or does not apply, or how it failed; empty when it passed.
    """

    plugin: str
    kind: str
    contract: str
    rule: str
    case: str | None
    outcome: Outcome
    reason: str


@dataclass(frozen=True)
class Report:
    """All results of one run.

    Attributes:
        erpcore: Version of the kit.
        made_on: Day of the run (UTC).
        results: In the order of plugins and rules.
    """

    erpcore: str
    made_on: str
    results: tuple[Result, ...]


def make_report(results: Iterable[Result]) -> Report:
    """Put results in order, with today's date."""
    ordered = sorted(results, key=lambda each: (each.plugin, each.contract, _order(each.rule), each.case or ""))
    return Report(version("erpcore"), datetime.now(UTC).date().isoformat(), tuple(ordered))


def write_report(report: Report, path: Path) -> None:
    """Write a report as JSON."""
    path.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_report(path: Path) -> Report:
    """Read what `write_report` wrote.

    Raises:
        ValueError: It is no report.
    """
    try:
        held: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        results = tuple(Result(**each) for each in held["results"])
        return Report(held["erpcore"], held["made_on"], results)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no contract report: {error!r}") from error


def render(report: Report) -> str:
    """Render a report as Markdown: a table of plugins and groups of rules, then what is not simply passed."""
    plugins = _by_plugin(report.results)
    used = [group for group in GROUPS if any(result.rule.startswith(group) for result in report.results)]
    lines = [
        "| Plugin | " + " | ".join(GROUPS[group] for group in used) + " |",
        "|---" * (len(used) + 1) + "|",
    ]
    for plugin, results in plugins.items():
        cells = [_cell([result for result in results if result.rule.startswith(group)]) for group in used]
        lines.append(f"| {plugin} | " + " | ".join(cells) + " |")
    lines += ["", f"Cases passed of cases that apply; erpcore {report.erpcore}, {report.made_on}."]
    for plugin, results in plugins.items():
        told = [_line(result) for result in results if result.outcome in ("failed", "deviation")]
        told += _not_applicable(results)
        if told:
            lines += ["", f"**{plugin}**", "", *told]
    return "\n".join(lines) + "\n"


def _by_plugin(results: Iterable[Result]) -> dict[str, list[Result]]:
    plugins: dict[str, list[Result]] = {}
    for result in results:
        plugins.setdefault(result.plugin, []).append(result)
    return plugins


def _cell(results: Sequence[Result]) -> str:
    counted = Counter(result.outcome for result in results)
    applied = counted["passed"] + counted["failed"] + counted["deviation"]
    if not applied:
        return "–"
    mark = "✗" if counted["failed"] else "✓"
    return f"{mark} {counted['passed']}/{applied}"


def _line(result: Result) -> str:
    where = f"{result.rule} {result.case}" if result.case else result.rule
    word = "deviates" if result.outcome == "deviation" else "FAILED"
    return f"- {where}: {word}: {result.reason}"


def _not_applicable(results: Iterable[Result]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for result in results:
        if result.outcome == "not applicable":
            reasons.setdefault(result.reason, []).append(result.rule)
    return [f"- {', '.join(rules)}: does not apply: {reason}" for reason, rules in reasons.items()]


def _order(rule: str) -> tuple[int, str]:
    return (list(GROUPS).index(rule[0]) if rule[0] in GROUPS else len(GROUPS), rule)
