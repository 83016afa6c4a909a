"""The binding and the simulated library agree on every function and number that the binding uses.

Each side has its numbers from the ADK's tables by code of its own. The library is asked through the binding itself what
it thinks a number is; a library that is wrong in one place fails.
"""

from __future__ import annotations

import ctypes
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from erpcore_visma_admin.adk import constants
from erpcore_visma_admin.adk.abi import NativeError
from erpcore_visma_admin.adk.errors import AdkProblem, Refused
from erpcore_visma_admin.adk.functions import FUNCTIONS
from erpcore_visma_admin.adk.library import Library
from erpcore_visma_admin.adk.native import Adk
from erpcore_visma_admin.adk.tables import TABLES, Table
from erpcore_visma_admin.simulator import library as building
from erpcore_visma_admin.simulator.books import new_books
from erpcore_visma_admin.simulator.company import Company
from erpcore_visma_admin.simulator.library import HERE, build

CUSTOMER, ORDER = TABLES["CUSTOMER"], TABLES["ORDER_HEAD"]
HEAD, ROW = constants.OOI_HEAD, constants.OOI_ROW


class NotingLibrary(Library):
    """Notes which functions are called."""

    called: set[str]

    def function(self, name: str) -> object:
        self.called.add(name)
        return super().function(name)


def disagreements(dll: str, company: Company) -> list[str]:
    """Walk through everything that the binding uses, and tell what the library does not agree on."""
    found: list[str] = []
    noting = NotingLibrary(dll)
    noting.called = set()
    adk = Adk(noting)
    adk.listen()
    for walk in (_opening, _fields, _orders, _errors, _documents, _dates):
        company.write(new_books())
        try:
            found += list(walk(adk, company))
        except (AdkProblem, OSError, ValueError) as problem:
            found.append(f"{walk.__name__}: {problem!r}")
        finally:
            adk.close()
    adk.stop_listening()
    found += [f"{name} was not called" for name in sorted(FUNCTIONS.keys() - noting.called)] if not found else []
    return found


def _open(adk: Adk, company: Company) -> None:
    adk.open(str(company.system_path), str(company.path))


def _unequal(what: str, told: object, wanted: object) -> Iterator[str]:
    if told != wanted:
        yield f"{what}: {told!r} instead of {wanted!r}"


def _opening(adk: Adk, company: Company) -> Iterator[str]:
    paths = str(company.system_path), str(company.path)
    yield from _unequal("nobody signs in", adk.users_sign_in(*paths), wanted=False)
    company.switch(sign_in=1, user="erpcore", password="hemligt")
    yield from _unequal("users sign in", adk.users_sign_in(*paths), wanted=True)
    adk.open_as(*paths, "erpcore", "hemligt")
    yield from _unequal("edition", adk.edition(), (1, "Visma Administration 2000"))
    yield from _unequal("version", str(adk.version()), "2021.1")
    yield from _unequal("database version", str(adk.database_version()), "2021.0")
    company.calm()


def _fields(adk: Adk, company: Company) -> Iterator[str]:
    _open(adk, company)
    groups = {id(getattr(constants, name)): name for name in dir(constants) if name.isupper()}
    for table in _all_tables():
        data = adk.create(table.id)
        for field in table.fields.values():
            name = f"ADK_{groups[id(table.fields)]}_{field.name}"
            yield from _unequal(f"name of {name}", adk.field_name(table.id, field.id), name)
            yield from _unequal(f"type of {name}", adk.type_of(data, field.id), field.kind.native)
            if field.kind.native == 2:
                yield from _unequal(f"length of {name}", adk.length_of(data, field.id) > 0, wanted=True)
        adk.free(data)
    data = adk.create(CUSTOMER.id)
    yield from _unequal("written by people", adk.is_writable(data, constants.CUSTOMER["NAME"].id), wanted=True)
    yield from _unequal(
        "written by the program", adk.is_writable(data, constants.CUSTOMER["TIMESTAMP"].id), wanted=False
    )
    adk.free(data)
    data = adk.create(ORDER.id)
    yield from _unequal("decimals", adk.decimals_of(data, HEAD["TOTAL_AMOUNT"].id), 2)
    for question, wanted in (
        ("AdkGetLastFldId", 151),
        ("AdkGetTimestampField", HEAD["TIMESTAMP"].id),
        ("AdkGetNrowsFldId", HEAD["NROWS"].id),
        ("AdkGetRowsFldId", HEAD["ROWS"].id),
        ("AdkGetRowDbId", constants.TABLES["ORDER_ROW"]),
    ):
        yield from _unequal(question, adk.about(data, question), wanted)
    adk.free(data)


