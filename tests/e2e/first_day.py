"""The first day of an installation, mistakes and all, and the days on which something is wrong.

One script with the installed command, from an empty folder on; ``python -m tests.e2e.first_day`` prints what a person
sees.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

PROGRAM = Path(sys.executable).with_name("erpcore")
KEY = "11111111-1111-4111-8111-111111111111"
SECRET = "demo-secret"
TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Shown:
    """What a command printed, and its exit code."""

    code: int
    text: str

    @property
    def words(self) -> str:
        """The text as one line, as a reader takes it in."""
        return " ".join(self.text.split())


@dataclass
class Day:
    """A folder with an installation in it, two simulated systems and perhaps a worker.

    Attributes:
        folder: Where everything is kept; empty at first.
        tell: Is given each command and what it printed.
        processes: Those that go on, by name.
        ports: Where the systems, and the command that waits for a consent, are reached.
        spare: Connections that a browser keeps open and uses for nothing.
    """

    folder: Path
    tell: Callable[[str], None]
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    spare: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ports = dict(zip(("lime_go", "fortnox", "consent"), free_ports(3), strict=True))

    def erpcore(
        self, *arguments: str, typed: str = "", program: Sequence[str] = (str(PROGRAM),), **variables: str
    ) -> Shown:
        """Run a command to its end, and tell what it printed."""
        done = subprocess.run(
            [*program, *arguments],
            cwd=self.folder,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            env=_environment(variables),
            check=False,
        )
        piped = f"echo {typed.strip()} | " if typed else ""
        self.tell(f"$ {piped}erpcore {' '.join(arguments)}\n{done.stdout.rstrip()}\n[exit code {done.returncode}]\n")
        assert TRACEBACK not in done.stdout, done.stdout
        return Shown(done.returncode, done.stdout)

    def start(self, name: str, *arguments: str, says: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command that goes on, and wait until it says that it is ready."""
        log = self.folder / f"{name}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [PROGRAM, *arguments], cwd=self.folder, stdout=file, stderr=file, text=True, env=_environment(variables)
            )
        self.processes[name] = process
        self.until(lambda: says in log.read_text() or process.poll() is not None)
        assert says in log.read_text(), log.read_text()
        self.tell(f"$ erpcore {' '.join(arguments)} &\n")
        return process

    def simulate(self, system: str, *options: str) -> None:
        """Start a system's simulator, with what it begins with."""
        self.start(system, "simulate", system, "--port", str(self.ports[system]), *options, says="Ctrl-C ends it")

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes.pop(name).wait(10)
        self.tell(f"(the {name} is gone)\n")

    def end(self) -> None:
        """End whatever still runs."""
        for process in self.processes.values():
            process.kill()
            process.wait(10)
        self.processes.clear()

    def simulated(self, system: str, action: str, **values: object) -> None:
        """Have somebody do something in a system."""
        url = f"http://127.0.0.1:{self.ports[system]}/_simulator/{action}"
        urllib.request.urlopen(url, json.dumps(values).encode(), timeout=10).close()
        self.tell(f"(in {system}: {action} {values})\n")

    def win(self, deal: int) -> None:
        """Be the salesperson who wins a deal."""
        self.simulated("lime_go", "win_deal", deal_id=deal)

    def level_of(self, subject: str) -> str:
        """Give the worst that the status says of a connection, or of the worker."""
        levels = [sign["level"] for sign in self.status()["signs"] if sign["subject"] == subject]
        return max(levels, key=("well", "warning", "critical").index)

    def status(self) -> dict[str, Any]:
        """Read what a program sees, without telling it."""
        shown = subprocess.run(
            [PROGRAM, "status", "--json"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            env=_environment({}),
            check=True,
        )
        told: dict[str, Any] = json.loads(shown.stdout)
        return told

    def until(self, there: Callable[[], bool], seconds: float = 90) -> None:
        """Wait until something is so."""
        end = time.monotonic() + seconds
        while not there():
            assert time.monotonic() < end, "it did not come to be in time"
            time.sleep(0.2)

    # --- the story

    def mistyped_key(self) -> tuple[Shown, Shown, Shown]:
        """Connect the CRM with a wrong key; look; connect with the right one."""
        wrong = self.erpcore("connect", "lime_go", typed="wrongkey-wrongkey-wrongkey\n")
        between = self.erpcore("check", "lime_go")
        return wrong, between, self.erpcore("connect", "lime_go", typed=f"{KEY}\n")

    def consent(self, *visits: Callable[[str], str]) -> tuple[Shown, list[str]]:
        """Connect the ERP; the browser makes these visits with the address of the consent page."""
        waiting = subprocess.Popen(
            [PROGRAM, "connect", "fortnox", "--no-browser", "--port", str(self.ports["consent"])],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=_environment({"COLUMNS": "1000"}),
        )
        assert waiting.stdin is not None
        assert waiting.stdout is not None
        waiting.stdin.write(f"{SECRET}\n")
        waiting.stdin.close()
        before = ""
        while (found := re.search(r"http://127\.0\.0\.1:\d+/oauth-v1/auth\S+", before)) is None:
            line = waiting.stdout.readline()
            assert line, before
            before += line
        self.until(lambda: _answers(self.ports["consent"]))
        pages = [visit(found[0]) for visit in visits]
        text = before + waiting.stdout.read()
        waiting.stdout.close()
        code = waiting.wait(60)
        for connection in self.spare:
            connection.close()
        self.spare.clear()
        self.tell(f"$ echo {SECRET} | erpcore connect fortnox --no-browser\n{text.rstrip()}\n[exit code {code}]\n")
        self.tell("".join(f"(the browser shows) {_without_tags(page)}\n" for page in pages))
        assert TRACEBACK not in text, text
        return Shown(code, text), pages

    def stray(self, _page: str) -> str:
        """A browser asks for an icon, and keeps a connection to spare."""
        self.spare.append(socket.create_connection(("127.0.0.1", self.ports["consent"])))
        return _get(f"http://127.0.0.1:{self.ports['consent']}/favicon.ico")

    def denied(self, page: str) -> str:
        """The customer's administrator says no."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        answer = {"state": query["state"], "error": "access_denied"}
        return _get(f"{query['redirect_uri']}?{urlencode(answer)}")

    def granted(self, page: str) -> str:
        """The customer's administrator says yes."""
        return _get(page)


def begin(folder: Path, tell: Callable[[str], None]) -> Day:
    """Write the settings, and start both systems.

    Args:
        folder: An empty one.
        tell: Is given what a person types and sees.
    """
    day = Day(folder, tell)
    assert day.erpcore("init", "--simulated").code == 0
    settings = folder / "erpcore.toml"
    text = settings.read_text()
    for usual, system in ((8712, "lime_go"), (8701, "fortnox")):
        text = text.replace(f":{usual}", f":{day.ports[system]}")
    # The worker's silence is told soon, so that a killed one does not have to be waited for.
    settings.write_text(
        f'{text}customer_delay_seconds = 600\non_cleared_erp_id = "ask"\n\n[worker]\ndead_after_seconds = 5\n'
    )
    day.simulate("lime_go", "--keep", "lime_go.json")
    day.simulate("fortnox")
    return day


def free_ports(count: int) -> list[int]:
    """Find ports of this machine at which nothing listens."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ERPCORE_")}
    return {**kept, "COLUMNS": "80", "NO_COLOR": "1", **variables}


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _get(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 addresses of this machine
            return str(answer.read().decode())
    except urllib.request.HTTPError as error:
        return error.read().decode()


def _without_tags(page: str) -> str:
    return " ".join(re.sub(r"<style.*?</style>|<[^>]*>", " ", page, flags=re.S).split())


def first_day(day: Day) -> None:
    """Live through the first day: each thing that goes wrong is told, and nothing of it stays."""
    wrong, between, right = day.mistyped_key()
    assert wrong.code == 1
    assert "does not accept" in wrong.words
    assert between.code == 1
    assert "Another company" not in right.text
    assert right.code == 0

    refused, pages = day.consent(day.stray, day.denied)
    assert refused.code == 1
    assert "The consent was not given." in refused.words
    assert "The connection was not made." in pages[1]
    given, pages = day.consent(day.stray, day.granted)
    assert given.code == 0
    assert "Done: fortnox is connected to Demobolaget AB" in pages[1]

    if (unshare := shutil.which("unshare")) and _bare_user_works(unshare):
        bare = day.erpcore("plan", "won_deals", "850001", program=(unshare, "-U", "--map-user=12345", str(PROGRAM)))
        assert bare.code == 0
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = day.erpcore("connect", "fortnox", "--port", str(other.getsockname()[1]), typed=f"{SECRET}\n")
    assert taken.code == 2
    assert "port" in taken.words

    assert "has never run" in day.erpcore("status").words
    assert "erpcore run" in day.erpcore("send", "won_deals", "850000", "--even-if-not-won").words


def days_with_troubles(day: Day) -> dict[str, tuple[Shown, Shown, dict[str, Any]]]:
    """Live through what can be wrong later, one thing after the other.

    Returns:
        Of each trouble what ``status``, ``status --check`` and ``status --json`` say while it lasts.
    """
    seen = {}

    def look(trouble: str) -> None:
        seen[trouble] = day.erpcore("status"), day.erpcore("status", "--check"), day.status()

    day.start("worker", "run", says="Working on won_deals")
    day.until(lambda: all(sign["level"] == "well" for sign in day.status()["signs"]))
    day.win(850001)
    day.until(lambda: day.status()["counts"].get("done", 0) == 2)
    seen["well"] = day.erpcore("status"), day.erpcore("status", "--check"), day.status()

    day.simulated("lime_go", "clear_erp_id", deal_id=850001)
    day.win(850001)
    day.until(lambda: day.status()["counts"].get("uncertain", 0) > 0)
    look("uncertain")
    asking = next(each["run"] for each in day.status()["records"] if each["state"] == "uncertain")
    assert day.erpcore("answer", str(asking), "restore").code == 0
    day.until(lambda: day.status()["counts"].get("done", 0) == 2)

    day.kill("lime_go")
    day.until(lambda: day.level_of("lime_go") == "critical")
    look("CRM down")
    day.simulate("lime_go", "--keep", "lime_go.json")

    day.simulated("fortnox", "faults", kind="consent_withdrawn", path="/3/customers")
    day.win(850002)
    day.until(lambda: day.level_of("fortnox") == "critical")
    look("consent gone")

    day.kill("worker")
    day.until(lambda: day.level_of("worker") == "critical")
    look("worker killed")
    return seen


def _bare_user_works(unshare: str) -> bool:
    return subprocess.run([unshare, "-U", "--map-user=12345", "true"], capture_output=True, check=False).returncode == 0


def main() -> None:
    """Print what a person sees, from an empty folder to the days on which something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="first-day-"))
    day = begin(folder, print)
    try:
        first_day(day)
        days_with_troubles(day)
    finally:
        day.end()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
