"""Rules C: the cassettes are what they say they are."""

from __future__ import annotations

import ast
import copy
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import yaml  # type: ignore[import-untyped] # its types are no dependency of ours
from vcr.matchers import body as same_body  # type: ignore[import-untyped] # vcrpy has no types
from vcr.request import Request  # type: ignore[import-untyped] # as above

from erpcore.testing.contract.base import Contract, needs
from erpcore.testing.leaks import leaks, leaks_in
from erpcore.testing.playback import Playback, play


class Recordings(Contract):
    """Rules C01 to C06; they apply when `Contract.cassettes` names a folder."""

    playbacks: ClassVar[dict[Path, Playback]] = {}

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
        """No file beside the cassettes holds a token, a key, an address outside example.com or a personal number."""
        for path, cassette in self._all():
            found = list(leaks_in(cassette))
            assert not found, f"{path.name} holds {'; '.join(found)}"
        known = {path for path, _ in self._all()}
        for path in sorted(self._folder().rglob("*")):
            if path.is_file() and path not in known:
                found = list(leaks(path.read_text(encoding="utf-8", errors="replace")))
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
        for path, played in self._playback().played.items():
            assert "body" in played.matched_on, f"{path.name} is matched on {', '.join(played.matched_on)} alone"
        for path, cassette in self._all():
            for exchange in cassette["interactions"]:
                recorded = exchange["request"]
                if not recorded.get("body"):
                    continue
                asked = Request(recorded["method"], recorded["uri"], recorded["body"], recorded["headers"])
                changed = copy.deepcopy(asked)
                changed.body = _changed(asked.body)
                differs = False
                try:
                    same_body(asked, changed)
                except AssertionError:
                    differs = True
                assert differs, f"{path.name}: a changed body would be answered like the recorded one"

    @needs(data=["cassettes"])
    def test_C06_every_recorded_answer_is_asked_for(self) -> None:
        """The tests pass on their cassettes alone, and together they ask for every answer that is recorded."""
        playback = self._playback()
        assert playback.problem is None, f"the tests fail on their cassettes:\n{playback.problem}"
        unopened = [path.name for path, _ in self._all() if path.resolve() not in playback.played]
        assert not unopened, f"no test opens {', '.join(unopened)}"
        left = {path.name: played.left for path, played in playback.played.items() if played.left}
        assert not left, f"recorded, but no test asks for it any more: {left}"

    def _playback(self) -> Playback:
        """Play the cassettes once for both rules."""
        folder = self._folder()
        if folder not in self.playbacks:
            modules = {folder.parent / f"{path.parent.name}.py" for path, _ in self._all()}
            self.playbacks[folder] = play(sorted(module for module in modules if module.is_file()))
        return self.playbacks[folder]

    def _folder(self) -> Path:
        assert self.cassettes is not None
        return Path(self.cassettes)

    def _all(self) -> list[tuple[Path, dict[str, Any]]]:
        paths = sorted(self._folder().rglob("*.yaml"))
        assert paths, f"there are no cassettes in {self._folder()}"
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where PyYAML was built with libyaml
        return [(path, yaml.load(path.read_text(encoding="utf-8"), loader)) for path in paths]  # noqa: S506 a safe one


def _changed(body: bytes) -> bytes:
    try:
        json.loads(body)
    except ValueError:
        return body + b" changed"
    return b'{"contract": "changed"}'
