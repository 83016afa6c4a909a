"""Counts lines of code: without blank lines, comments and docstrings. Tells thin modules too.

A line counts when it has a token that is neither a comment nor part of a string which stands alone as a statement.
``code_lines.py`` counts this checkout, ``code_lines.py OTHER`` counts that one first and tells the difference.

A module is thin when it has fewer than 80 lines in all and one importer. An importer is any module of the distributions
here; a name that a package's ``__init__`` hands on counts for the module that it comes from, and handing on is no use.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
BESIDE_THE_CORE = ("testing", "simulator", "scaffold")
"""Folders of `erpcore` that are counted by themselves: the contract kit, the simulator kit, the template of plugins."""
THIN = 80

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """Count the lines of code of a module.

    Args:
        source: Its text.

    Raises:
        SyntaxError: It is no Python.
    """
    words = set[int]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            words.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code = set[int]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - words)


def modules(root: Path) -> dict[str, Path]:
    """Give the files of the distributions in a checkout, by the name that they are imported under.

    Args:
        root: Of the checkout.
    """
    packages = [
        root / "erpcore",
        *sorted(path for path in root.glob("plugins/*/erpcore_*") if path.is_dir()),
        *sorted(path for path in root.glob("examples/*/erpcore_*") if path.is_dir()),
    ]
    found = {}
    for package in packages:
        for file in sorted(package.rglob("*.py")):
            parts = file.relative_to(package.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def group(root: Path, file: Path) -> str:
    """Name what a file is counted under.

    Args:
        root: Of the checkout.
        file: One of `modules`.
    """
    top, *rest = file.relative_to(root).parts
    if top == "erpcore":
        return f"erpcore/{rest[0]}" if rest[0] in BESIDE_THE_CORE else "erpcore"
    return f"{top}/{rest[0]}" + (", simulator" if "simulator" in rest else "")


def importers(files: Mapping[str, Path]) -> dict[str, set[str]]:
    """Tell which modules import each module.

    Args:
        files: From `modules`.
    """
    trees = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in files.items()}
    handed_on: dict[tuple[str, str | None], tuple[str, str | None]] = {
        (name, asked): (module, original)
        for name, file in files.items()
        if file.name == "__init__.py"
        for module, original, asked in _imports(name, file, trees[name], files)
    }
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, file in files.items():
        for module, original, _ in _imports(name, file, trees[name], files):
            if file.name == "__init__.py":
                continue
            at, wanted = module, original
            while (at, wanted) in handed_on:
                at, wanted = handed_on[at, wanted]
            if at != name:
                found[at].add(name)
    return found


def _imports(
    name: str, file: Path, tree: ast.Module, files: Mapping[str, Path]
) -> Iterator[tuple[str, str | None, str]]:
    """Give what is imported: a module of `files`, the name in it (None for the whole), and what it is called here."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in files:
                    yield alias.name, None, alias.asname or alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                if f"{module}.{alias.name}" in files:
                    yield f"{module}.{alias.name}", None, alias.asname or alias.name
                elif module in files:
                    yield module, alias.name, alias.asname or alias.name


def thin(root: Path) -> list[tuple[str, int, str]]:
    """Give the thin modules of the core: name, lines, and who imports them.

    Args:
        root: Of the checkout.
    """
    files = modules(root)
    by_whom = importers(files)
    found = []
    for name, file in files.items():
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if file.name != "__init__.py" and group(root, file) == "erpcore" and lines < THIN and len(by_whom[name]) == 1:
            found.append((name, lines, next(iter(by_whom[name]))))
    return found


def count(root: Path) -> dict[str, int]:
    """Count a checkout: lines of code by group, and thin modules.

    Args:
        root: Of the checkout.
    """
    counted: defaultdict[str, int] = defaultdict(int)
    for file in modules(root).values():
        counted[group(root, file)] += code_lines(file.read_text(encoding="utf-8"))
    return {**dict(sorted(counted.items())), "thin modules of erpcore": len(thin(root))}


def main() -> int:
    """Print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", nargs="?", type=Path, help="another checkout, to compare with")
    parser.add_argument("--thin", action="store_true", help="name the thin modules")
    asked = parser.parse_args()
    after = count(HERE)
    before = None if asked.before is None else count(asked.before.resolve())
    for name in sorted({*after, *(before or {})}):
        counts = [after.get(name, 0)]
        if before is not None:
            counts = [before.get(name, 0), *counts, counts[0] - before.get(name, 0)]
        print(f"{name:36}" + "".join(f"{number:>8}" for number in counts))
    if asked.thin:
        for module, lines, importer in thin(HERE):
            print(f"{module} ({lines} lines) is imported by {importer} alone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
