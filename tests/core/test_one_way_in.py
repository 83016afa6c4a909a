"""`from erpcore import …` is the way in: what is public has its name there, loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import erpcore
from erpcore import connection, errors, fields, hookspecs, host, http, models, plugin, registry, remedy, starts

NAMED = {
    "Context": hookspecs,
    "hookimpl": hookspecs,
    "hookwrapper": hookspecs,
    "ErpPlugin": plugin,
    "CrmPlugin": plugin,
    "PluginSettings": plugin,
    "Effect": plugin,
    "EffectKind": plugin,
    "CONTRACT_VERSION": plugin,
    "ErpConnection": connection,
    "CrmConnection": connection,
    "connect_erp": registry,
    "connect_crm": registry,
    "Remedy": remedy,
    "Start": starts,
    **{name: room for room in (models, fields, host, http) for name in room.__all__},
    **{name: errors for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)},
}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_public_has_its_name_at_the_way_in(name: str) -> None:
    assert getattr(erpcore, name) is getattr(NAMED[name], name)


@pytest.mark.parametrize("name", ["FieldMapp", "Sequence", "ClassVar", "inspect", "load"])
def test_what_is_not_public_has_no_name_there(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(erpcore, name)


@pytest.mark.parametrize(
    ("names", "loaded"),
    [
        ("ErpPlugin, Customer, FieldMap, Host, RejectedError, hookimpl", []),
        ("ApiClient", []),
        ("HTTPTransport", ["httpx"]),
        ("connect_erp", ["stevedore"]),
    ],
)
def test_only_what_is_asked_for_is_loaded(names: str, loaded: list[str]) -> None:
    code = f"from erpcore import {names}\nimport sys; print(sorted({{'httpx', 'stevedore'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == str(loaded)


def test_a_type_checker_knows_every_name_and_no_other(tmp_path: Path) -> None:
    lines = [f"from erpcore import {name} as {name}" for name in NAMED]
    (tmp_path / "names.py").write_text("\n".join([*lines, "from erpcore import FieldMapp as FieldMapp", ""]))
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\nplugins = pydantic.mypy\nfollow_imports = silent\n")
    cache = Path(__file__).parents[2] / "build" / "mypy-authors"
    command = [sys.executable, "-m", "mypy", f"--cache-dir={cache}", "names.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert [line.partition("error: ")[2] for line in done.stdout.splitlines()[:-1]] == [
        'Module "erpcore" has no attribute "FieldMapp"; maybe "FieldMap"?  [attr-defined]'
    ]
