"""Messages to people and programs that wait to be sent, and what became of them.

Whoever sends a message claims it first, which moves the time of its next try. So two workers do not send it at the same
time, and one that was killed in the middle has left it to be tried again. A message that was taken by the other side
just before the kill is sent a second time then: nobody can tell. It has the same id, by which it can be recognised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.rows import add
from erpcore.store.schema_notices import messages

Channel = Literal["mail", "listener"]

_CLAIMED = timedelta(minutes=10)
"""How long a message is in the hand of who claimed it; longer than a mail server may take."""


@dataclass(frozen=True)
class Message:
    """One message to one address. Times are aware, in UTC.

    Attributes:
        id: Our own number of it.
        sync: Name of the sync that it is about.
        channel: How it goes.
        address: Of a mail, or the listener's name.
        body: What is told (JSON values).
        made_at: When it was made.
        due_at: When it is tried next.
        tries: How often it was tried.
        sent_at: When it was sent; None while it waits.
        error: Why the last try failed.
    """

    id: int
    sync: str
    channel: Channel
    address: str
    body: Mapping[str, Any]
    made_at: datetime
    due_at: datetime
    tries: int
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True)
class Unsent:
    """Messages of one kind that could not be sent.

    Attributes:
        channel: How they go.
        address: The listener's name; for mails that of the first.
        count: How many.
        since: When the oldest was made, aware, in UTC.
        error: Why the last try failed.
    """

    channel: Channel
    address: str
    count: int
    since: datetime
    error: str


def add_message(
    connection: sa.Connection, *, sync: str, channel: Channel, address: str, body: Mapping[str, Any]
) -> None:
    """Put a message where it waits to be sent.

    Args:
        connection: Of a writing transaction.
        sync: Name of the sync that it is about.
        channel: How it goes.
        address: Of a mail, or the listener's name.
        body: What is told (JSON values), without secrets.
    """
    at = now(connection)
    values = {"sync": sync, "channel": channel, "address": address, "body": body}
    add(connection, messages, {**values, "made_at": at, "due_at": at, "tries": 0})


def last_message_at(connection: sa.Connection, sync: str) -> datetime | None:
    """Give when the newest message about a sync was made; None when there is none."""
    newest = sa.select(sa.func.max(messages.c.made_at)).where(messages.c.sync == sync)
    found: datetime | None = connection.execute(newest).scalar_one()
    return found


def due_messages(connection: sa.Connection, *, limit: int = 50) -> list[Message]:
    """Give messages whose time has come, the oldest first.

    Args:
        connection: Of a transaction.
        limit: At most so many.
    """
    where = (messages.c.sent_at.is_(None), messages.c.due_at <= now(connection))
    return _messages(connection, sa.select(messages).where(*where).order_by(messages.c.id).limit(limit))


def list_messages(connection: sa.Connection, *, number: int | None = None, limit: int | None = 20) -> list[Message]:
    """Give messages, the newest first.

    Args:
        connection: Of a transaction.
        number: Only the one of this number.
        limit: At most so many.
    """
    wanted = sa.select(messages) if number is None else sa.select(messages).where(messages.c.id == number)
    return _messages(connection, wanted.order_by(messages.c.id.desc()).limit(limit))


def claim_message(connection: sa.Connection, message: Message) -> bool:
    """Take a message into the hand, to send it.

    Args:
        connection: Of a writing transaction.
        message: As it was read.

    Returns:
        Whether it is the caller's now; if not, somebody else has it.
    """
    where = (messages.c.id == message.id, messages.c.tries == message.tries, messages.c.sent_at.is_(None))
    values = {"tries": message.tries + 1, "due_at": now(connection) + _CLAIMED}
    return connection.execute(sa.update(messages).where(*where).values(**values)).rowcount == 1


def note_sent(connection: sa.Connection, message: Message) -> None:
    """A message was sent.

    Args:
        connection: Of a writing transaction.
        message: As it was claimed.
    """
    change = sa.update(messages).where(messages.c.id == message.id)
    connection.execute(change.values(sent_at=now(connection), error=None))


def drop_message(connection: sa.Connection, message: Message) -> None:
    """A message is not wanted any more: nobody gets it.

    Args:
        connection: Of a writing transaction.
        message: As it was read.
    """
    connection.execute(sa.delete(messages).where(messages.c.id == message.id))


def note_unsent(
    connection: sa.Connection, message: Message, error: str, *, wait: timedelta, others_too: bool = False
) -> None:
    """A message could not be sent: it is tried again, until it is deleted by age.

    Args:
        connection: Of a writing transaction.
        message: As it was claimed.
        error: Why, in words, without secrets.
        wait: How long until the next try.
        others_too: It would be the same for the other messages on the way to the same place: they wait as long.
    """
    until = now(connection) + wait
    same = (messages.c.id == message.id, messages.c.tries == message.tries + 1)
    connection.execute(sa.update(messages).where(*same).values(error=error, due_at=until))
    if others_too:
        others = [messages.c.channel == message.channel, messages.c.sent_at.is_(None), messages.c.due_at < until]
        if message.channel == "listener":
            others.append(messages.c.address == message.address)
        connection.execute(sa.update(messages).where(*others).values(due_at=until))


def unsent_messages(connection: sa.Connection) -> list[Unsent]:
    """Give what could not be sent and is tried again: mails together, and each listener's."""
    by_listener = sa.case((messages.c.channel == "mail", ""), else_=messages.c.address)
    columns = (
        messages.c.channel,
        sa.func.min(messages.c.address).label("address"),
        sa.func.count().label("many"),
        sa.func.min(messages.c.made_at).label("since"),
        sa.func.max(messages.c.id).label("newest"),
    )
    where = (messages.c.error.is_not(None), messages.c.sent_at.is_(None))
    found = sa.select(*columns).where(*where).group_by(messages.c.channel, by_listener)
    why = sa.select(messages.c.error)
    return [
        Unsent(
            row.channel,
            row.address,
            row.many,
            row.since,
            connection.execute(why.where(messages.c.id == row.newest)).scalar_one(),
        )
        for row in connection.execute(found).all()
    ]


def _messages(connection: sa.Connection, statement: sa.Select[Any]) -> list[Message]:
    return [Message(**row._mapping) for row in connection.execute(statement).all()]
