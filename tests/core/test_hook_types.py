"""A hook that is misspelt or has wrong types is an error for an author's type checker, not only at load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """
from collections.abc import Sequence
from typing import ClassVar

from erpcore.connection import ErpConnection
from erpcore.hookspecs import Context, hookimpl
from erpcore.models import Customer, CustomerQuery, Order, RecordRef
from erpcore.plugin import ErpPlugin, PluginSettings


class Books(ErpPlugin[PluginSettings]):
    @hookimpl
    def find_customers(self, query: CustomerQuery, context: Context) -> Sequence[Customer]:
        return []

"""
RIGHT = """
    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        return RecordRef(number=customer.name or "")


def use(books: Books, erp: ErpConnection) -> str:
    return erp.create_customer(Customer(name="A"), Context("test")).number
"""
WRONG = {
    "a misspelt hook": (
        """
    @hookimpl
    def create_custommer(self, customer: Customer, context: Context) -> RecordRef:
        return RecordRef(number="1")
""",
        "no base method was found with this name",
    ),
    "a wrong type of a parameter": (
        """
    @hookimpl
    def create_customer(self, customer: Order, context: Context) -> RecordRef:
        return RecordRef(number="1")
""",
        'Argument 1 of "create_customer" is incompatible',
    ),
    "a wrong return type": (
        """
    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> str:
        return "1"
""",
        'Return type "str" of "create_customer" incompatible',
    ),
    "a parameter left out": (
        """
    @hookimpl
    def create_customer(self, customer: Customer) -> RecordRef:
        return RecordRef(number="1")
""",
        'Signature of "create_customer" incompatible',
    ),
    "a wrong call of a connection": (
        """

def use(erp: ErpConnection) -> RecordRef:
    return erp.create_customer(Order(), Context("test"))
""",
        'Argument 1 to "create_customer" of "ErpHooks" has incompatible type "Order"',
    ),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What mypy says of each plugin; all are looked at in one go, which takes as long as one."""
    folder = tmp_path_factory.mktemp("authors")
    for number, (body, _) in enumerate([(RIGHT, ""), *WRONG.values()]):
        (folder / f"plugin_{number}.py").write_text(HEAD + body)
    (folder / "mypy.ini").write_text("[mypy]\nstrict = true\nplugins = pydantic.mypy\nfollow_imports = silent\n")
    command = [sys.executable, "-m", "mypy", "."]
    # The same cache for each run: what is slow is the reading of pydantic, not of the plugins.
    cache = Path(__file__).parents[2] / "build" / "mypy-authors"
    done = subprocess.run(
        [*command, f"--cache-dir={cache}"], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    names = ["the right plugin", *WRONG]
    lines = done.stdout.splitlines()
    return {
        name: "\n".join(line for line in lines if line.startswith(f"plugin_{number}.py"))
        for number, name in enumerate(names)
    }


def test_a_plugin_that_fits_has_no_error(told: dict[str, str]) -> None:
    assert told["the right plugin"] == ""


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, (_, words) in WRONG.items()], ids=list(WRONG))
def test_a_wrong_hook_is_an_error_of_the_type_checker(told: dict[str, str], name: str, words: str) -> None:
    assert words in told[name]


@pytest.mark.proof
def test_pyright_tells_the_same_plugins_from_the_right_one(tmp_path: Path) -> None:
    pytest.importorskip("basedpyright", reason="pip install basedpyright: pyright with its own Node.js, 280 MB")
    names = ["the right plugin", *WRONG]
    for number, (body, _) in enumerate([(RIGHT, ""), *WRONG.values()]):
        (tmp_path / f"plugin_{number}.py").write_text(HEAD + body)
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}')
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    told = json.loads(done.stdout)["generalDiagnostics"]
    wrong = {Path(each["file"]).stem for each in told if each["severity"] == "error"}
    assert [name for number, name in enumerate(names) if f"plugin_{number}" in wrong] == list(WRONG), told
