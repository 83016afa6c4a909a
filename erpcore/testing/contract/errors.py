"""Rules R: what the system's refusals and broken answers become."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pytest

from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    ConsentNeededError,
    ErpcoreError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PluginContractError,
    RateLimitedError,
    RecordError,
    RejectedError,
    RemoteError,
    UnavailableError,
)
from erpcore.fields import Field
from erpcore.host import MemoryTokenStore
from erpcore.models import Customer, CustomerQuery
from erpcore.testing.bench import CONNECTION, Bench, attempt, context
from erpcore.testing.contract.acting import Acting, ErpActing
from erpcore.testing.contract.base import Contract, NativeError, Situation, connect, needs, words_of
from erpcore.testing.contract.erp_calls import send
from erpcore.testing.samples import WRITES, Samples, entries, shown
from erpcore.testing.tap import Answer, CallTap, WireTap

Act = Literal["read", "write"]
_CLASSES: dict[Situation, tuple[type[ErpcoreError], ...]] = {
    "credentials": (AuthenticationError,),
    "right": (PermissionDeniedError,),
    "missing": (NotFoundError, RecordError),
    "duplicate": (ConflictError,),
    "values": (RejectedError, RecordError),
    "too_fast": (RateLimitedError,),
    "secret": (RejectedError, AuthenticationError, RecordError),
}
_TOLD_AS: dict[str, tuple[type[ErpcoreError], ...]] = {
    "credentials": (AuthenticationError,),
    "right": (PermissionDeniedError,),
    "unavailable": (UnavailableError,),
}
"""What a reader makes of these, whatever it reads."""
_PASSING: tuple[Situation, ...] = ("too_fast", "unavailable", "gateway")
_RULES_OF: dict[Situation, tuple[str, ...]] = {
    **dict.fromkeys(_PASSING, ("R02", "R03")),
    **dict.fromkeys(("right", "missing", "duplicate", "values"), ("R01", "R03", "R04")),
    "credentials": ("R01", "R03", "R04"),
    "secret": ("R01", "R03"),
}
_WRITE_PROBES = ("create_order", "create_invoice", "create_customer")
_PERSONAL = ("email", "invoice_email", "phone", "mobile_phone", "invoice_address.street", "invoice_address.city")
_LONGEST_TEXT = 2_000
_MOST_REQUESTS = 12
"""Requests that one call may spend on a sign-in that fails."""
_UNKNOWN = {"notice": "The interface moves. Read our news."}
"""An answer in a form that no system has for its records."""
_LONG_PAUSE = 7 * 86_400.0
"""Seconds in which every access token has run out, and no consent has."""
_BODIES: dict[str, Any] = {
    "empty": b"",
    "garbage": b'{"half an answer": \x00',
    "html": b"<html><body><h1>Service unavailable</h1></body></html>",
    "truncated": b'{"Order": {"DocumentNumber": "1", "Rows": [{"Tex',
    "null": b"null",
    "text": b'"ok"',
    "huge": b" " * 20_000_001 + b"{}",
}
_RETURNED: dict[str, Any] = {
    "empty": "",
    "garbage": b"\x00\xff",
    "html": "<html></html>",
    "truncated": {},
    "null": None,
    "text": "ok",
    "huge": "x" * 20_000_000,
}


_GATEWAY = NativeError("gateway", Answer(502, {"content-type": "text/html"}, "<html><h1>Bad Gateway</h1></html>"))
"""What a gateway in front of any system over HTTP says."""


@dataclass(frozen=True)
class ErrorCase:
    """A native error as the answer to a read or a write."""

    error: NativeError
    act: Act


class Errors(Acting):
    """Rules R01 to R07, tried with one plain read and one plain write; R08 with each that reads.

    Attributes:
        repeatable: Whether doing that write twice is the same as once.
    """

    repeatable: ClassVar[bool] = False

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the native errors, each as the answer to a read and to a write, and the broken bodies."""
        yield from super().cases(rule)
        acts: list[Act] = ["read", "write"] if cls.can_write() else ["read"]
        for number, error in enumerate(_examples(cls)):
            for act in acts:
                # A read that finds nothing may well give nothing instead of an error.
                possible = error.of in (act, "both") and not (error.situation == "missing" and act == "read")
                if possible and rule in _RULES_OF.get(error.situation, ("R01",)):
                    yield f"{error.situation}-{number}-{act}", ErrorCase(error, act)
        if rule == "R08":
            yield from ((name, name) for name in cls.reads())
        if rule == "R10":
            yield from ((name, name) for name in cls.writes() if name != "subscribe_events")
        if rule == "R05" or (rule == "R06" and cls.can_write()):
            yield from ((name, name) for name in _BODIES)

    @classmethod
    def can_write(cls) -> bool:
        """Whether the plugin has the write that these rules try."""
        return True

    @classmethod
    def read(cls, connection: Any, samples: Samples) -> Any:
        """Do one plain read of something that is there."""
        raise TypeError(f"{cls.__name__} derives from neither ErpContract nor CrmContract")

    @classmethod
    def write(cls, connection: Any, samples: Samples, situation: Situation | None = None) -> Any:
        """Do one plain write; for ``missing`` one that changes a record."""
        raise TypeError(f"{cls.__name__} derives from neither ErpContract nor CrmContract")

    @pytest.fixture
    def hurried(self, bench: Bench) -> Iterator[None]:
        """Nobody sleeps between two tries."""
        bench.hurried = True
        yield
        bench.hurried = False

    @pytest.mark.usefixtures("hurried")
    def test_R01_a_refusal_has_its_class_and_the_system_s_words(
        self, bench: Bench, samples: Samples, case: ErrorCase
    ) -> None:
        """A refusal is the error of its kind, not retryable, with the system's text and code and the connection."""
        error = self._met(bench, samples, case)
        assert isinstance(error, _CLASSES[case.error.situation]), f"{type(error).__name__}: {error}"
        assert not error.retryable, "the same again gives the same"
        assert error.connection == CONNECTION
        assert error.message.strip()
        assert error.advice, "it does not say what to do"
        _keeps_words(error, case.error)

    @pytest.mark.usefixtures("hurried")
    def test_R02_what_may_pass_is_retryable(self, bench: Bench, samples: Samples, case: ErrorCase) -> None:
        """Too fast and out of order may pass: retryable, with the asked wait; after a write nobody knows."""
        error = self._met(bench, samples, case)
        assert error.connection == CONNECTION
        if case.error.situation == "too_fast":
            assert isinstance(error, RateLimitedError), f"{type(error).__name__}: {error}"
            assert error.retryable
            assert error.retry_after == case.error.retry_after
        elif case.act == "read":
            assert isinstance(error, UnavailableError), f"{type(error).__name__}: {error}"
            assert error.retryable
        else:
            assert isinstance(error, OutcomeUnknownError), f"{type(error).__name__}: the write may have been done"
            assert self.repeatable or not error.retryable, "it must be looked up, not sent again"
        _keeps_words(error, case.error)

    @pytest.mark.usefixtures("hurried")
    def test_R03_no_secret_is_in_an_error_or_a_log(
        self, bench: Bench, samples: Samples, case: ErrorCase, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No credential is in an error, its cause, a log or a told request, even when the system's text repeats it."""
        caplog.set_level(logging.DEBUG)
        error = self._met(bench, samples, case)
        told = [caplog.text, *map(repr, bench.told), *words_of(error)]
        for secret in bench.secrets():
            loggers = sorted({record.name for record in caplog.records if secret in record.getMessage()})
            assert not loggers, f"a secret can be read in what {', '.join(loggers)} logs"
            assert not any(secret in text for text in told), "a secret can be read in the error, its cause or a request"

    @pytest.mark.usefixtures("hurried")
    def test_R04_a_refusal_is_not_repeated(self, bench: Bench, samples: Samples, case: ErrorCase) -> None:
        """A refusal is asked once, one of credentials once more at most: the same again would give the same."""
        self._met(bench, samples, case)
        asked = Counter(request.text for request in bench.tap.sent)
        most = 2 if case.error.situation == "credentials" else 1  # a token is renewed, and used once
        assert max(asked.values(), default=0) <= most, f"asked again after a refusal: {asked}"

    @pytest.mark.usefixtures("hurried")
    def test_R05_a_broken_answer_to_a_read_is_told(self, bench: Bench, samples: Samples, case: str) -> None:
        """An answer that is empty, garbage, a web page, cut short or huge is told; it is never taken for data."""
        connection = connect(type(self), bench)
        bench.answer(_broken(bench, case))
        error = attempt(lambda: self.read(connection, samples), ErpcoreError)
        assert isinstance(error, MalformedReplyError | UnavailableError), f"{type(error).__name__}: {error}"
        assert len(str(error)) < _LONGEST_TEXT

    @pytest.mark.usefixtures("hurried")
    def test_R06_a_broken_answer_to_a_write_is_a_lost_one(self, bench: Bench, samples: Samples, case: str) -> None:
        """A write that is answered with something unreadable may have been done: nobody knows, and it says so."""
        at = self._writes_at(bench, samples, None)
        connection = connect(type(self), bench)
        bench.answer(_broken(bench, case), at)
        error = attempt(lambda: self.write(connection, samples), ErpcoreError)
        assert isinstance(error, OutcomeUnknownError | MalformedReplyError), f"{type(error).__name__}: {error}"
        assert len(str(error)) < _LONGEST_TEXT

    def test_R07_a_sign_in_that_has_run_out_is_renewed(self, bench: Bench, samples: Samples) -> None:
        """After a long pause a connection goes on by itself, also where the system has forgotten it before its time."""
        reads, writes = connect(type(self), bench), connect(type(self), bench)
        for known in (True, False) if self.sign_in else (True,):
            for connection in (reads, writes):
                self.read(connection, samples)
            bench.advance(_LONG_PAUSE, known=known)
            assert self.read(reads, samples), "what was there before the pause is not found after it"
            if self.can_write():
                self.write(writes, samples)

    @pytest.mark.usefixtures("hurried")
    def test_R08_nothing_to_read_is_not_the_same_as_nothing_there(
        self, bench: Bench, samples: Samples, case: str
    ) -> None:
        """Whatever is read: a refusal, a fault and an answer of an unknown form are errors, never an empty answer."""
        answers: dict[str, Any] = {
            error.situation: error.answer
            for error in self.native_errors
            if error.situation in ("credentials", "right", "values", "unavailable") and error.of != "write"
        }
        unknown = Answer(body=_UNKNOWN) if isinstance(bench.tap, CallTap) else Answer(200, {}, _UNKNOWN)
        for situation, answer in {**answers, "an unknown form": unknown}.items():
            bench.reset()
            act = self.ready(connect(type(self), bench), case, samples)
            bench.tap.clear()
            assert isinstance(answer, Answer)
            bench.answer(answer)
            given: list[Any] = []
            error = attempt(lambda act=act, given=given: given.append(act()), ErpcoreError)  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            assert error is not None, f"“{situation}” is answered, and {case} gives {given}"
            assert not isinstance(error, PluginContractError), str(error)
            assert isinstance(error, _TOLD_AS.get(situation, ErpcoreError)), f"“{situation}” is told as {error!r}"
        situation, answer = next(iter(answers.items()))
        for words, other in self.otherwise(connect(type(self), bench), case).items():
            bench.tap.clear()
            bench.answer(answer)
            given = []
            error = attempt(lambda other=other, given=given: given.append(other()), ErpcoreError)  # type: ignore[misc] # as above
            assert error is not None, f"“{situation}” is answered, and {case} by {words} gives {given}"

    @pytest.mark.usefixtures("hurried")
    def test_R10_each_write_that_is_refused_says_why(self, bench: Bench, samples: Samples, case: str) -> None:
        """Whatever is written: values that are refused come out as a refusal, with the system's own words."""
        refused = next(each for each in self.native_errors if each.situation == "values" and each.of != "read")
        act = self.ready(connect(type(self), bench), case, samples)
        sent = bench.said(act, watch=True)
        at = next((number for number, request in enumerate(sent) if request.changed), 0)
        bench.reset()
        act = self.ready(connect(type(self), bench), case, samples)
        bench.tap.clear()
        bench.told.clear()
        assert isinstance(refused.answer, Answer)
        bench.answer(refused.answer, at)
        error = attempt(act, ErpcoreError)
        assert isinstance(error, RejectedError | RecordError), f"the values are refused, and {error!r} comes out"
        _keeps_words(error, refused)
        assert not all(each.ok for each in bench.told), "the observer is told that all went well"

    @needs(data=("sign_in",))
    def test_R09_a_sign_in_that_fails_is_told(self, bench: Bench, samples: Samples) -> None:
        """Whatever the sign-in is answered with, a fault, a web page or nothing, is an error that says so, and soon."""
        bench.hurried = True
        assert isinstance(bench.tap, WireTap)
        bodies = {name: Answer(200, {"content-type": "application/json"}, body) for name, body in _BODIES.items()}
        faults = {"unknown form": Answer(200, {}, _UNKNOWN), "unavailable": Answer(503), "refused": Answer(401)}
        for name, answer in {**bodies, **faults}.items():
            bench.reset()
            connection = connect(type(self), bench, tokens=MemoryTokenStore())
            bench.tap.at_sign_in = answer
            before = bench.tap.passed
            error = attempt(lambda connection=connection: self.read(connection, samples), ErpcoreError)  # type: ignore[misc] # mypy cannot infer a lambda's defaults
            if bench.tap.passed == before and not isinstance(error, ConsentNeededError):
                return  # with these settings, or without a person's consent, nobody signs in
            assert error is not None, f"the sign-in is answered with “{name}”, and yet there is a result"
            assert not isinstance(error, PluginContractError), f"the sign-in is answered with “{name}”: {error}"
            assert len(str(error)) < _LONGEST_TEXT
            asked = bench.tap.passed - before
            assert asked <= _MOST_REQUESTS, f"the sign-in is answered with “{name}”, and it was asked {asked} times"

    def _writes_at(self, bench: Bench, samples: Samples, situation: Situation | None) -> int:
        """Which of the write's requests is the one that changes something; those before it only look."""
        connection = connect(type(self), bench)
        sent = bench.said(lambda: self.write(connection, samples, situation), watch=True)
        bench.reset()
        return next((number for number, request in enumerate(sent) if request.changed), 0)

    def _met(self, bench: Bench, samples: Samples, case: ErrorCase) -> ErpcoreError:
        """Meet a native error and give what the plugin makes of it."""
        situation = case.error.situation
        at = self._writes_at(bench, samples, situation) if case.act == "write" else 0
        connection = connect(type(self), bench)
        answer = case.error.answer
        bench.answer(answer if isinstance(answer, Answer) else answer(next(iter(bench.secrets()), "no secret")), at)
        if case.act == "read":
            error = attempt(lambda: self.read(connection, samples), ErpcoreError)
        else:
            error = attempt(lambda: self.write(connection, samples, situation), ErpcoreError)
        assert error is not None, f"the plugin takes the system's “{situation}” for success"
        assert isinstance(error, ErpcoreError)
        assert not isinstance(error, PluginContractError), str(error)
        return error


class ErpErrors(Errors, ErpActing):
    """The plain read and write of an ERP."""

    @classmethod
    def can_write(cls) -> bool:
        """Whether it can make orders, invoices or customers."""
        return any(name in cls.operations() for name in _WRITE_PROBES)

    @classmethod
    def read(cls, connection: Any, samples: Samples) -> Any:
        """Read a customer by its number."""
        return connection.find_customers(CustomerQuery(number=samples.customer_number), context())

    @classmethod
    def write(cls, connection: Any, samples: Samples, situation: Situation | None = None) -> Any:
        """Make an order, or what the plugin can make; change a customer for ``missing``."""
        if situation == "missing" and "update_customer" in cls.operations():
            return connection.update_customer(samples.customer(), Customer(name="Ändrad AB"), context())
        operation = next(name for name in _WRITE_PROBES if name in cls.operations())
        return send(connection, operation, samples.record(WRITES[operation]), samples)

    @needs("create_customer")
    def test_V09_a_refusal_repeats_nobody_s_data(self, bench: Bench, samples: Samples) -> None:
        """What is said of a refusal repeats neither the address nor the telephone nor the e-mail of the record."""
        table = {path: each for path, _, each in entries(self.plugin_class.field_maps, "customer")}
        paths = [path for path in _PERSONAL if isinstance(table.get(path), Field)]
        record = samples.record("customer", *paths)
        values = [str(shown(record, path)[1]) for path in paths]
        sent = bench.said(lambda: send(bench.erp(), "create_customer", record, samples), watch=True)
        at = next((number for number, request in enumerate(sent) if request.changed), 0)
        for native in self.native_errors:
            if native.situation in ("values", "duplicate") and isinstance(native.answer, Answer):
                bench.reset()
                erp = bench.erp()
                bench.answer(native.answer, at)
                error = attempt(lambda erp=erp: send(erp, "create_customer", record, samples), ErpcoreError)  # type: ignore[misc] # mypy cannot infer a lambda's defaults
                repeated = [value for value in values if value in f"{error} {getattr(error, 'args', '')}"]
                assert not repeated, f"the refusal repeats {', '.join(repeated)}: {error}"


def _keeps_words(error: ErpcoreError, native: NativeError) -> None:
    told = error if isinstance(error, RemoteError) else error.__cause__
    if native.text is not None:
        assert native.text in str(error), "the system's own words are lost"
    if native.code is not None:
        assert isinstance(told, RemoteError)
        assert told.vendor_code == native.code, "the system's own code is lost"


def _broken(bench: Bench, case: str) -> Answer:
    if isinstance(bench.tap, CallTap):
        return Answer(body=_RETURNED[case])
    return Answer(200, {"content-type": "application/json"}, _BODIES[case])


def _examples(cls: type[Contract]) -> list[NativeError]:
    """The author's examples, and a gateway's page where the system is spoken to over HTTP."""
    stated = any(error.situation == "gateway" for error in cls.native_errors)
    return [*cls.native_errors, *([] if stated or cls.simulator is None else [_GATEWAY])]
