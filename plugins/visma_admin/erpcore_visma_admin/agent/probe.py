"""Looking at an installation: what nobody has published about the interface, and how the tables are made there.

Everything here reads. The report holds names and numbers of the interface, counts, and yes or no; no name, number or
text of a customer, an article or a document.
"""

from __future__ import annotations

import ctypes
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PureWindowsPath
from typing import Any

from erpcore_visma_admin.adk import records
from erpcore_visma_admin.adk.company import Lease, OpenCompany, Place
from erpcore_visma_admin.adk.errors import AdkProblem, Refused
from erpcore_visma_admin.adk.functions import FUNCTIONS
from erpcore_visma_admin.adk.library import Library
from erpcore_visma_admin.adk.native import Adk, Data
from erpcore_visma_admin.adk.owner import Rules
from erpcore_visma_admin.adk.tables import ROWS, TABLES, Table

PROBED = (0, 1, 2, 3, 4, 5, 6, 7, 23, 24, 27, 37, 58, 62)
"""Numbers of the tables whose fields are listed."""
_SAMPLE = 200
"""How many of the newest invoices are looked at."""
_LAST_FIELD = "AdkGetLastFldId"
_KINDS = {0: "unused", 1: "bool", 2: "text", 4: "number", 5: "date", 6: "rows"}
_CONNECTIONS = tuple(f"DOCUMENT_CONNECTION_NUMBER{number}" for number in range(1, 5))
_LINKS = ("FROM_TYPE", "FROM_DOCUMENT", "FROM_DOCROW", "CONNECTION_TYPE", "CONNECTION_DOCUMENT", "CONNECTION_DOCROW")
_BASES = ("INVOICE_BASE", "ORDER_BASE", "ORDER_BASE_TYPE")


@dataclass(frozen=True)
class Documents:
    """An order that was delivered and invoiced in the program, and the invoice that it became.

    Attributes:
        order: Number of the order; None when nobody made one for the probe.
        invoice: Number of the invoice.
    """

    order: int | None = None
    invoice: int | None = None


@dataclass
class Findings:
    """What was found.

    Attributes:
        installation: Versions and the like, in the order to print.
        missing: Functions that the DLL has not.
        answers: The open questions, each with what was found.
        fields: Lines about fields, by table.
    """

    installation: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[int, list[str]] = field(default_factory=dict)


def probe(dll: str, place: Place, rules: Rules, documents: Documents) -> Findings:
    """Look at an installation.

    Args:
        dll: The DLL.
        place: The company, best the practice company.
        rules: How long to wait for the DLL.
        documents: What a person made for the probe.

    Raises:
        AdkProblem: The DLL does not load, or does not open the company.
    """
    library = Library(dll)
    adk = Adk(library)
    found = Findings()
    company = OpenCompany(adk, place, Lease(place, rules.lease_folder), rules.lease_seconds)
    try:
        edition, name = adk.edition()
        found.installation = {
            "DLL": PureWindowsPath(dll).name,
            "Python": f"{sys.version.split()[0]}, {ctypes.sizeof(ctypes.c_void_p) * 8} bits",
            "Interface": str(adk.version()),
            "Databases": str(adk.database_version()),
            "Edition": f"{edition} ({name})",
        }
        found.missing = [each for each in FUNCTIONS if not library.has(each)]
        questions: tuple[tuple[str, Callable[[], str]], ...] = (
            ("1. Which connection number holds the order's number?", lambda: _connection(adk, documents)),
            ("2. What comes of changing a card that somebody has open?", _needs_a_write),
            ("3. Which DLL is it, and does it export AdkGetDouble?", lambda: _exports(library)),
            ("4. From when are days counted, and in which zone are times of change?", lambda: _times(adk)),
            ("5. Does the length of a text count its end?", lambda: _length(adk)),
            ("6. BALANCE or BALANCE2; LAST_PAYMENT; key of a row", lambda: _balances(adk)),
            ("7. TYPE_OF_ROW, AMOUNT_DISCOUNT_FLAG, QUANTITY3", lambda: _rows(adk)),
            ("8. AdkOpenEx, and where warnings are told", lambda: "AdkOpenEx is not called. " + _needs_a_write()),
            (
                "9. Does AdkFind give the next best record; AdkDelete or AdkDeleteRecord?",
                lambda: f"{_find(adk)} AdkDelete and AdkDeleteRecord are not called.",
            ),
        )
        found.answers = [(question, _answered(answer)) for question, answer in questions]
        found.fields = {table: list(_fields(adk, table)) for table in PROBED}
    finally:
        company.close()
    return found


