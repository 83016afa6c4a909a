"""What bringing invoices home costs: it follows what changed, not how many invoices there are; a small sample."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks.invoices_home import BEGIN, PAGE, Killed, Measured, measure_import, measure_look, scene


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], Measured]:
    """What looks take, by how many invoices there are and how many of them changed."""
    found = {}
    for count in (500, 10_000):
        for changed in (0, 1, 130):
            with scene(tmp_path_factory.mktemp("scale"), count, first=False) as on:
                found[count, changed] = measure_look(on, changed)
                assert on.count() == count
                assert on.crm.stored == changed
    return found


@pytest.mark.parametrize("changed", [0, 1, 130])
def test_a_look_costs_what_changed_and_not_what_there_is(looks: dict[tuple[int, int], Measured], changed: int) -> None:
    few, many = looks[500, changed], looks[10_000, changed]
    assert few.requests == many.requests == max(1, -(-changed // PAGE))
    assert few.writes == many.writes == changed
    assert few.statements == many.statements
    assert many.memory < few.memory + 300_000


def test_no_statement_of_a_look_reads_through_all_invoices(tmp_path: Path) -> None:
    asked: list[tuple[str, object]] = []
    with scene(tmp_path, 2_000, first=False) as on:
        sa.event.listen(
            on.store.engine,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, parameters, _context, many: asked.append(
                (statement, parameters[0] if many else parameters)
            ),
        )
        measure_look(on, 30)
        on.now[0] = BEGIN.replace(month=12, day=5)  # all of the others turn red
        on.look()
        plans = []
        with on.store.read() as connection:
            ours = {each: given for each, given in asked if "erpcore_invoices" in each}
            for statement, parameters in ours.items():
                explained = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans += [f"{row[3]}: {statement}" for row in explained.fetchall()]
    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN erpcore_invoices")] == []


@pytest.mark.wide
def test_the_memory_of_a_first_import_does_not_grow_with_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    took = {}
    for count in (200, 800):
        with scene(tmp_path_factory.mktemp("import"), count, first=True) as on:
            took[count] = measure_import(on)
            assert on.count() == on.crm.stored == count
    assert took[800].memory < took[200].memory + 300_000
    assert took[800].requests == 8
    assert took[800].statements / took[800].writes < 4


def test_a_first_import_that_is_killed_twice_misses_nothing_and_reads_nothing_twice(tmp_path: Path) -> None:
    with scene(tmp_path, 900, first=True) as on:
        for _ in range(2):
            with pytest.raises(Killed):
                on.look(kill_after=11)
            on.now[0] = on.now[0].replace(minute=on.now[0].minute + 5)
        measure_import(on)
        assert on.count() == on.crm.stored == 900
        assert on.crm.again == 0
        assert on.erp.requests == 9
