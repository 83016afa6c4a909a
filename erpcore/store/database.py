"""Opening the store: one database, SQLite by default, PostgreSQL for many workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from erpcore.errors import ConfigurationError
from erpcore.host import SYSTEM_CLOCK, Clock
from erpcore.store.clock import CLOCK_OPTION, RANDOM_OPTION
from erpcore.store.failures import store_failure
from erpcore.store.installation import installation_id
from erpcore.store.keys import KeyFile, KeyPlace, SystemKeyring
from erpcore.store.migrate import check_schema, migrate
from erpcore.store.postgres import make_postgres_engine
from erpcore.store.schema import whole_schema
from erpcore.store.sqlite import Synchronous, make_memory_engine, make_sqlite_engine, sqlite_path
from erpcore.store.vault import Vault, find_keys

Observer = Callable[[Literal["begin", "read"]], AbstractContextManager[None]]
"""What a transaction happens inside of: a simulation stops there, and lets the store be away.

Entered before a transaction begins, and left after its commit or rollback, with the error that ended it.
"""


class Store:
    """erpcore's database.

    Args:
        engine: From `make_engine`; its schema is up to date.
        key: Keys of the vault as given to `open_store`.
        keyring: Whether the vault's key is in the system's keyring rather than in a file beside a SQLite store.
        clock: For waits, and where the database does not tell the time.
        observer: Put around each transaction.

    Attributes:
        clock: The same.
        random: What ids and waits are drawn from.
    """

    def __init__(
        self,
        engine: sa.Engine,
        *,
        key: str | None = None,
        keyring: bool = False,
        clock: Clock = SYSTEM_CLOCK,
        observer: Observer = lambda kind: nullcontext(),
    ) -> None:
        self.engine = engine
        self.key = key
        self._keyring = keyring
        self.clock = clock
        self.random: Random = engine.get_execution_options()[RANDOM_OPTION]
        self._observer = observer
        self._file = _identity(self.path)

    @cached_property
    def _reading(self) -> sa.Engine:
        return self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a file, and so belongs to one worker."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL and in memory."""
        return sqlite_path(self.engine.url) if self.is_sqlite and self.engine.url.database else None

    @property
    def is_gone(self) -> bool:
        """Whether the SQLite file that was opened is no longer where it was: deleted, moved, or replaced by another.

        Its connections would go on in the old file, which nobody sees any more.
        """
        return self._file is not None and _identity(self.path) != self._file

    @contextmanager
    def begin(self, *, lasting: bool = True) -> Iterator[sa.Connection]:
        """A transaction that may write: committed at the end, rolled back when an error leaves it.

        On SQLite it holds the file's only write lock from its first moment, so that what it read is still true when
        it writes. Never wait for a network inside.

        Args:
            lasting: False where a power cut may undo what was committed: nobody waits for the disk then.
        """
        with (
            self._observer("begin"),
            self.engine.connect() as connection,
            nullcontext() if lasting else self._written_later(connection),
            connection.begin(),
        ):
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif not lasting:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            yield connection

    @contextmanager
    def _written_later(self, connection: sa.Connection) -> Iterator[None]:
        """Let SQLite write what is committed inside the block to the disk when it comes to it."""
        if not self.is_sqlite:
            yield
            return
        # Beside SQLAlchemy, which would begin a transaction, in which this cannot be changed.
        driver = connection.connection.dbapi_connection
        assert driver is not None  # noqa: S101  just connected
        (usual,) = driver.execute("PRAGMA synchronous").fetchone()
        driver.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            driver.execute(f"PRAGMA synchronous={usual}")

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading; no writer waits for it.

        On SQLite it sees one state of the file, on PostgreSQL each statement what is committed when it begins: the same
        as in a transaction there, without the round trips that begin and end one.
        """
        with self._observer("read"), self._reading.connect() as connection:
            yield connection

    @cached_property
    def vault(self) -> Vault:
        """What encrypts tokens and secrets, with a key that is known to fit this store.

        Raises:
            ConfigurationError: There is no key, or it does not fit.
        """
        place = self.key_place()
        with self.begin() as connection:
            vault = Vault(find_keys(connection, self.key, place))
            vault.check(connection)
        return vault

    def key_place(self) -> KeyPlace | None:
        """Give where keys are kept that nobody gives; None on PostgreSQL and in memory, where no file is beside."""
        if self._keyring:
            with self.begin() as connection:
                return SystemKeyring(installation_id(connection))
        return None if self.path is None else KeyFile.beside(self.path)

    def unlock(self) -> None:
        """Make sure that the vault has a key that fits, before anybody depends on it.

        Raises:
            ConfigurationError: There is no key, or it does not fit.
        """
        _ = self.vault

    def close(self) -> None:
        """Close every connection; one that a thread still uses is closed when it is given back."""
        # `dispose` sees only those that nobody uses; the others would go back to a pool that nobody closes any more.
        sa.event.listen(self.engine, "checkin", _close_for_good)
        self.engine.dispose()


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Tell a file from any other that may stand in its place; None where there is none."""
    try:
        found = None if path is None else path.stat()
    except FileNotFoundError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


