"""A connection's secret in whatever a plugin raises, out of whichever hook: nothing that is kept or shown has it."""

from __future__ import annotations

import inspect
import io
import logging
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import httpx  # noqa: TID251  a library that a plugin may use
import pytest
from pydantic import BaseModel, Field, SecretStr

from erpcore import errors, redaction, registry
from erpcore.connection import Connection, CrmConnection, ErpConnection
from erpcore.errors import ErpcoreError
from erpcore.hookspecs import CrmHooks, ErpHooks, hookimpl, hooks_of
from erpcore.host import Host
from erpcore.logs import FORMAT, JsonLines
from erpcore.plugin import CONTRACT_VERSION, CrmPlugin, ErpPlugin, PluginSettings
from erpcore.problem import Problem
from erpcore.redaction import SecretFormatter

SECRET = "PLANTED+Secret/Value=47"
TOLD = f"cannot reach https://x/?q={SECRET} as it is"


class Settings(PluginSettings):
    shibboleth: SecretStr = Field(description="A secret whose name gives it away to nobody")


class Number(BaseModel):
    number: int


class Strange(Exception):
    def __str__(self) -> str:
        return TOLD


def _own() -> dict[str, Callable[[], Exception]]:
    """Every error class of erpcore's, with the secret in everything that it may hold."""
    found: dict[str, Callable[[], Exception]] = {}
    for name, cls in vars(errors).items():
        if not (isinstance(cls, type) and issubclass(cls, ErpcoreError)):
            continue
        given: dict[str, Any] = {}
        for parameter in inspect.signature(cls).parameters:
            if parameter in ("vendor_text", "vendor_code", "advice", "record", "request_id", "field", "distribution"):
                given[parameter] = TOLD
        if cls is errors.AmbiguousMatchError:
            given["candidates"] = [TOLD, "another"]
        if cls is errors.WebhookRefusedError:
            given["status"] = 400
        found[name] = lambda cls=cls, given=given: cls(TOLD, **given).about("article", TOLD)
    return found


def _validation() -> Exception:
    try:
        Number.model_validate({"number": SECRET})
    except ValueError as error:
        return error
    raise AssertionError


def _with_cause() -> Exception:
    try:
        raise RuntimeError("outer") from ValueError(TOLD)
    except RuntimeError as error:
        return error


def _with_note() -> Exception:
    error = RuntimeError("outer")
    error.add_note(TOLD)
    return error


STRANGERS: dict[str, Callable[[], Exception]] = {
    **{cls.__name__: lambda cls=cls: cls(TOLD) for cls in (RuntimeError, ValueError, KeyError, TypeError, LookupError)},
    **{cls.__name__: lambda cls=cls: cls(TOLD) for cls in (AssertionError, RecursionError, MemoryError, StopIteration)},
    "OSError": lambda: OSError(5, TOLD, SECRET),
    "ConnectionError": lambda: ConnectionResetError(104, TOLD),
    "UnicodeDecodeError": lambda: UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, TOLD),
    "ExceptionGroup": lambda: ExceptionGroup(TOLD, [ValueError(TOLD)]),
    "httpx": lambda: httpx.ConnectError(TOLD, request=httpx.Request("GET", f"https://x/?q={SECRET}")),
    "pydantic": _validation,
    "its own": Strange,
    "several parts": lambda: RuntimeError("at", SECRET, {"key": SECRET}, SECRET.encode()),
    "in the cause": _with_cause,
    "in a note": _with_note,
}
RAISED = {**_own(), **STRANGERS}
AFTER_A_WRITE = "after a write"


def _raising(name: str, spec: Callable[..., Any]) -> Any:
    names = ", ".join(inspect.signature(spec).parameters)
    made: dict[str, Any] = {}
    exec(f"def {name}({names}):\n    self.do()", made)  # noqa: S102  a hook has exactly its spec's arguments
    return hookimpl(made[name])


class _Planted:
    """Raises out of every hook; first it may have written something."""

    name = "planted"
    display_name = "Planted"
    contract_version = CONTRACT_VERSION
    Settings = Settings
    field_maps: ClassVar = {}
    effects: ClassVar = {}
    make: Callable[[], Exception]
    writes = False

    def do(self) -> None:
        if self.writes:
            self.host.before_write()  # type: ignore[attr-defined]  # of the plugin class beside this one
        raise self.make()


