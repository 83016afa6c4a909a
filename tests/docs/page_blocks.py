"""The blocks of code on a page of the documentation, and how each is held to the truth.

===========================================  =========================================================================
block                                        what is done with it
===========================================  =========================================================================
``console``                                  each ``$ command`` is run; what it prints fits the lines below it, where
                                             ``...`` stands for any text, on a line of its own for any lines
``console title="terminal 2"``               the command goes on beside the others; what it prints first fits
``console title="within 60 seconds"``        the command is repeated until what it prints fits, for so many seconds
``python title="file"``                      the file is written; in one that is there, definitions and imports of the
                                             same names are replaced
``python title="file (in Class)"``           they are put into a class of it
``python title="file (excerpt)"``            stands in the file like that
``python`` and ``pycon``                     run one after the other, outputs compared by doctest
``shell``, ``toml``, ``text``                not run
===========================================  =========================================================================
"""

from __future__ import annotations

import ast
import doctest
import re
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.scaffold.author_environment import Author

_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w+)(?P<attributes>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S
)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_WITHIN = re.compile(r"within (\d+) seconds")
_INTO = re.compile(r"(.+) \(in (\w+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        kind: Its language.
        attributes: Such as ``title``.
        text: What is in it.
        line: Where it begins, from 1.
    """

    kind: str
    attributes: dict[str, str]
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Give the blocks of a page in their order."""
    whole = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(whole):
        line = whole.count("\n", 0, match.start()) + 1
        yield Block(match["kind"], dict(_ATTRIBUTE.findall(match["attributes"])), textwrap.dedent(match["text"]), line)


def follow(page: Path, author: Author) -> int:
    """Do what a page says, as its reader would, and hold what is printed to what the page prints.

    Returns:
        How many commands were run.

    Raises:
        AssertionError: Something else is printed, or an excerpt is not like that.
    """
    commands = 0
    for block in blocks(page):
        title = block.attributes.get("title", "")
        if block.kind == "console":
            for command, expected in _commands(block.text):
                commands += 1
                if title.startswith("terminal "):
                    printed = _until(author.start(command), expected, 60)
                elif within := _WITHIN.fullmatch(title):
                    printed = _until(partial(author.run, command), expected, float(within[1]))
                else:
                    printed = author.run(command)
                assert _fits(printed, expected), f"{page.name}:{block.line}: {command} prints\n{printed}"
        elif title.endswith(" (excerpt)"):
            held = (author.folder / title.removesuffix(" (excerpt)")).read_text(encoding="utf-8")
            assert _squeezed(block.text) in _squeezed(held), f"{page.name}:{block.line}: {title} has changed"
        elif into := _INTO.fullmatch(title):
            change(author.folder / into[1], block.text, into[2])
        elif title:
            change(author.folder / title, block.text)
    return commands


def change(file: Path, code: str, into: str | None = None) -> None:
    """Write code into a file: what has the same name is replaced, the rest is put at the end of the file or class.

    Args:
        file: Written new when it is not there.
        code: Definitions, assignments and imports.
        into: The class that they belong in.
    """
    if not file.exists():
        file.write_text(code, encoding="utf-8")
        return
    for node in ast.parse(code).body:
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        body: list[ast.stmt] = ast.parse(text).body
        if into is not None:
            body = next(found.body for found in body if isinstance(found, ast.ClassDef) and found.name == into)
        new = ast.get_source_segment(code, node) or ""
        if into is not None:
            new = textwrap.indent(new, " " * 4)
        old = next((held for held in body if _name(held) == _name(node)), None)
        first, last = _place(body, node) if old is None else _span(old)
        lines[first:last] = [new + "\n"]
        file.write_text("".join(lines), encoding="utf-8")


def run_python(page: Path) -> int:
    """Run a page's Python blocks in one namespace and compare the outputs of its sessions.

    Returns:
        How many lines were compared.

    Raises:
        doctest.DocTestFailure: Something else comes out.
    """
    names: dict[str, Any] = {}
    compared = 0
    for block in blocks(page):
        if block.kind == "python" and "title" not in block.attributes:
            exec(compile(block.text, f"{page}:{block.line}", "exec"), names)  # noqa: S102 our own documentation
        elif block.kind == "pycon":
            test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), block.line)
            compared += len(test.examples)
            doctest.DebugRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(test, clear_globs=False)
            names = test.globs
    return compared


def _commands(text: str) -> Iterator[tuple[str, list[str]]]:
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, *expected = part.splitlines()
        yield command, [line for line in expected if line.strip()]


def _until(prints: Callable[[], str], expected: list[str], seconds: float) -> str:
    """Give what is printed once it fits, or at last."""
    deadline = time.monotonic() + seconds
    while not _fits(printed := prints(), expected) and time.monotonic() < deadline:
        time.sleep(0.5)
    return printed


def _fits(printed: str, expected: list[str]) -> bool:
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == "..." else _line(line) + r" *\n(?:\s*\n)*" for line in expected)
    squeezed = "".join(f"{' '.join(line.split())}\n" for line in printed.splitlines() if line.strip())
    return re.fullmatch(pattern, squeezed) is not None


def _line(line: str) -> str:
    return "[^\n]*?".join(re.escape(" ".join(part.split())) for part in re.split(r" ?\.\.\. ?", line.strip()))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _name(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.ImportFrom(module=module):
            return f"from {module}"
    return ast.unparse(node)


def _place(body: list[ast.stmt], node: ast.stmt) -> tuple[int, int]:
    """Give where something new goes: an import before the others, the rest at the end."""
    imports = [held for held in body if isinstance(held, ast.ImportFrom) and held.module != "__future__"]
    if isinstance(node, ast.ImportFrom) and imports:
        return imports[0].lineno - 1, imports[0].lineno - 1
    return body[-1].end_lineno or 0, body[-1].end_lineno or 0


def _span(node: ast.stmt) -> tuple[int, int]:
    decorators = [each.lineno for each in getattr(node, "decorator_list", [])]
    return min([node.lineno, *decorators]) - 1, node.end_lineno or node.lineno