def report(found: Findings) -> str:
    """Write what was found as Markdown."""
    lines = ["# Visma Administration, its native interface", ""]
    lines += [f"- {name}: {value}" for name, value in found.installation.items()]
    lines += [f"- Functions that are missing: {', '.join(found.missing) or 'none'}", "", "## Open questions", ""]
    for question, answer in found.answers:
        lines += [f"**{question}** {answer}", ""]
    lines += ["## Fields", "", "Number, name, type, longest text or decimals, whether it is written.", ""]
    for table, told in found.fields.items():
        lines += [f"### Table {table}", "", *(f"- {line}" for line in told), ""]
    return "\n".join(lines)


def _answered(answer: Callable[[], str]) -> str:
    try:
        return answer()
    except AdkProblem as problem:
        code = f" (code {problem.told.code})" if isinstance(problem, Refused) else ""
        return f"Could not be found out: {problem}{code}."


def _needs_a_write() -> str:
    return "Shows only in a write, which the probe does not make; the agent's log names the code of each that it makes."


def _connection(adk: Adk, documents: Documents) -> str:
    if documents.order is None or documents.invoice is None:
        return (
            "Not asked: make an order in the practice company, deliver and invoice it in the program, and name both "
            "with --order and --invoice."
        )
    order = _read(adk, TABLES["ORDER_HEAD"], documents.order)
    invoice = _read(adk, TABLES["INVOICE_HEAD"], documents.invoice)
    if order is None or invoice is None:
        return "The order or the invoice is not there."
    told = []
    for what, head, other in (("invoice", invoice, documents.order), ("order", order, documents.invoice)):
        told += [f"{name} of the {what}: {_compared(head.get(name), other)}" for name in (*_CONNECTIONS, *_BASES)]
        for name in _LINKS:
            values = sorted({_compared(row.get(name), other) for row in head[ROWS]})
            told.append(f"{name} of the {what}'s rows: {', '.join(values) or 'no rows'}")
    return "; ".join(told) + ". When the rows are copied shows only in a write."


def _compared(value: Any, other: int) -> str:
    text = str(value or "").strip()
    if text in ("", "0"):
        return "empty"
    return "the other's number" if text == str(other) else "something else"


def _exports(library: Library) -> str:
    doubles = "yes" if library.has("AdkGetDouble") else "no"
    return f"{PureWindowsPath(library.path).name}; AdkGetDouble: {doubles}."


def _times(adk: Adk) -> str:
    days = {day: adk.date_of(day) for day in ("1970-01-01", "2000-01-01")}
    counted = days["2000-01-01"] - days["1970-01-01"]
    told = [f"1970-01-01 is {days['1970-01-01']}, and 2000-01-01 is {counted} later (10957 days)"]
    now = datetime.now(UTC)
    with _walk(adk, TABLES["INVOICE_HEAD"]) as data:
        stamp = TABLES["INVOICE_HEAD"].fields["TIMESTAMP"]
        adk.last(data, rows=False)
        raw = adk.get_date(data, stamp.id)
        text = adk.moment_text(raw)
    as_unix = abs(raw - now.timestamp()) < 20 * 366 * 86_400
    told.append(f"a time of change is {'about' if as_unix else 'not'} a Unix time")
    if as_unix:
        offset = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() - raw
        told.append(f"its text is {offset / 3600:+g} hours from UTC")
    return "; ".join(told) + "."


def _length(adk: Adk) -> str:
    fits = [length for length in (10, 11) if _gives(adk, length)]
    if not fits:
        return "A day of ten letters fits neither 10 nor 11."
    return f"A day of ten letters fits a length of {fits[0]}: the end is {'not ' if fits[0] == 10 else ''}counted."


def _gives(adk: Adk, length: int) -> bool:
    try:
        return adk.day_text_within(adk.date_of("2026-11-28"), length) == "2026-11-28"
    except Refused:
        return False


