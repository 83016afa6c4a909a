"""A command line to run in this process, against simulators."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from erpcore_fortnox.simulator import FortnoxSimulator
from erpcore_lime_go.simulator import LimeGoSimulator

from erpcore.cli import main
from erpcore.demo.lime_go_fortnox import FORTNOX, LIME_GO
from erpcore.testing.straight import straight


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cli]:
    """Run `erpcore ARGUMENTS` in an empty folder, 200 characters wide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    handlers = list(logging.getLogger().handlers)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["erpcore", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    yield run
    logging.getLogger().handlers = handlers
    logging.disable(logging.NOTSET)  # a command that prints a report has nothing logged


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the settings file leaves to the environment."""
    monkeypatch.setenv("ERPCORE_CONNECTIONS__LIME__API_KEY", "11111111-1111-4111-8111-111111111111")
    monkeypatch.setenv("ERPCORE_CONNECTIONS__BOOKS__CLIENT_SECRET", "demo-secret")
    monkeypatch.setenv("ERPCORE_CONNECTIONS__BOOKS__TENANT_ID", "1234567")


@pytest.fixture
def lime_go() -> Iterator[tuple[LimeGoSimulator, str]]:
    """A Lime Go with the demonstration's deals, and its address."""
    simulator = LimeGoSimulator()
    simulator.seed(LIME_GO)
    with straight(simulator) as url:
        yield simulator, url


@pytest.fixture
def fortnox() -> Iterator[tuple[FortnoxSimulator, str]]:
    """A Fortnox with the demonstration's articles, and its address. Nobody has consented yet."""
    simulator = FortnoxSimulator(consented=False)
    simulator.seed(FORTNOX)
    with straight(simulator) as url:
        yield simulator, url


@pytest.fixture
def settings_file(lime_go: tuple[LimeGoSimulator, str], fortnox: tuple[FortnoxSimulator, str], tmp_path: Path) -> Path:
    """Settings that name both, without secrets."""
    file = tmp_path / "erpcore.toml"
    file.write_text(f"""\
[connections.lime]
plugin = "lime_go"
base_url = "{lime_go[1]}"
erp_id_field = "ERP ID"
rows_field = "ERP rows"
set_custom_field_mutation = "setDealCustomField"

[connections.books]
plugin = "fortnox"
base_url = "{fortnox[1]}"
auth_url = "{fortnox[1]}/oauth-v1"
client_id = "demo-client"

[syncs.won]
crm = "lime"
erp = "books"
""")
    return file
