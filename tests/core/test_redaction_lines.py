"""Secrets in the finished text of a log line, and in what is raised while a connection is loaded."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest

from erpcore.engine.assembly import Assembly
from erpcore.errors import ErpcoreError
from erpcore.logs import FORMAT, JsonLines, facts
from erpcore.redaction import Redactor, SecretFormatter, is_secret_name
from erpcore.settings import parse_settings
from erpcore.store import open_memory_store

SECRET = "PLANTED+Secret/Value=47"


def line(formatter: logging.Formatter) -> str:
    """What a handler writes of a line that has the secret in every place where one can be."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("planted")
    logger.addHandler(handler)
    try:
        raise RuntimeError(f"raised with {SECRET}")
    except RuntimeError:
        told = {"exc_info": True, "stack_info": True, "extra": facts(where=f"a fact {SECRET}")}
        logger.error("said %s and %r", SECRET, {"x": SECRET}, **told)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("inner", [logging.Formatter(FORMAT), JsonLines()])
def test_no_secret_is_in_any_part_of_a_line(inner: logging.Formatter) -> None:
    known = Redactor([SECRET])
    assert SECRET in line(inner), "without it, the secret is found"
    written = line(SecretFormatter(inner))
    assert "PLANTED" not in written
    assert "raised with [hidden]" in written
    if isinstance(inner, JsonLines):
        assert json.loads(written)["where"] == "a fact [hidden]"
    assert known


@pytest.mark.parametrize("name", ["client_secret", "api_key", "token", "password", "ApplicationKey", "private_key"])
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret_name(name)
    assert not is_secret_name("base_url")


def wrong_wrapper() -> None:
    """Stands in for an integrator's wrapper that tells too much while it is loaded."""
    raise RuntimeError(f"cannot reach https://x/?q={SECRET}")


class Wrong:
    def __init__(self) -> None:
        wrong_wrapper()


def test_what_a_wrapper_raises_while_it_is_loaded_has_no_secret(tmp_path: Path) -> None:
    settings = parse_settings(
        f"""
[connections.books]
plugin = "fortnox"
client_id = "demo"
client_secret = "{SECRET}"
tenant_id = "1"
wrappers = ["{__name__}:Wrong"]

[connections.lime]
plugin = "lime_go"

[syncs.won]
crm = "lime"
erp = "books"
""",
        tmp_path / "erpcore.toml",
    )
    assembly = Assembly(settings, open_memory_store(), worker="w")
    with pytest.raises(ErpcoreError) as caught:
        assembly.erp("books")
    assert "RuntimeError" in str(caught.value)
    assert "PLANTED" not in str(caught.value)