def _balances(adk: Adk) -> str:
    counts: Counter[str] = Counter()
    row_numbers: Counter[str] = Counter()
    for head in _sample(adk):
        counts["invoices"] += 1
        differ, foreign = head["BALANCE"] != head["BALANCE2"], Decimal(head["CURRENCY_RATE"]) not in (0, 1)
        counts["of another rate than 1"] += foreign
        counts["whose balances differ"] += differ
        counts["whose balances differ, of another rate"] += differ and foreign
        paid = Decimal(head["BALANCE"]) == 0
        counts["paid"] += paid
        counts["paid, with LAST_PAYMENT"] += paid and head["LAST_PAYMENT"] is not None
        counts["not paid, with LAST_PAYMENT"] += not paid and head["LAST_PAYMENT"] is not None
        numbered = [row["ROWNUMBER"] for row in head[ROWS]] == [str(n) for n in range(1, len(head[ROWS]) + 1)]
        row_numbers["counted from 1" if numbered else "otherwise"] += 1
    return f"{_counted(counts)}; ROWNUMBER: {_counted(row_numbers)}."


def _rows(adk: Adk) -> str:
    types: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    thirds = 0
    for head in _sample(adk):
        for row in head[ROWS]:
            is_text = not row["ARTICLE_NUMBER"] and row["QUANTITY2"] == "0"
            types[f"{row['TYPE_OF_ROW'] or 'empty'} on a row of {'text' if is_text else 'an article'}"] += 1
            thirds += row["QUANTITY3"] != "0"
            if row["DISCOUNT"] != "0":
                flags[f"flag {row['AMOUNT_DISCOUNT_FLAG']} {_discount(row)}"] += 1
    told = [f"types: {_counted(types)}", f"discounts: {_counted(flags)}", f"QUANTITY3 is set on {thirds} rows"]
    return "; ".join(told) + "."


def _discount(row: dict[str, Any]) -> str:
    gross = Decimal(row["QUANTITY1"]) * Decimal(row["PRICE_EACH_CURRENT_CURRENCY"])
    discount, amount = Decimal(row["DISCOUNT"]), Decimal(row["AMOUNT_CURRENT_CURRENCY"])
    near = Decimal("0.02")
    if abs(gross - discount - amount) <= near:
        return "is an amount"
    return "is a percentage" if abs(gross * (1 - discount / 100) - amount) <= near else "fits neither"


def _find(adk: Adk) -> str:
    table = TABLES["CUSTOMER"]
    key = table.fields["NUMBER"].id
    with _walk(adk, table) as data:
        adk.first(data, rows=False)
        # A number that begins like the first customer's and is not there.
        absent = adk.get_text(data, key).strip()[:1] + "!"
        adk.set_text(data, key, absent)
        try:
            adk.find(data, rows=False)
        except Refused as refusal:
            return f"No: what is not there gives the code {refusal.told.code}."
        return "Yes: it gave another record." if adk.get_text(data, key).strip() != absent else "It is there by chance."


def _sample(adk: Adk) -> Iterator[dict[str, Any]]:
    table = TABLES["INVOICE_HEAD"]
    with _walk(adk, table) as data:
        step = adk.last
        for _ in range(_SAMPLE):
            try:
                step(data, rows=True)
            except Refused:
                return
            yield records.read(adk, data, table, rows=True)
            step = adk.previous


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in counts.items()) or "none"


@contextmanager
def _walk(adk: Adk, table: Table) -> Iterator[Data]:
    data = adk.create(table.id)
    try:
        if table.order is not None:
            adk.sort(data, table.order)
        yield data
    finally:
        adk.free(data)


def _read(adk: Adk, table: Table, number: int) -> dict[str, Any] | None:
    with _walk(adk, table) as data:
        adk.set_number(data, table.fields["DOCUMENT_NUMBER"].id, float(number))
        try:
            adk.find(data, rows=True)
        except Refused:
            return None
        return records.read(adk, data, table, rows=True)


def _fields(adk: Adk, table: int) -> Iterator[str]:
    try:
        data = adk.create(table)
    except Refused as refusal:
        yield f"not there ({refusal.told.code})"
        return
    try:
        for number in range(adk.about(data, _LAST_FIELD) + 1):
            if line := _field(adk, data, table, number):
                yield line
    finally:
        adk.free(data)


def _field(adk: Adk, data: Data, table: int, number: int) -> str | None:
    try:
        kind = adk.type_of(data, number)
        bound = adk.length_of(data, number) if kind == 2 else adk.decimals_of(data, number) if kind == 4 else None
        name = adk.field_name(table, number)
    except Refused:
        return None  # a number that is not used, or not in this edition
    written = "written" if adk.is_writable(data, number) else "read only"
    return f"{number} {name}: {_KINDS.get(kind, kind)}{'' if bound is None else f' {bound}'}, {written}"
