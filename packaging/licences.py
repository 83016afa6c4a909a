"""Writes the page on licences: ``python packaging/licences.py`` makes ``docs/licences.md``.

From what each installed package says of itself, by the extra that brings it along.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
ELSEWHERE: Mapping[str, tuple[str, tuple[str, str]]] = {
    "colorama": ("BSD-3-Clause", ("erpcore", "sync")),
    "pywin32-ctypes": ("BSD-3-Clause", ("erpcore", "keyring")),
}
"""Licence, and what it comes with, of packages that come along on Windows alone: what they say of themselves is not at
hand elsewhere."""
ROOTS = (
    ("erpcore", ""),
    *(("erpcore", extra) for extra in ("sync", "keyring", "simulator", "testing", "author")),
    *((f"erpcore-{name}", "") for name in ("fortnox", "visma-eaccounting", "visma-admin", "poweroffice")),
    *((f"erpcore-{name}", "") for name in ("lime-go", "lime-crm")),
    *((f"erpcore-{name}", "simulator") for name in ("fortnox", "visma-eaccounting", "visma-admin", "poweroffice")),
    *((f"erpcore-{name}", "simulator") for name in ("lime-go", "lime-crm")),
)
"""What can be installed: packages of ours, and their extras."""

_HEAD = """\
# Licences

erpcore and its plugins are under the MIT licence. What each of them brings along from others, and under which licence,
as those packages say it of themselves; a package that comes with several is named once, at the least of them. Made
by `python packaging/licences.py`; a test holds the page to what is installed, and to `packaging/constraints.txt`.

None of it is under the GPL or the AGPL. Under the LGPL are {lesser}, which erpcore uses as they are, as packages
of their own.

| comes with | package | licence |
|---|---|---|
"""


def licence(name: str) -> str:
    """Give a package's licence in its own words.

    Args:
        name: The package; installed, or one of `ELSEWHERE`.

    Raises:
        LookupError: It does not say.
    """
    try:
        told = distribution(name).metadata
    except PackageNotFoundError:
        return ELSEWHERE[name][0]
    classifiers = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or () if "License ::" in each]
    words = told.get("License-Expression") or ", ".join(classifiers) or (told.get("License") or "").strip()
    if not words or "\n" in words:
        raise LookupError(f"{name} does not say in a line under which licence it is")
    return str(words)


def comes_with() -> dict[str, list[tuple[str, str]]]:
    """Give for each package of others the packages and extras of ours that bring it along here, the least alone."""
    reached = {root: set(_reached(root)) for root in ROOTS}
    others = {name for nodes in reached.values() for name, _ in nodes if not name.startswith("erpcore")}
    # A built package does not say that one extra includes another, so what they bring along is compared.
    whole = {root: {name for name, _ in nodes if name in others} for root, nodes in reached.items()}

    def is_least(root: tuple[str, str], name: str) -> bool:
        least = [("erpcore", ""), ("erpcore", root[1])] if root[0] != "erpcore" else ROOTS[: ROOTS.index(root)]
        return not any(whole[other] <= whole[root] and name in whole[other] for other in least)

    return {name: [root for root in ROOTS if name in whole[root] and is_least(root, name)] for name in sorted(others)}


def _reached(root: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Give everything that comes along with a package and an extra of it, itself too."""
    todo, seen = [root], set[tuple[str, str]]()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        name, extra = node
        if extra:
            todo.append((name, ""))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # of another kind of machine
        for needed in _needed(found, extra):
            todo += [(canonicalize_name(needed.name), each) for each in ("", *needed.extras)]
    yield from seen


def _needed(found: Distribution, extra: str) -> Iterator[Requirement]:
    for text in found.requires or ():
        requirement = Requirement(text)
        # Without an extra: what always comes. With one: what it adds.
        always = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if always if not extra else not always and requirement.marker.evaluate({"extra": extra}):
            yield requirement


def page() -> str:
    """Give the page."""
    rows = comes_with()
    rows |= {name: [root] for name, (_, root) in ELSEWHERE.items()}
    lesser = sorted(name for name in rows if is_lesser(licence(name)))
    told = [(ROOTS.index(roots[0]), ", ".join(map(_spelt, roots)), name) for name, roots in rows.items()]
    head = _HEAD.format(lesser=f"{', '.join(lesser[:-1])} and {lesser[-1]}")
    return head + "".join(f"| {where} | {name} | {licence(name)} |\n" for _, where, name in sorted(told))


def is_lesser(words: str) -> bool:
    """Tell whether a licence is the LGPL."""
    return "LGPL" in words or "Lesser General Public" in words


def is_strong(words: str) -> bool:
    """Tell whether a licence is the GPL or the AGPL, which ask something of those who build on it."""
    return not is_lesser(words) and ("GPL" in words or "General Public" in words)


def _spelt(root: tuple[str, str]) -> str:
    name, extra = root
    return f"`{name}[{extra}]`" if extra else f"`{name}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