def _connection(kind: str) -> Connection[Any]:
    specs, base, face = (ErpHooks, ErpPlugin, ErpConnection) if kind == "erp" else (CrmHooks, CrmPlugin, CrmConnection)
    hooks = {name: _raising(name, spec) for name, spec in hooks_of(specs).items()}
    cls = type("Planted", (_Planted, base), hooks)
    made: Connection[Any] = face(cls(Settings(shibboleth=SecretStr(SECRET)), Host.in_memory("books")))
    return made


@pytest.fixture
def logs() -> Iterator[list[io.StringIO]]:
    """Everything of every level, as it is written: as text, and as JSON."""
    root = logging.getLogger()
    handlers = [logging.StreamHandler(io.StringIO()) for _ in range(2)]
    for handler, inner in zip(handlers, (logging.Formatter(FORMAT), JsonLines()), strict=True):
        handler.setFormatter(SecretFormatter(inner))
        root.addHandler(handler)
    before = root.level
    root.setLevel(logging.DEBUG)
    yield [handler.stream for handler in handlers]
    root.setLevel(before)
    for handler in handlers:
        root.removeHandler(handler)


@pytest.fixture
def no_redactor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction.Redactor, "known", lambda self, text: text)
    monkeypatch.setattr(redaction.Redactor, "text", lambda self, text: text)


def told_of(connection: Connection[Any], hook: str, make: Callable[[], Exception], *, writes: bool) -> str:
    """Give everything that is kept or shown of what comes out of a hook, its log apart."""
    connection.plugin.make, connection.plugin.writes = make, writes
    with pytest.raises(ErpcoreError) as caught:
        getattr(connection, hook)(*[None] * (len(inspect.signature(getattr(connection, hook)).parameters)))
    error = caught.value
    told = [str(error), repr(error), repr(error.args), repr(vars(error)), Problem.of(error).model_dump_json()]
    return "\n".join([*told, Problem.of(error).text])


@pytest.mark.parametrize("kind", ["erp", "crm"])
@pytest.mark.parametrize("writes", [False, True], ids=["", AFTER_A_WRITE])
def test_no_error_out_of_any_hook_has_the_secret(kind: str, logs: list[io.StringIO], *, writes: bool) -> None:
    connection = _connection(kind)
    hooks = hooks_of(ErpHooks if kind == "erp" else CrmHooks)
    leaks = [
        (hook, name)
        for hook in hooks
        for name, make in RAISED.items()
        if "PLANTED" in told_of(connection, hook, make, writes=writes)
    ]
    assert len(hooks) * len(RAISED) > 700
    assert leaks == []
    for log in logs:
        assert "PLANTED" not in log.getvalue()
        assert "unexpected in" in log.getvalue(), "what nobody foresaw is in the log"


@pytest.mark.usefixtures("no_redactor")
def test_with_the_redactor_off_it_is_found(logs: list[io.StringIO]) -> None:
    connection = _connection("erp")
    told = {name: told_of(connection, "create_order", make, writes=False) for name, make in RAISED.items()}
    hidden = {name for name, text in told.items() if "PLANTED" not in text}
    assert hidden == {"in the cause", "in a note"}, "these two are in the log alone"
    assert all(log.getvalue().count("PLANTED") > 10 for log in logs)


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
def test_no_line_of_any_level_has_the_secret(logs: list[io.StringIO], level: str) -> None:
    known = _connection("erp")
    logger = logging.getLogger("a.strangers.plugin")
    try:
        raise RuntimeError(TOLD)
    except RuntimeError as error:
        number = logging.getLevelNamesMapping()[level]
        logger.log(
            number, "%s %r", SECRET, {"a": SECRET}, exc_info=error, stack_info=True, extra={"facts": {"b": SECRET}}
        )
    for log in logs:
        assert log.getvalue().count("[hidden]") > 2
        assert "PLANTED" not in log.getvalue()
    assert known


class RaisesWhenBuilt(_Planted, ErpPlugin[Settings]):
    name = "memory"

    def __init__(self, settings: Any, host: Any) -> None:
        raise type(self).make()


@pytest.mark.parametrize("name", RAISED)
def test_what_is_raised_while_a_connection_is_built_has_no_secret(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RaisesWhenBuilt, "make", staticmethod(RAISED[name]), raising=False)
    monkeypatch.setattr(registry, "load", lambda kind, name: RaisesWhenBuilt)
    with pytest.raises(ErpcoreError) as caught:
        registry.connect_erp("memory", Host.in_memory("books"), {"shibboleth": SECRET})
    assert "PLANTED" not in "\n".join([str(caught.value), repr(vars(caught.value)), Problem.of(caught.value).text])
