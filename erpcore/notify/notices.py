"""The round that a worker makes at intervals: see what there is to tell, make messages of it, send what is due."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from erpcore.errors import ErpcoreError
from erpcore.notify.discreet import discreet, discreet_text
from erpcore.notify.letter import PluginOf, letter, words_for
from erpcore.notify.listener import Listener
from erpcore.notify.news import News, due_news, troubles_of
from erpcore.notify.smtp import Envelope, concerns_all, send_mail
from erpcore.problem import Problem
from erpcore.redaction import Redactor
from erpcore.remedy import WHO
from erpcore.settings import Settings
from erpcore.store import (
    Message,
    Named,
    Store,
    add_message,
    causes_of_syncs,
    claim_message,
    drop_message,
    due_messages,
    end_notice,
    failing_connections,
    get_run,
    hold_lease,
    installation_id,
    last_message_at,
    note_sent,
    note_unsent,
    now,
    open_notices,
    put_notice,
    tell_records,
    waiting_for,
)

_log = logging.getLogger(__name__)

_WAITS = (30.0, 300.0, 1800.0, 3600.0)
"""Seconds between the tries of a message; the last is repeated."""
_LEASE_SECONDS = 60.0


class Notices:
    """Tells people and programs what fails. One instance per worker.

    Args:
        settings: Who is told, and how.
        store: The store.
        plugin_of: Gives the plugin of a connection, which may have words of its own.
    """

    def __init__(self, settings: Settings, store: Store, plugin_of: PluginOf) -> None:
        self._settings = settings
        self._store = store
        self._plugin_of = plugin_of
        self._listeners = {name: Listener(name, each, store.clock) for name, each in settings.listeners.items()}
        password = settings.mail.password
        self._redactor = Redactor([] if password is None else [password.get_secret_value()])
        self._watched = {name: targets for name in settings.syncs if (targets := self._targets(name))}

    def close(self) -> None:
        """Close the connections to listeners."""
        for listener in self._listeners.values():
            listener.close()

    def round(self) -> dict[str, ErpcoreError | None]:
        """Make messages of what is new, and send what is due.

        Returns:
            What was tried, ``mail`` or the name of a listener, and what went wrong; None when it went well.
        """
        if not self._watched:
            return {}
        self.compose()
        return self.deliver()

    def compose(self) -> None:
        """Make messages of what is new; one worker at a time."""
        with self._store.read() as connection:
            if not any(self._due(connection).values()):
                return
        try:
            with hold_lease(self._store, "notices", seconds=_LEASE_SECONDS, wait=0), self._store.begin() as connection:
                for sync, news in self._due(connection).items():
                    self._compose(connection, sync, news)
        except TimeoutError:
            return  # another worker is doing it

    def deliver(self) -> dict[str, ErpcoreError | None]:
        """Send every message whose time has come; see `round`."""
        with self._store.read() as connection:
            due = due_messages(connection)
        tried: dict[str, ErpcoreError | None] = {}
        for message in due:
            about = "mail" if message.channel == "mail" else message.address
            if tried.get(about) is not None:
                continue  # it has just failed; the others were put off with it, or have their turn in the next round
            with self._store.begin() as connection:
                if not self._is_wanted(message):
                    drop_message(connection, message)
                    continue
                if not claim_message(connection, message):
                    continue
                name = f"{installation_id(connection)}-{message.id}"
            tried[about] = self._deliver(message, name)
        return tried

    def _targets(self, sync: str) -> list[tuple[str, str]]:
        """Give everybody who is told of a sync, as channel and address."""
        mails = [("mail", address) for address in self._settings.syncs[sync].mail_to]
        programs = [
            ("listener", name)
            for name, each in self._settings.listeners.items()
            if not each.syncs or sync in each.syncs
        ]
        return [*mails, *programs]

    def _is_wanted(self, message: Message) -> bool:
        return (message.channel, message.address) in self._watched.get(message.sync, ())

    def _due(self, connection: sa.Connection) -> dict[str, list[News]]:
        """Decide what is to be told now, by sync."""
        at = now(connection)
        causes = causes_of_syncs(connection, list(self._watched))
        failing = failing_connections(connection)
        known = open_notices(connection)
        due = {}
        for sync in self._watched:
            rules = self._settings.syncs[sync]
            told = [notice for notice in known if notice.sync == sync]
            keys = {notice.cause for notice in told}
            troubles = troubles_of(sync, (rules.crm, rules.erp), causes, failing, keys, at, self._settings.mail)
            due[sync] = due_news(troubles, told, last_message_at(connection, sync), at, self._settings.mail)
        return due

    def _compose(self, connection: sa.Connection, sync: str, news: Sequence[News]) -> None:
        failing = {each.connection for each in failing_connections(connection)}
        bodies = [body for each in news if (body := self._body(connection, sync, each, failing)) is not None]
        if not bodies:
            return
        for channel, address in self._watched[sync]:
            if channel == "mail":
                add_message(connection, sync=sync, channel="mail", address=address, body={"news": bodies})
                continue
            for body in bodies:
                add_message(connection, sync=sync, channel="listener", address=address, body={"news": [body]})

    def _body(self, connection: sa.Connection, sync: str, news: News, failing: set[str]) -> dict[str, Any] | None:
        """Note that something is told, and give it as it is kept; None when there is nothing to say of it."""
        if news.kind == "over":
            assert news.problem is not None  # noqa: S101  it was kept when people were told of it
            count, shown = end_notice(connection, sync, news.cause)
            problem = news.problem
            is_well = problem.is_of_the_connection and problem.connection not in failing
            if not (count or is_well):
                return None  # its records wait for something else by now
            new, shown_of = 0, count
        else:
            problem = discreet(news.problem or self._problem_of(connection, news))
            put_notice(connection, sync, news.cause, since=news.since, problem=problem)
            fresh = tell_records(connection, sync, news.cause)
            count, standing = waiting_for(connection, sync, news.cause)
            new, shown = news.untold, fresh or standing
            shown_of = news.untold if fresh else count
        return {
            "kind": news.kind,
            "cause": news.cause,
            "since": news.since.astimezone(UTC).isoformat(timespec="seconds"),
            "problem": problem.model_dump(mode="json", exclude_none=True),
            "count": count,
            "new": new,
            "shown_of": shown_of,
            "records": [_shown(each) for each in shown],
        }

    def _problem_of(self, connection: sa.Connection, news: News) -> Problem:
        problem = None if news.run_id is None else get_run(connection, news.run_id).problem
        return problem or Problem(error_class="GivenUp", message="")

    def _deliver(self, message: Message, name: str) -> ErpcoreError | None:
        try:
            if message.channel == "mail":
                self._mail(message, name)
            else:
                self._listeners[message.address].deliver(f"msg_{name}", self._payload(message))
        except ErpcoreError as error:
            self._redactor.error(error)
            wait = timedelta(seconds=_WAITS[min(message.tries, len(_WAITS) - 1)])
            whole = message.channel == "listener" or concerns_all(error)
            with self._store.begin() as connection:
                note_unsent(connection, message, str(error), wait=wait, others_too=whole)
            return error
        with self._store.begin() as connection:
            note_sent(connection, message)
        _log.info("%s: a message about sync %s was sent to %s", message.channel, message.sync, message.address)
        return None

    def _mail(self, message: Message, name: str) -> None:
        rules = self._settings.syncs[message.sync]
        written = letter(message.sync, message.body["news"], rules.language, rules.time_zone, self._plugin_of)
        send_mail(self._settings.mail, written, Envelope(message.address, name, message.made_at), beside=self._beside)

    @property
    def _beside(self) -> Path:
        return Path() if self._settings.file is None else self._settings.file.absolute().parent

    def _payload(self, message: Message) -> Mapping[str, Any]:
        (news,) = message.body["news"]
        problem = Problem.model_validate(news["problem"])
        remedy = words_for(problem, self._plugin_of)
        data = {
            "sync": message.sync,
            **{name: news[name] for name in ("cause", "since", "count", "new", "records")},
            "label": remedy.label,
            "meaning": remedy.meaning,
            "steps": list(remedy.steps),
            "mended_by": WHO[remedy.who],
            "error": problem.error_class,
            "message": problem.message,
            "connection": problem.connection,
            "vendor_text": problem.vendor_text,
            "vendor_code": problem.vendor_code,
        }
        at = message.made_at.astimezone(UTC).isoformat(timespec="seconds")
        return {"type": f"cause.{news['kind']}", "timestamp": at, "data": data}


def _shown(record: Named) -> dict[str, Any]:
    told = asdict(record)
    told["run"] = told.pop("run_id")
    for name in ("name", "customer"):
        told[name] = None if told[name] is None else discreet_text(told[name])
    return told
