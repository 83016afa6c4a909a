"""A plugin author's machine: an environment of its own that finds what is installed here, and pip without a network."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

# ruff is a program of its own, and works wherever it stands.
PROGRAMS = {
    "pytest": "-m pytest",
    "mypy": "-m mypy",
    "erpcore": '-c "from erpcore.cli import main; main()"',
}


@dataclass
class Author:
    """Somebody at a command line.

    Attributes:
        home: Folder with the environment.
        folder: Where they are.
        variables: Their environment variables.
        started: What they have going in other terminals.
    """

    home: Path
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, command: str) -> str:
        """Run one command line and return what it prints on both streams; ``cd`` moves on."""
        if match := re.fullmatch(r"cd (\S+)", command):
            self.folder = (self.folder / match[1]).resolve(strict=True)
            return ""
        done = subprocess.run(
            ["sh", "-c", command] if " | " in command else shlex.split(command),
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=400,
        )
        return done.stdout

    def start(self, command: str) -> Callable[[], str]:
        """Start a command line in another terminal, and return what reads all that it has printed."""
        log = self.home / f"terminal{len(self.started)}.log"
        with log.open("wb") as out:
            self.started.append(
                subprocess.Popen(
                    shlex.split(command), cwd=self.folder, env=self.variables, stdout=out, stderr=subprocess.STDOUT
                )
            )
        return partial(log.read_text, encoding="utf-8")

    def stop(self) -> None:
        """End what goes on in other terminals, the last first."""
        for process in reversed(self.started):
            process.terminate()
            process.wait(60)


def shared_types(folder: Path) -> Path:
    """Give the folder where mypy keeps what it knows about erpcore and the libraries, which takes it ten seconds.

    Args:
        folder: Of one test; those that run in one process share what mypy keeps.
    """
    return folder.parent / "types"


def at_an_authors(home: Path) -> Author:
    """Set up the machine.

    Args:
        home: An empty folder.
    """
    environment = home / "environment"
    # pip is found here like everything else; making it anew takes as long as all that is then done with it.
    venv.create(environment, with_pip=find_spec("pip") is None)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    (site_packages,) = environment.glob("lib/python*/site-packages")
    # What is installed here is found there too, after the author's own packages; pip has nothing to fetch.
    here = sysconfig.get_path("purelib")
    (site_packages / "zz_installed_here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    for name, arguments in PROGRAMS.items():
        program = scripts / name
        program.write_text(f'#!/bin/sh\nexec "{scripts / "python"}" {arguments} "$@"\n')
        program.chmod(0o755)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PIP", "COV", "ERPCORE"))
    }
    variables = {
        **kept,
        "PATH": f"{scripts}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "MYPY_CACHE_DIR": str(shared_types(home)),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # as pip reads it: no isolation, the build backend is the one installed here
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    work = home / "work"
    work.mkdir()
    return Author(environment, work, variables)
