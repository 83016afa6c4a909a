"""Links by which somebody elsewhere gives a consent: for one connection, for one day, once.

Of a link only a digest is kept, and so of the question that its page asks and of the browser that asks it: whoever
reads the store cannot use them.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from erpcore.store.clock import now
from erpcore.store.schema import consents

VALID = timedelta(days=1)
"""How long a link can be used."""


@dataclass(frozen=True)
class ConsentLink:
    """One link. Times are aware, in UTC.

    Attributes:
        digest: Of its secret part.
        connection: Name of the connection that the consent is for.
        made_by: Who asks for it.
        made_at: Since when.
        expires_at: Until when it can be used.
        redirect_uri: Where the system sends the person back to.
        used_at: When it was used.
    """

    digest: str
    connection: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    redirect_uri: str
    used_at: datetime | None


def make_consent_link(connection: sa.Connection, owner: str, *, person: str, redirect_uri: str) -> str:
    """Make a link, in place of those of the connection that were made before.

    Args:
        connection: Of a writing transaction.
        owner: Name of the connection that the consent is for.
        person: Who asks for it.
        redirect_uri: Where the system sends the person back to.

    Returns:
        Its secret part: 256 bits.
    """
    secret, at = secrets.token_urlsafe(32), now(connection)
    connection.execute(sa.delete(consents).where(sa.or_(consents.c.connection == owner, consents.c.expires_at < at)))
    values = {"connection": owner, "made_by": person, "made_at": at, "redirect_uri": redirect_uri}
    connection.execute(sa.insert(consents).values(digest=_digest(secret), expires_at=at + VALID, **values))
    return secret


def consent_link(connection: sa.Connection, secret: str) -> ConsentLink | None:
    """Give the link of a secret part; None when there is none, or its day is over."""
    return _found(connection, consents.c.digest == _digest(secret))


def begin_consent(connection: sa.Connection, link: ConsentLink, *, state: str, browser: str) -> None:
    """Bind a link to a question that is going to be asked, and to the browser that asks it.

    Args:
        connection: Of a writing transaction.
        link: The link; what it was bound to before no longer counts.
        state: Comes back with the answer.
        browser: Secret of the browser.
    """
    values = {"state": _digest(state), "browser": _digest(browser)}
    connection.execute(sa.update(consents).where(consents.c.digest == link.digest).values(**values))


def answered_link(connection: sa.Connection, *, state: str, browser: str) -> ConsentLink | None:
    """Give the link whose question an answer belongs to; None when it is nobody's, or came to another browser."""
    return _found(connection, consents.c.state == _digest(state), consents.c.browser == _digest(browser))


def use_consent_link(connection: sa.Connection, link: ConsentLink) -> bool:
    """Use a link up, in the transaction that keeps what it gave; whether it was there to be used."""
    mine = (consents.c.digest == link.digest, consents.c.used_at.is_(None))
    return connection.execute(sa.update(consents).where(*mine).values(used_at=now(connection))).rowcount == 1


def _found(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> ConsentLink | None:
    columns = [consents.c[name] for name in ConsentLink.__dataclass_fields__]
    row = connection.execute(sa.select(*columns).where(*where, consents.c.expires_at > now(connection))).one_or_none()
    return None if row is None else ConsentLink(**row._mapping)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
