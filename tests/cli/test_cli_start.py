"""What starting the program loads: what a command does not need, it does not wait for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from erpcore.store import open_store

HEAVY = (
    "httpx",
    "authlib",
    "stevedore",
    "pydantic",
    "pluggy",
    "sqlalchemy",
    "alembic",
    "dbos",
    "cryptography",
)
"""Libraries that take longer to load than the rest of the program together."""
WITHOUT_HTTP = ("httpx", "authlib", "stevedore", "sqlalchemy", "alembic", "dbos", "cryptography", "rich")


def loaded(code: str, names: tuple[str, ...]) -> list[str]:
    """Which of these are loaded in a new process after this code."""
    asked = f"{code}\nimport sys\nprint(*(name for name in {names!r} if name in sys.modules))"
    env = {"PATH": os.environ["PATH"]}  # a person's; what pytest puts there may load more
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=env)
    return done.stdout.splitlines()[-1].split()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_load_no_library_that_they_do_not_need(arguments: list[str]) -> None:
    code = f"""
import sys
from pathlib import Path
sys.argv = ["erpcore", *{arguments!r}]
from erpcore.cli import main
try:
    main()
except SystemExit:
    pass
print()
"""
    assert loaded(code, HEAVY) == []


def test_the_package_alone_loads_nothing() -> None:
    assert loaded("import erpcore", HEAVY) == []


def test_what_a_plugin_states_needs_no_http() -> None:
    code = "from erpcore import hookimpl, Context, ErpPlugin, FieldMap, Field, Article"
    assert loaded(code, WITHOUT_HTTP) == []


def test_the_seam_needs_no_models() -> None:
    code = "import erpcore.hookspecs, erpcore.plugin, erpcore.fields"
    assert loaded(code, (*WITHOUT_HTTP, "pydantic", "erpcore.models")) == []


@pytest.mark.parametrize("name", ["fortnox", "lime_go", "lime_crm", "poweroffice", "visma_admin", "visma_eaccounting"])
def test_a_plugin_is_imported_without_http_and_builds_no_record(name: str) -> None:
    code = f"""
import erpcore_{name}.plugin
from erpcore import models
names = ("Order", "Invoice", "Customer", "Deal")
assert not any(getattr(models, each).__pydantic_complete__ for each in names)
"""
    assert loaded(code, (*WITHOUT_HTTP, "oauthlib", "stdnum", "babel")) == []


WITHOUT_WORK = (
    *("httpx", "authlib", "stevedore", "alembic", "dbos", "cryptography", "sqlalchemy.dialects.postgresql"),
    *("erpcore.models.crm", "erpcore.store.ledger", "erpcore.store.articles", "erpcore.store.attempts"),
)
"""What `status` needs nothing of."""


def test_a_command_that_shows_what_stands_loads_nothing_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = f"sqlite:///{tmp_path / 'erpcore.db'}"
    open_store(store).close()
    (tmp_path / "erpcore.toml").write_text(f'[store]\nurl = "{store}"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = """
import sys
from pathlib import Path
sys.argv = ["erpcore", "status"]
from erpcore.cli import main
try:
    main()
except SystemExit:
    pass
print()
"""
    assert loaded(code, WITHOUT_WORK) == []


def test_a_worker_without_an_address_loads_no_web_server() -> None:
    assert loaded("import erpcore.worker", ("starlette", "uvicorn", "jinja2")) == []
