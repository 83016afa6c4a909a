"""Builds every package of the repository, ready for an index: ``python packaging/build.py build/packages``.

A package's README is read on an index, where a link to a neighbouring file leads nowhere. So each package is copied
first, and the copy is told the project's address: links become absolute, and the index gets links of its own. The
address is one value, ``address`` under ``[tool.erpcore]`` in the repository's pyproject.toml; while it is empty,
nothing is added. Beside them lies ``constraints.txt``: what the release was tested with, and its own packages, with
their hashes.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import constraints

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (".", *(f"plugins/{each.parent.name}" for each in sorted(ROOT.glob("plugins/*/pyproject.toml"))))
"""Folders of the packages that are published."""

_LEFT_BEHIND = shutil.ignore_patterns(
    ".venv", ".git", ".*_cache", ".hypothesis", "__pycache__", "build", "dist", "site", "plugins", "*.egg-info", "*.db*"
)
_LINK = re.compile(r"(\]\()(?!https?://|mailto:|#)([^)\s]+)(\))")
_PICTURE = re.compile(r"^```mermaid\n.*?^```\n", re.MULTILINE | re.DOTALL)


def project_address() -> str:
    """Give the project's address, such as ``https://forge.example/erpcore/erpcore``; empty while it has none."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(data["tool"]["erpcore"]["address"]).rstrip("/")


def build(folder: str, out: Path, address: str) -> None:
    """Build the sdist and the wheel of one package.

    Args:
        folder: The package's folder inside the repository.
        out: Where they go.
        address: The project's address; empty for none.
    """
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "package"
        shutil.copytree(ROOT / folder, copy, ignore=_LEFT_BEHIND)
        if address:
            _tell_address(copy, folder, address)
        command = [sys.executable, "-m", "hatchling", "build", "-d", str(out.resolve())]
        subprocess.run(command, cwd=copy, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own command


def _tell_address(copy: Path, folder: str, address: str) -> None:
    readme = copy / "README.md"
    readme.write_text(absolute(readme.read_text(encoding="utf-8"), folder, address), encoding="utf-8")
    changes = absolute("](CHANGELOG.md)", folder, address)[2:-1]
    urls = {"Homepage": address, "Source": address, "Issues": f"{address}/issues", "Changelog": changes}
    told = "".join(f'{name} = "{url}"\n' for name, url in urls.items())
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[project.urls]\n{told}")


def absolute(text: str, folder: str, address: str) -> str:
    """Make the links of a page absolute, and leave pictures out that an index shows as code.

    Args:
        text: The page, in Markdown.
        folder: Its folder inside the repository.
        address: The project's address.
    """

    def replaced(match: re.Match[str]) -> str:
        path, _, anchor = match[2].partition("#")
        whole = PurePosixPath(_normal(PurePosixPath(folder) / path))
        kind = "tree" if (ROOT / whole).is_dir() else "blob"
        return f"{match[1]}{address}/{kind}/main/{whole}{f'#{anchor}' if anchor else ''}{match[3]}"

    return _LINK.sub(replaced, _PICTURE.sub("", text))


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder that the packages go into")
    parser.add_argument("--address", default=project_address(), help="the project's address, for a trial")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    for folder in PACKAGES:
        build(folder, given.out, given.address)
    own = constraints.of_files([*given.out.glob("*.whl"), *given.out.glob("*.tar.gz")])
    (given.out / "constraints.txt").write_text(constraints.FILE.read_text(encoding="utf-8") + own, encoding="utf-8")
    print("\n".join(sorted(each.name for each in given.out.iterdir())))  # noqa: T201  what a person asked for


if __name__ == "__main__":
    main()