def _orders(adk: Adk, company: Company) -> Iterator[str]:
    books = new_books()
    for number, name in (("101", "A"), ("102", "B"), ("103", "C")):
        books.put("CUSTOMER", NUMBER=number, NAME=name, TIMESTAMP=1_000 - int(number))
    company.write(books)
    _open(adk, company)
    used = {table.order for table in TABLES.values() if table.order is not None}
    used |= {constants.SORT_ORDERS["eTimeStamp"], constants.SORT_ORDERS["eInvoiceInledgerInvoiceNr"]}
    yield from _unequal("sort orders that are used", used, set(constants.SORT_ORDERS.values()))
    for table in TABLES.values():
        if table.order is not None:
            data = adk.create(table.id)
            adk.sort(data, table.order)
            adk.free(data)
    data = adk.create(TABLES["INVOICE_HEAD"].id)
    adk.sort(data, constants.SORT_ORDERS["eInvoiceInledgerInvoiceNr"])
    adk.free(data)
    data = adk.create(CUSTOMER.id)
    number = constants.CUSTOMER["NUMBER"].id
    adk.sort(data, constants.SORT_ORDERS["eCustomerNr"])
    for step, wanted in ((adk.first, "101"), (adk.next, "102"), (adk.last, "103"), (adk.previous, "102")):
        step(data, rows=False)
        yield from _unequal(f"walking to {wanted}", adk.get_text(data, number), wanted)
    adk.set_text(data, number, "103")
    adk.find(data, rows=False)
    yield from _unequal("found", adk.get_text(data, constants.CUSTOMER["NAME"].id), "C")
    adk.sort(data, constants.SORT_ORDERS["eTimeStamp"])
    adk.first(data, rows=False)
    yield from _unequal("oldest", adk.get_text(data, number), "103")
    adk.free(data)


def _errors(adk: Adk, company: Company) -> Iterator[str]:
    yield from _unequal("size of an error", ctypes.sizeof(NativeError), 20)
    _open(adk, company)
    data = adk.create(CUSTOMER.id)
    email = constants.CUSTOMER["EMAIL"].id
    told = _refusal(lambda: adk.set_number(data, email, 1.5))
    # Five numbers that differ, so that none can stand in another's place.
    yield from _unequal("an error", told, (103, 52, email, 88, 7))
    yield from _unequal("too long", _refusal(lambda: adk.set_text(data, email, "x" * 71))[0], 180)
    yield from _unequal("not written", _refusal(lambda: adk.set_date(data, 94, 1))[0], 109)
    yield from _unequal("no field", _refusal(lambda: adk.get_flag(data, 199))[0], 102)
    adk.sort(data, constants.SORT_ORDERS["eCustomerNr"])
    yield from _unequal("the end", _refusal(lambda: adk.first(data, rows=False))[0], 79)
    yield from _unequal("the beginning", _refusal(lambda: adk.last(data, rows=False))[0], 78)
    adk.set_text(data, constants.CUSTOMER["NUMBER"].id, "9")
    yield from _unequal("not found", _refusal(lambda: adk.find(data, rows=False))[0], 115)
    yield from _unequal("not its order", _refusal(lambda: adk.sort(data, 9))[0], 104)
    adk.free(data)
    header = (HERE / "adk_numbers.h").read_text()
    codes = {name: int(code) for name, code in re.findall(r"#define (ADKE_\w+) (\d+)", header)}
    for result in constants.RESULTS.values():
        yield from _unequal(result.name, codes.get(result.name), result.code)


def _documents(adk: Adk, company: Company) -> Iterator[str]:
    books = new_books()
    books.put("CUSTOMER", NUMBER="101", NAME="Åkeri")
    books.put("ARTICLE", NUMBER="A", NAME="Stol", ACCOUNTING_CODE="1")
    company.write(books)
    company.switch(warn=238)
    _open(adk, company)
    data = adk.create(ORDER.id)
    adk.set_text(data, HEAD["CUSTOMER_NUMBER"].id, "101")
    adk.set_flag(data, HEAD["DOCUMENT_NOT_DONE"].id, value=True)
    adk.set_date(data, HEAD["DOCUMENT_DATE1"].id, adk.date_of("2026-11-28"))
    rows = adk.create_rows(constants.TABLES["ORDER_ROW"], 2)
    for index, quantity in enumerate((2.0, 3.0)):
        row = adk.row(rows, index)
        adk.set_text(row, ROW["ARTICLE_NUMBER"].id, "A")
        adk.set_number(row, ROW["QUANTITY2"].id, quantity)
        adk.set_number(row, ROW["PRICE_EACH_CURRENT_CURRENCY"].id, 117.25)
    adk.set_rows(data, HEAD["ROWS"].id, rows)
    adk.set_number(data, HEAD["NROWS"].id, 2.0)
    adk.warnings.clear()
    adk.add(data)
    yield from _unequal("warnings", [told.code for told in adk.warnings], [238])
    yield from _unequal("number", adk.get_number(data, HEAD["DOCUMENT_NUMBER"].id), 1001.0)
    yield from _unequal("total", adk.get_number(data, HEAD["TOTAL_AMOUNT"].id), 732.81)
    day = adk.get_date(data, HEAD["DOCUMENT_DATE1"].id)
    yield from _unequal("day", day, adk.date_of("2026-11-28"))
    yield from _unequal("flag", adk.get_flag(data, HEAD["DOCUMENT_NOT_DONE"].id), wanted=True)
    second = adk.get_row(data, HEAD["ROWS"].id, 1)
    yield from _unequal("row 1", adk.get_number(second, ROW["QUANTITY2"].id), 3.0)
    yield from _unequal("text", adk.get_text(second, ROW["TEXT"].id), "Stol")
    yield from _unequal("name", adk.get_text(data, HEAD["CUSTOMER_NAME"].id), "Åkeri")
    adk.set_flag(data, HEAD["ORDER_DELIVERED"].id, value=True)
    adk.update(data)
    held = company.read().by("ORDER_HEAD", "DOCUMENT_NUMBER", 1001.0)
    yield from _unequal("delivered", held.values["ORDER_DELIVERED"], 1)
    adk.free(data)
    company.calm()


