"""Rules C: the cassettes are what they say they are."""

from __future__ import annotations

import ast
import copy
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped] # its types are no dependency of ours
from vcr.matchers import body as same_body  # type: ignore[import-untyped] # vcrpy has no types
from vcr.request import Request  # type: ignore[import-untyped] # as above

from erpcore.testing.cassettes import MATCH_ON
from erpcore.testing.contract.base import Contract, needs
from erpcore.testing.leaks import leaks


class Recordings(Contract):
    """Rules C01 to C05; they apply when `Contract.cassettes` names a folder."""

    @needs(data=["cassettes"])
    def test_C01_every_cassette_says_where_it_comes_from(self) -> None:
        """Every cassette tells what it was recorded from, on which day, and with which version of the interface."""
        for path, cassette in self._all():
            told = cassette.get("metadata") or {}
            missing = {"recorded-from", "recorded-on", "api-version"} - told.keys()
            assert not missing, f"{path.name} does not tell {', '.join(sorted(missing))}"
            assert date.fromisoformat(str(told["recorded-on"])) <= datetime.now(UTC).date(), path.name
            assert all(str(value).strip() for value in told.values()), path.name

    @needs(data=["cassettes"])
    def test_C02_no_cassette_holds_a_secret_or_a_person(self) -> None:
        """No cassette holds a token, a key, an address outside example.com or a personal identity number."""
        for path, cassette in self._all():
            found = list(leaks(yaml.safe_dump(cassette, allow_unicode=True, width=10_000)))
            assert not found, f"{path.name} holds {'; '.join(found)}"

    @needs(data=["cassettes"])
    def test_C03_no_cassette_names_a_real_host(self) -> None:
        """Every recorded address is a made-up one, which never resolves."""
        for path, cassette in self._all():
            for exchange in cassette["interactions"]:
                host = urlsplit(exchange["request"]["uri"]).hostname or ""
                assert host.endswith(".invalid"), f"{path.name} was recorded from {host} and keeps its name"

    @needs(data=["cassettes"])
    def test_C04_every_cassette_is_used(self) -> None:
        """Every cassette belongs to a test that is there."""
        folder = self._folder()
        for path, _ in self._all():
            module = folder.parent / f"{path.parent.name}.py"
            assert module.is_file(), f"{path.name}: there is no {module.name}"
            tests = {node.name for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef)}
            name = re.split(r"[.\[]", path.stem)
            assert tests & set(name), f"{path.name}: no test {path.stem} is in {module.name}"

    @needs(data=["cassettes"])
    def test_C05_a_changed_body_is_not_answered(self) -> None:
        """Cassettes are matched with the body, and each recorded body is one that a changed one differs from."""
        assert "body" in MATCH_ON
        for path, cassette in self._all():
            for exchange in cassette["interactions"]:
                recorded = exchange["request"]
                if not recorded.get("body"):
                    continue
                asked = Request(recorded["method"], recorded["uri"], recorded["body"], recorded["headers"])
                changed = copy.deepcopy(asked)
                changed.body = asked.body.replace(b"{", b'{"contract": "changed", ', 1) + b" "
                differs = False
                try:
                    same_body(asked, changed)
                except AssertionError:
                    differs = True
                assert differs, f"{path.name}: a changed body would be answered like the recorded one"

    def _folder(self) -> Path:
        assert self.cassettes is not None
        return Path(self.cassettes)

    def _all(self) -> list[tuple[Path, dict[str, Any]]]:
        paths = sorted(self._folder().rglob("*.yaml"))
        assert paths, f"there are no cassettes in {self._folder()}"
        return [(path, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in paths]