def _close_for_good(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _options(clock: Clock | None, random: Random | None) -> dict[str, Any]:
    carried = {CLOCK_OPTION: clock, RANDOM_OPTION: random or SystemRandom()}
    # What a statement was given is events, customers and tokens, and an error's text goes to logs, stories and e-mail.
    return {"execution_options": carried, "hide_parameters": True}


def make_engine(
    url: str,
    *,
    synchronous: Synchronous = "FULL",
    pool_size: int = 20,
    clock: Clock | None = None,
    random: Random | None = None,
) -> sa.Engine:
    """The engine for an address, with the settings that DBOS needs as well.

    Args:
        url: ``sqlite:///file.db``, ``postgresql://user:password@host/name``.
        synchronous: SQLite's; see `erpcore.store.sqlite.Synchronous`.
        pool_size: Connections that are kept open.
        clock: A test's clock; without it the database's.
        random: A test's randomness; without it the machine's.

    Raises:
        ConfigurationError: The address is of no known kind, or its driver is not installed.
    """
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError(
            "the address of the store cannot be read.",
            setting="store",
            advice="Write it as sqlite:///erpcore.db or postgresql://user:password@host/name.",
        ) from error
    options = _options(clock, random)
    if address.get_backend_name() == "sqlite":
        return make_sqlite_engine(address, synchronous=synchronous, pool_size=pool_size, **options)
    if address.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(
            f"a store on {address.get_backend_name()} is not supported.",
            setting="store",
            advice="Use sqlite:///erpcore.db or postgresql://user:password@host/name.",
        )
    return make_postgres_engine(address, pool_size=pool_size, **options)


def is_missing(url: str) -> bool:
    """Tell whether a store is a SQLite file that is not there yet.

    Args:
        url: As for `open_store`, and an address.
    """
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite":
        return False
    path = sqlite_path(address)
    return path.parent.is_dir() and not path.exists()  # a folder that is missing is a wrong address


def open_store(
    url: str,
    *,
    key: str | None = None,
    keyring: bool = False,
    synchronous: Synchronous = "FULL",
    pool_size: int = 20,
    clock: Clock | None = None,
    random: Random | None = None,
) -> Store:
    """Open the store; a SQLite file is made and migrated when needed.

    Args:
        url: ``sqlite:///file.db``, ``postgresql://user:password@host/name``.
        key: Keys of the vault, separated by commas, the first encrypts. Without it the environment's
            ``ERPCORE_KEY``, and beside a SQLite file a key file.
        keyring: Look for the keys in the system's keyring rather than in a key file.
        synchronous: SQLite's; see `erpcore.store.sqlite.Synchronous`.
        pool_size: Connections that are kept open.
        clock: A test's clock; without it the database's, and the machine's for waits.
        random: A test's randomness; without it the machine's.

    Raises:
        ConfigurationError: The address is wrong, the database is out of reach, or its schema is not this version's.
    """
    engine = make_engine(url, synchronous=synchronous, pool_size=pool_size, clock=clock, random=random)
    try:
        if engine.dialect.name == "sqlite":
            migrate(engine)
        else:
            check_schema(engine)
    except sa.exc.SQLAlchemyError as error:
        engine.dispose()
        raise store_failure(error, f"the store {engine.url.render_as_string(hide_password=True)}") from error
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, key=key, keyring=keyring, clock=clock or SYSTEM_CLOCK)


def open_memory_store(
    *,
    key: str | None = None,
    clock: Clock = SYSTEM_CLOCK,
    random: Random | None = None,
    observer: Observer = lambda kind: nullcontext(),
) -> Store:
    """Open a store in memory, for simulations, and for commands that only read where there is no store yet.

    It ends with the process, so no ledger that counts may lie in it.

    It has one connection, which every transaction uses: one begins only after the one before has ended.

    Args:
        key: Keys of the vault.
        clock: Time.
        random: What ids and waits are drawn from.
        observer: Put around each transaction.
    """
    engine = make_memory_engine(**_options(clock, random))
    whole_schema("sqlite").create_all(engine)
    return Store(engine, key=key, clock=clock, observer=observer)


def upgrade(url: str) -> list[str]:
    """Bring the tables of a store up to this version; what ``erpcore db upgrade`` does.

    Args:
        url: Address of the store.

    Returns:
        The migrations that were applied, oldest first; empty when it was up to date.

    Raises:
        ConfigurationError: The address is wrong, the database cannot be used, or the store was made by a newer version.
    """
    engine = make_engine(url)
    try:
        return migrate(engine)
    except sa.exc.SQLAlchemyError as error:
        raise store_failure(error, f"the store {engine.url.render_as_string(hide_password=True)}") from error
    finally:
        engine.dispose()