def _dates(adk: Adk, company: Company) -> Iterator[str]:
    _open(adk, company)
    for day in ("2026-11-28", "2000-02-29", "1970-01-01"):
        yield from _unequal(day, adk.day_text(adk.date_of(day)), day)
    yield from _unequal("winter", adk.moment_text(1_795_840_523), "2026-11-28 05:35:23")
    yield from _unequal("summer", adk.moment_text(1_782_864_000), "2026-07-01 02:00:00")
    yield from _unequal("no day", _refusal(lambda: adk.date_of("2026-02-30"))[0], 34)


def _refusal(call: Callable[[], object]) -> tuple[int, ...]:
    try:
        call()
    except Refused as refusal:
        told = refusal.told
        return told.code, told.table, told.field, told.function, told.part
    return (0,)


def _all_tables() -> list[Table]:
    return [*TABLES.values(), *(table.rows for table in TABLES.values() if table.rows is not None)]


def test_binding_and_library_agree(dll: str, company: Company) -> None:
    assert disagreements(dll, company) == []


MUTANTS = {
    "two numbers of an error are exchanged": (
        "adk_types.h",
        "int32_t lField;\n    int32_t lFunction;",
        "int32_t lFunction;\n    int32_t lField;",
    ),
    "an error has a number too many": ("adk_types.h", "int32_t lRc;", "int32_t lNothing;\n    int32_t lRc;"),
    "a field has another number": ("adk_fields.h", "F(OOI_ROW, TEXT, 14,", "F(OOI_ROW, TEXT, 18,"),
    "a field has another type": ("adk_fields.h", "F(CUSTOMER, INACTIVE, 112, 1,", "F(CUSTOMER, INACTIVE, 112, 4,"),
    "a table has another number": ("adk_numbers.h", "ADK_DB_CONTACT 69", "ADK_DB_CONTACT 68"),
    "a sort order has another number": ("adk_numbers.h", "eCodeOfUnit 41", "eCodeOfUnit 42"),
    "a code has another number": ("adk_numbers.h", "ADKE_NOT_FOUND 115", "ADKE_NOT_FOUND 114"),
    "a number is a float": ("values.c", "*pdValue = pData->values", "*(float *)pdValue = (float)pData->values"),
    "rows are counted from 1": (
        "values.c",
        "*ppDataRow = pData->rows[iIx]",
        "*ppDataRow = pData->rows[iIx ? iIx - 1 : 0]",
    ),
    "an export has another name": ("adk_numbers.h", "AdkGetRowDbId(", "AdkGetRowDataId("),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_library_that_is_wrong_in_one_place_fails(
    dll: str, company: Company, mutant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, right, wrong = MUTANTS[mutant]
    sources = tmp_path / "c"
    shutil.copytree(HERE, sources, ignore=shutil.ignore_patterns("__pycache__"))
    text = (sources / file).read_text()
    assert text.count(right) == 1, "the mutant does not find its place"
    (sources / file).write_text(text.replace(right, wrong))
    if file == "adk_numbers.h" and "(" in right:
        _rename(sources, right, wrong)
    monkeypatch.setattr(building, "_cache", lambda: tmp_path / "cache")
    # It is walked through once: to make it quick takes longer than that.
    monkeypatch.setattr(building, "_FLAGS", [flag for flag in building._FLAGS if not flag.startswith("-O")])
    found = disagreements(str(build(sources)), company)
    assert found, f"{mutant}, and nobody noticed"


def _rename(sources: Path, right: str, wrong: str) -> None:
    for path in sources.glob("*.c"):
        path.write_text(path.read_text().replace(right, wrong))
