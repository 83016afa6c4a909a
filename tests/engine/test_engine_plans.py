"""No statement of a deal looks through what is finished, however much that is, on both databases."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.finished import learn, multiply
from erpcore.engine.worker import Worker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_GROWING = "erpcore_(?:runs|records|story|inbox|inbox_runs|intents|intent_events|links)|workflow_status"
_THROUGH_ALL = {
    # An index on what is the same in every row leaves nothing out.
    "sqlite": re.compile(rf"SCAN (?:{_GROWING})\b|SEARCH (?:{_GROWING}) USING [A-Z ]*INDEX \S+ \((?:sync|source)=\?\)"),
    "postgresql": re.compile(rf"Seq Scan on (?:{_GROWING})\b"),
}
_DEALS = 3


@pytest.mark.parametrize(
    ("database", "finished"),
    [
        ("sqlite", 2_000),
        pytest.param("sqlite", 100_000, marks=pytest.mark.proof),
        pytest.param("postgresql", 100_000, marks=pytest.mark.proof),
    ],
)
def test_no_statement_of_a_deal_goes_through_what_is_finished(
    request: pytest.FixtureRequest, make_place: Callable[..., Any], database: str, finished: int
) -> None:
    postgres = database == "postgresql"
    place = make_place(str(request.getfixturevalue("postgres_url"))) if postgres else make_place()
    asked = dict[str, Any]()

    def statement(_connection: Any, _cursor: Any, text: str, parameters: Any, *_: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            asked.setdefault(text, parameters)

    with place.store() as store:
        worker = Worker(place.settings, store, executor_id="w1")
        working = threading.Thread(target=worker.run)
        working.start()
        try:
            for number in range(_DEALS):
                if number == _DEALS - 1:  # the first ones pay for what is once only
                    sa.event.listen(store.engine, "before_cursor_execute", statement)
                place.folder.deal(f"d{number}")
                place.folder.win(f"d{number}")
                place.wait_for_state("done", count=number + 1)
        finally:
            worker.stop()
            working.join()
        assert len([text for text in asked if re.search(_GROWING, text)]) > 20
        multiply(store.engine, finished // _DEALS)
        if postgres:
            learn(store.engine)
        assert _wide(store.engine, asked) == {}


def _wide(engine: sa.Engine, asked: dict[str, Any]) -> dict[str, list[str]]:
    explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    found = dict[str, list[str]]()
    with engine.connect() as connection:
        for text, parameters in asked.items():
            if not text.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
                continue
            given = parameters[0] if isinstance(parameters, list) else parameters
            plan = [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {text}", given)]
            if lines := [line for line in plan if _THROUGH_ALL[engine.dialect.name].search(line)]:
                found[text] = lines
    return found
