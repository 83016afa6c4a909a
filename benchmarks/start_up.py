"""What starting costs: imports and commands beside the libraries that they stand on, in processor time.

Each is a process of its own; all of them are started in turn, and the shortest time of each counts, since whatever
else the machine does only makes them longer. Ends with exit code 1 where a ratio is above its bound. With another
checkout its ratios are measured in turn, and not judged:

    start_up.py --before ../before      # a clone of an older commit in which `make install` was run
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scene import new_key

HERE = Path(__file__).resolve().parent.parent
FOUR = ("-c", "import httpx, pydantic, pluggy, stevedore")
SEAM = "import erpcore.hookspecs, erpcore.plugin, erpcore.fields"
TWO = ("-c", "import pydantic, pluggy")
ONE_COMMAND = """
import sys
import typer
sys.argv = ["program", "--help"]
app = typer.Typer()
@app.command()
def greet(name: str = "you") -> None:
    "Greet somebody."
app()
"""
THEIRS = "import sqlalchemy\nfrom pydantic_settings import BaseSettings"
NEW_STORE = "from erpcore.store import open_store; open_store('sqlite:///erpcore.db').close()"


@dataclass(frozen=True)
class Case:
    """What is started, and beside what.

    Attributes:
        name: For people.
        started: Arguments of the interpreter; of ``erpcore`` where they begin with none of its options.
        beside: Arguments of the interpreter.
        at_most: Bound of the ratio; None where it cannot be kept, and the figures say what it is.
    """

    name: str
    started: Sequence[str]
    beside: Sequence[str]
    at_most: float | None


CASES = (
    Case("import erpcore / the four", ("-c", "import erpcore"), FOUR, 0.3),
    Case("hook specs, plugin, fields / two", ("-c", SEAM), TWO, 1.3),
    Case("the plugin for Fortnox / the four", ("-c", "import erpcore_fortnox.plugin"), FOUR, 1.3),
    Case("the plugin for Lime Go / the four", ("-c", "import erpcore_lime_go.plugin"), FOUR, 1.3),
    Case("erpcore --help / typer, one command", ("--help",), ("-c", ONE_COMMAND), 1.5),
    Case("erpcore status / typer, one command", ("status",), ("-c", ONE_COMMAND), None),
    Case("SQLAlchemy and typer alone / typer", ("-c", f"import sqlalchemy\n{ONE_COMMAND}"), ("-c", ONE_COMMAND), None),
    Case("the same and pydantic-settings / typer", ("-c", f"{THEIRS}\n{ONE_COMMAND}"), ("-c", ONE_COMMAND), None),
    Case("a model of pydantic / two", ("-c", "import pydantic, pluggy; from pydantic import BaseModel"), TWO, None),
)


def seconds(checkout: Path, arguments: Sequence[str], folder: Path) -> float:
    """Start a process and wait for its end; give its processor time."""
    programs = checkout / ".venv/bin"
    program = programs / ("python" if arguments[0] == "-c" else "erpcore")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(program), *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="another checkout, with its own .venv")
    parser.add_argument("--times", type=int, default=7)
    asked = parser.parse_args()
    checkouts = {"after": HERE} if asked.before is None else {"before": asked.before.resolve(), "after": HERE}
    os.environ["ERPCORE_KEY"] = new_key()
    broken = 0
    for name, checkout in checkouts.items():
        with tempfile.TemporaryDirectory(prefix="erpcore-bench-") as made:
            folder = Path(made)
            (folder / "erpcore.toml").write_text('[store]\nurl = "sqlite:///erpcore.db"\n', encoding="utf-8")
            subprocess.run([str(checkout / ".venv/bin/python"), "-c", NEW_STORE], cwd=folder, check=True)
            shortest = {each: [float("inf")] * 2 for each in CASES}
            for _ in range(asked.times):
                for case, best in shortest.items():
                    for place, arguments in enumerate((case.started, case.beside)):
                        best[place] = min(best[place], seconds(checkout, arguments, folder))
            for case, (own, other) in shortest.items():
                bound = "" if case.at_most is None else f", at most {case.at_most}"
                broken += name == "after" and case.at_most is not None and own / other > case.at_most
                figures = f"{1000 * own:.0f} ms, {1000 * other:.0f} ms: x {own / other:.2f}{bound}"
                sys.stdout.write(f"{name}: {case.name}: {figures}\n")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
