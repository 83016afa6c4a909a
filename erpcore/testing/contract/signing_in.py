"""Rules H07 to H09: a token is a secret, belongs to whoever bought it, and lasts by the host's clock."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from weakref import WeakSet

import pytest
from pydantic import SecretStr, ValidationError

from erpcore import redaction
from erpcore.connection import Connection
from erpcore.errors import ErpcoreError
from erpcore.host import MemoryTokenStore, Token
from erpcore.testing.bench import CONNECTION, Bench, attempt
from erpcore.testing.contract.acting import Acting
from erpcore.testing.contract.base import connect, needs, words_of
from erpcore.testing.samples import Samples
from erpcore.testing.tap import Answer, Sent, WireTap

_SHORTEST_TOKEN = 8
_AHEAD = 7 * 86_400.0
"""Seconds that the host's clock is ahead of the machine's."""
_AFTER = 60.0


class SigningIn(Acting):
    """The rules; they apply when `Contract.sign_in` says what the sign-in is."""

    @needs(data=("sign_in",))
    def test_H07_a_bought_token_is_kept_secret(
        self, bench: Bench, samples: Samples, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A token, bought or taken from the store, is hidden in errors, logs and told requests as every secret is."""
        caplog.set_level(logging.DEBUG)
        assert isinstance(bench.tap, WireTap)
        bench.hurried = True
        store = bench.new_tokens(CONNECTION)
        for how in ("bought", "taken from the store"):
            # What other connections know as a secret is hidden everywhere, so that they must not be there.
            with patch.object(redaction, "_LIVE", WeakSet[redaction.Redactor]()):
                connection = connect(type(self), bench, tokens=store)
                bench.tap.clear()
                if how == "bought":
                    self.ready(connection, self.reads()[0], samples)()
                for token in _bought(bench.tap, store.load(CONNECTION)):
                    self._planted(bench, connection, samples, token, how, caplog)
        self._planted_at_once(bench, samples, caplog)

    def _planted_at_once(self, bench: Bench, samples: Samples, caplog: pytest.LogCaptureFixture) -> None:
        """Let the very first answer after the sign-in repeat what was bought."""
        assert isinstance(bench.tap, WireTap)
        tap, store = bench.tap, bench.new_tokens(CONNECTION)
        bought: list[str] = []

        def repeating(at: int, sent: Sent) -> Answer | None:
            bought[:] = _bought(tap, store.load(CONNECTION))
            return Answer(502, {"content-type": "text/html"}, f"<html>Not with {' '.join(bought)}</html>")

        with patch.object(redaction, "_LIVE", WeakSet[redaction.Redactor]()):
            act = self.ready(connect(type(self), bench, tokens=store), self.reads()[0], samples)
            tap.clear()
            bench.told.clear()
            caplog.clear()
            tap.script = repeating
            error = attempt(act, ErpcoreError)
        assert error is not None, "the system refuses, and yet there is a result"
        for token in bought:
            _is_hidden(bench, error, token, "just bought", caplog)

    def _planted(
        self,
        bench: Bench,
        connection: Connection[Any],
        samples: Samples,
        token: str,
        how: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Let the system repeat a token in what it says, and look for it."""
        act = self.ready(connection, self.reads()[0], samples)
        repeating = [each.answer for each in self.native_errors if each.situation == "secret"]
        answers = [answer(token) for answer in repeating if not isinstance(answer, Answer)]
        answers.append(Answer(502, {"content-type": "text/html"}, f"<html>Not with {token}</html>"))
        for answer in answers:
            bench.tap.clear()
            bench.told.clear()
            caplog.clear()
            bench.answer(answer)
            error = attempt(act, ErpcoreError)
            assert error is not None, "the system refuses, and yet there is a result"
            _is_hidden(bench, error, token, how, caplog)

    @needs(data=("sign_in",))
    def test_H08_a_token_of_others_is_not_used(self, bench: Bench, samples: Samples) -> None:
        """A token that was bought with other settings, such as another user's, is not used; a new one is bought."""
        assert isinstance(bench.tap, WireTap)
        first = connect(type(self), bench)
        bench.tap.clear()
        self.ready(first, self.reads()[0], samples)()
        token = first.plugin.host.tokens.load(CONNECTION)
        if token is None:
            return  # rule H03 tells
        for changes in _others(first.plugin.settings, " ".join(bench.tap.sign_ins)):
            store = MemoryTokenStore()
            store.save(CONNECTION, token)
            try:
                second = connect(type(self), bench, tokens=store, **changes)
            except ValidationError:
                continue  # the setting takes few values, and not this one
            bench.tap.clear()
            act = self.ready(second, self.reads()[0], samples)
            attempt(act, ErpcoreError)
            used = any(token.access_token in carried for carried in bench.tap.carried)
            assert not used, (
                f"the settings name another {' and '.join(changes)}, and the token that was bought before is used: "
                "compare `Token.bought_for`"
            )

    @needs(data=("sign_in",))
    def test_H09_a_token_lasts_by_the_host_s_clock(self, bench: Bench, samples: Samples) -> None:
        """A token is used until the host's clock says that it is over, and not after; no other clock is looked at."""
        assert isinstance(bench.tap, WireTap)
        bench.advance(_AHEAD)
        connection = connect(type(self), bench)
        self.ready(connection, self.reads()[0], samples)()
        token = connection.plugin.host.tokens.load(CONNECTION)
        if token is None or token.expires_at is None:
            return  # rule H03 tells; or the system does not say how long it lasts
        assert token.expires_at > bench.now(), "by the host's clock, a token is over when it has just been bought"
        bought = bench.tap.passed
        act = self.ready(connection, self.reads()[0], samples)
        act()
        assert bench.tap.passed == bought, "a token is bought anew, though by the host's clock the last one is good"
        bench.advance((token.expires_at - bench.now()).total_seconds() + _AFTER)
        bench.tap.clear()
        act()
        used = any(token.access_token in carried for carried in bench.tap.carried)
        assert not used, "by the host's clock the token is over, and it is used: look at `host.clock`, and no other"


def _is_hidden(bench: Bench, error: BaseException, token: str, how: str, caplog: pytest.LogCaptureFixture) -> None:
    said = {"the error": words_of(error), "the log": [caplog.text], "a told request": [repr(bench.told)]}
    shown = [place for place, texts in said.items() if any(token in text for text in texts)]
    assert not shown, (
        f"a token that was {how} can be read in {' and '.join(shown)}: give each one to the redactor "
        "(`redactor.add(token, passing=True)`) before it is used"
    )


def _bought(tap: WireTap, stored: Token | None) -> list[str]:
    """Give the tokens that stand in the store, and those that a sign-in gave and later requests carried."""
    kept = [] if stored is None else [stored.access_token, stored.refresh_token or ""]
    given = [text for text in tap.given if any(text in carried for carried in tap.carried)]
    return list(dict.fromkeys(each for each in (*kept, *given) if len(each) >= _SHORTEST_TOKEN))


def _others(settings: Any, said: str) -> Iterator[dict[str, Any]]:
    """Give changes that make the settings somebody else's: each word that the sign-in was told and that is no secret.

    Where it was told secrets alone, all of them are changed at once: of one alone nobody knows whether it names
    somebody or only proves it.
    """
    open_words: dict[str, Any] = {}
    secrets: dict[str, Any] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(plain, str) or len(plain) < 2 or "://" in plain or plain not in said:
            continue
        (secrets if isinstance(value, SecretStr) else open_words)[name] = _another(plain)
    if open_words:
        yield from ({name: value} for name, value in open_words.items())
    elif secrets:
        yield secrets


def _another(text: str) -> str:
    """Give another word of the same form: its last letter or digit is another one."""
    last = text[-1]
    other = chr(ord(last) - 1) if last in "9zZ" else chr(ord(last) + 1) if last.isalnum() else last + "1"
    return text[:-1] + other
