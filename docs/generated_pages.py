"""The parts of the documentation that are made from the code: hook pages, canonical models, the tree of errors.

A hook's page begins with what its spec says; a person writes what is to be minded below the mark. Run after a change of
`erpcore.hookspecs`, `erpcore.models` or `erpcore.errors` (a test says when it is due)::

    python docs/generated_pages.py
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, get_args, get_origin

from erpcore import errors, hookspecs, models
from erpcore.hookspecs import CrmHooks, ErpHooks
from erpcore.models import CanonicalModel

DOCS = Path(__file__).parent
MARK = "<!-- Made from the code down to here by docs/generated_pages.py; a person writes what follows. -->"
SPECS: dict[str, tuple[type, str]] = {"erp": (ErpHooks, "accounting programs (ERP)"), "crm": (CrmHooks, "CRMs")}
_ENTRY = re.compile(r"(\w+): (.*)", re.DOTALL)


def hooks(kind: str) -> dict[str, FunctionType]:
    """Give the hook specs of a kind, in their order.

    Args:
        kind: ``erp`` or ``crm``.
    """
    specs, _ = SPECS[kind]
    return {name: spec for name, spec in vars(specs).items() if isinstance(spec, FunctionType) and name[0] != "_"}


def hook_head(kind: str, name: str) -> str:
    """Give the beginning of a hook's page: heading, signature, and what the spec says, down to the mark.

    Args:
        kind: ``erp`` or ``crm``.
        name: The hook's name.
    """
    spec = hooks(kind)[name]
    first, *sections = _sections(inspect.getdoc(spec) or "")
    parts = [
        f"# {name}",
        f"A hook for {SPECS[kind][1]}.",
        f"```python\n@hookimpl\n{signature(spec)}\n```",
        first,
        *sections,
        MARK,
    ]
    return "\n\n".join(parts) + "\n"


def signature(spec: FunctionType) -> str:
    """Give a hook's first line as its spec is written, with annotations as in the source."""
    source = inspect.getsource(hookspecs)
    owner = spec.__qualname__.partition(".")[0]
    for cls in ast.parse(source).body:
        if isinstance(cls, ast.ClassDef) and cls.name == owner:
            for node in cls.body:
                if isinstance(node, ast.FunctionDef) and node.name == spec.__name__:
                    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
                    return f"def {node.name}({ast.unparse(node.args)}){returns}: ..."
    raise LookupError(f"erpcore.hookspecs has no {spec.__qualname__}")


def hook_list() -> str:
    """Give the page that lists all hooks."""
    lines = [
        "# Hooks",
        "",
        "A plugin implements the hooks that its system can do, with `@hookimpl` and the full signature. Which ones it "
        "implements *is* its list of operations: `erpcore plugins` prints it, and a sync asks before it calls. A hook "
        "returns a finished value, never `None` and never a generator.",
    ]
    for kind, (_, people) in SPECS.items():
        lines += ["", f"## For {people}", "", "| hook | what it does |", "|---|---|"]
        for name, spec in hooks(kind).items():
            first = _sections(inspect.getdoc(spec) or "")[0].replace("\n", " ").replace("|", "\\|")
            lines.append(f"| [{name}]({kind}/{name}.md) | {first} |")
    return "\n".join(lines) + "\n"


def model_page() -> str:
    """Give the page that lists the canonical models and their fields."""
    lines = [
        "# Canonical models",
        "",
        "erpcore's own form of each record. All are frozen, refuse unknown fields, and refuse floats for amounts and "
        "quantities (`Decimal`, `int` or text). A field that was never set is *not shown* and is left alone in the "
        'other system; one that is `None` is *empty*. `record.shown("email")` tells them apart.',
    ]
    for model in _models():
        lines += ["", f"## {model.__name__}", "", (inspect.getdoc(model) or "").partition("\n\n")[0], ""]
        lines += ["| field | type | meaning |", "|---|---|---|"]
        for name, info in model.model_fields.items():
            must = " (must be there)" if info.is_required() else ""
            lines.append(f"| `{name}` | {_type(info.annotation)} | {info.description}{must} |")
    return "\n".join(lines) + "\n"


def error_tree() -> str:
    """Give the tree of errors as a block, as the docstring of `erpcore.errors` draws it."""
    drawn = inspect.cleandoc(errors.__doc__ or "").partition("::\n\n")[2].partition("\n\n")[0]
    return f"```text\n{inspect.cleandoc(drawn)}\n```"


def _models() -> Iterator[type[CanonicalModel]]:
    for name in models.__all__:
        model = getattr(models, name)
        if isinstance(model, type) and issubclass(model, CanonicalModel) and model.model_fields:
            yield model


def _type(annotation: Any) -> str:
    parts = [part for part in get_args(annotation) if part not in (type(None), Ellipsis)]
    if str(get_origin(annotation)) == "typing.Literal":
        return ", ".join(f"`{part}`" for part in parts)
    if get_origin(annotation) is tuple:
        return f"list of {_type(parts[0])}"
    if parts and getattr(annotation, "__name__", "") != "Mapping" and get_origin(annotation) is not dict:
        return _type(parts[0])
    return f"`{getattr(annotation, '__name__', str(annotation))}`"


def _sections(docstring: str) -> list[str]:
    """Turn a Google-style docstring into Markdown, one text per section."""
    texts: list[str] = []
    for block in docstring.split("\n\n"):
        head, _, body = block.partition("\n")
        if head not in ("Args:", "Returns:", "Raises:"):
            texts.append(block)
            continue
        body = inspect.cleandoc(body)
        entries = re.split(r"\n(?=\S)", body)
        matches = [_ENTRY.fullmatch(entry) for entry in entries]
        if head != "Returns:" and all(matches):
            listed = [f"- `{match[1]}`: {' '.join(match[2].split())}" for match in matches if match]
            texts.append(f"**{head.rstrip(':')}**\n\n" + "\n".join(listed))
        else:
            texts.append(f"**{head.rstrip(':')}** " + " ".join(body.split()))
    return texts


def main() -> None:
    """Write all generated parts; what a person wrote below a mark is kept."""
    for kind in SPECS:
        for name in hooks(kind):
            page = DOCS / "hooks" / kind / f"{name}.md"
            page.parent.mkdir(parents=True, exist_ok=True)
            before = page.read_text(encoding="utf-8") if page.exists() else ""
            hand = before.partition(MARK)[2].lstrip("\n") or "## What to mind\n"
            page.write_text(f"{hook_head(kind, name)}\n{hand}", encoding="utf-8")
    (DOCS / "hooks" / "index.md").write_text(hook_list(), encoding="utf-8")
    (DOCS / "models.md").write_text(model_page(), encoding="utf-8")
    page = DOCS / "errors.md"
    before, _, after = page.read_text(encoding="utf-8").partition("```text\n")
    page.write_text(before + error_tree() + after.partition("\n```")[2], encoding="utf-8")


if __name__ == "__main__":
    main()
