"""The parts of the documentation that are made from the code: hooks, models, errors, settings, remedies, plugins.

A hook's page begins with what its spec says; a person writes what is to be minded below the mark. A plugin's page is
its README. Run after a change of what is printed (a test says when it is due)::

    python docs/generated_pages.py
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

import erpcore
from erpcore import errors, hookspecs, models, registry, remedy
from erpcore.hookspecs import CrmHooks, ErpHooks
from erpcore.models import CanonicalModel
from erpcore.notice_settings import ListenerSettings, MailSettings
from erpcore.plugin import Plugin
from erpcore.settings import LoggingSettings, StoreSettings, WorkerSettings
from erpcore.sync.shared.rules import CustomerDefaults, SyncRules

DOCS = Path(__file__).parent
CALLERS = ("sync", "engine", "web", "cli")
"""The rooms of erpcore that call hooks."""
MARK = "<!-- Made from the code down to here by docs/generated_pages.py; a person writes what follows. -->"
SPECS: dict[str, tuple[type[hookspecs.SystemHooks], str]] = {
    "erp": (ErpHooks, "accounting programs (ERP)"),
    "crm": (CrmHooks, "CRMs"),
}
_ENTRY = re.compile(r"(\w+): (.*)", re.DOTALL)


def hooks(kind: str) -> dict[str, FunctionType]:
    """Give the hook specs of a kind, in their order.

    Args:
        kind: ``erp`` or ``crm``.
    """
    return hookspecs.hooks_of(SPECS[kind][0])


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
        f"```python\n{imported_by(spec)}\n\n\n@hookimpl\n{signature(spec)}\n```",
        first,
        *sections,
        called_by(kind, name),
        MARK,
    ]
    return "\n\n".join(parts) + "\n"


def called_by(kind: str, name: str) -> str:
    """Say which modules of erpcore call a hook.

    Args:
        kind: ``erp`` or ``crm``.
        name: The hook's name.
    """
    modules = sorted({module for module, kinds in calls()[name] if kind in kinds})
    if not modules:
        return "**Called by** nothing in erpcore yet. A plugin that has it is checked by the contract all the same."
    return f"**Called by** {', '.join(f'`{module}`' for module in modules)}."


@cache
def calls() -> dict[str, set[tuple[str, tuple[str, ...]]]]:
    """Find the calls of hooks in the code: name of the hook to the module and the kinds of plugin that it may ask.

    A call counts when it names a hook and gives as many arguments as the spec has, and is not of a function of the same
    name in a module. A class that names its hook (``hook = "create_order"``) counts as a caller of it.
    """
    found: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    for path in sorted(file for room in CALLERS for file in (DOCS.parent / "erpcore" / room).rglob("*.py")):
        module = ".".join(path.relative_to(DOCS.parent).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr=name, value=asked)) if ast.unparse(asked) not in imported:
                    kinds = _kinds(name, ast.unparse(asked), len(node.args) + len(node.keywords))
                case (
                    ast.Assign(targets=[ast.Name(id="hook")], value=ast.Constant(value=str(name)))
                    | ast.AnnAssign(target=ast.Name(id="hook"), value=ast.Constant(value=str(name)))
                ):
                    kinds = _kinds(name, "", None)
                case _:
                    continue
            if kinds:
                found[name].add((module, kinds))
    return found


def _kinds(name: str, asked: str, given: int | None) -> tuple[str, ...]:
    """Give the kinds of plugin whose hook a call may be: one, where the name of what is asked tells."""
    fit = [
        kind
        for kind in SPECS
        if name in hooks(kind) and given in (None, len(inspect.signature(hooks(kind)[name]).parameters) - 1)
    ]
    told = [kind for kind in fit if re.search(rf"\b{kind}\b", asked)]
    return tuple(told or fit)


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


def imported_by(spec: FunctionType) -> str:
    """Give the line that imports what a hook's first line names."""
    names = {name for name in re.findall(r"\b[A-Z]\w+", signature(spec)) if hasattr(erpcore, name)}
    in_order = sorted(names | {"hookimpl"}, key=lambda name: (name[0].islower(), name))  # as ruff sorts imports
    return f"from erpcore import {', '.join(in_order)}"


def hook_list() -> str:
    """Give the page that lists all hooks."""
    lines = [
        "# Hooks",
        "",
        "A plugin implements the hooks that its system can do, with `@hookimpl` and the full signature. Which ones it "
        "implements *is* its list of operations: `erpcore plugins` prints it, and a sync asks before it calls. A hook "
        "returns a finished value, never `None` and never a generator. To a type checker, `@hookimpl` says that the "
        "method overrides its spec: a misspelt hook and a wrong signature are errors of `mypy`. Several threads call "
        "the hooks of one connection at once.",
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


def settings_page() -> str:
    """Give the page that lists the settings that every installation has."""
    lines = [
        "# Settings",
        "",
        "What may stand in `erpcore.toml`. The environment goes before the file: `ERPCORE_WORKER__LANES` is `lanes` of "
        "`[worker]`. A worker reads the file once, so restart it after a change. What a connection needs is on its "
        "[plugin's page](plugins/index.md), and the rules of a sync are [a page of their own](rules.md). "
        "`erpcore init all.toml --full` writes all of it, with comments.",
    ]
    tables = {"store": StoreSettings, "worker": WorkerSettings, "logging": LoggingSettings, "mail": MailSettings}
    for name, model in tables.items():
        lines += ["", f"## [{name}]", "", *_settings(model)]
    lines += [
        "",
        "## [connections.NAME]",
        "",
        "One account in one system. `plugin` names the plugin, `wrappers` the installation's own hook wrappers, each "
        'as `"module:object"`; the rest is the plugin\'s.',
        "",
        "## [listeners.NAME]",
        "",
        "One program that is told of failures: see [Mails and listeners](mail.md).",
        "",
        *_settings(ListenerSettings),
        "",
        "## Variables that are no settings",
        "",
        "| variable | meaning |",
        "|---|---|",
        "| `ERPCORE_KEY` | keys of the vault, separated by commas, the first encrypts; every worker needs the same. "
        "Without it, a SQLite store has a key file beside it |",
        "| `ERPCORE_TRACEBACK` | show the traceback of an error as well |",
    ]
    return "\n".join(lines) + "\n"


RULES = {
    "won_deal": "What is made, and when",
    "match": "Customers",
    "missing_article": "Rows and their articles",
    "custom_fields": "What a document says",
    "articles": "Articles that are kept equal",
    "erp_db": "Orders that the CRM keeps",
    "sums_differ": "Sums",
    "invoices": "Invoices that come home",
    "on_loss": "What would be lost",
}
"""Headings of the page of rules, each by the first rule below it."""


def rules_page() -> str:
    """Give the page that lists the rules of a sync."""
    head, line, *rules = _settings(SyncRules)
    grouped = []
    for rule in rules:
        if heading := RULES.get(rule.split("`")[1]):
            grouped += ["", f"## {heading}", "", head, line]
        grouped.append(rule)
    lines = [
        "# The rules of a sync",
        "",
        "What a table `[syncs.NAME]` says. Beside the rules it names its two connections, `crm` and `erp`, and "
        "who gets [mails](mail.md), `mail_to`. The defaults are what Lime's own connector to Fortnox does, as far as "
        "its articles tell. A rule named “deal” is about won deals, one named “order” about orders that the CRM keeps.",
        *grouped,
        "",
        "## [syncs.NAME.customer_defaults]",
        "",
        (inspect.getdoc(CustomerDefaults) or "").partition("\n\n")[0],
        "",
        *_settings(CustomerDefaults),
    ]
    return "\n".join(lines) + "\n"


def remedy_page() -> str:
    """Give the page that says, by the class of an error, what must be mended."""
    lines = [
        "# What must be mended",
        "",
        "Each failure is a *cause* with a key, made of what the error knows: its class, the vendor's code, what it is "
        "about. `erpcore status` lists the causes, and these are their words. A plugin brings further ones for its "
        "vendor's codes. `erpcore retry --cause KEY` sends again what waits for one.",
        "",
        "| error | in lists | what it means | mended by | how |",
        "|---|---|---|---|---|",
    ]
    of_plugins = [
        (f"`{cls.name}`, code {code}", told) for cls in _plugins() for code, told in sorted(cls.remedies.items())
    ]
    for name, told in (*remedy.every_remedy(), *of_plugins):
        steps = "<br>".join(told.steps).format(subject="…", connection="NAME", key="KEY")
        meaning = told.meaning.format(subject="…", connection="the system")
        meaning = meaning[0].upper() + meaning[1:]
        lines.append(f"| {name} | {told.label} | {meaning} | {remedy.WHO[told.who]} | {steps or '–'} |")
    return "\n".join(lines) + "\n"


def _plugins() -> Iterator[type[Plugin[Any]]]:
    """Give the plugins of this repository."""
    names = {readme.parent.name for readme in (DOCS.parent / "plugins").glob("*/README.md")}
    for kind in get_args(registry.PluginKind):
        yield from (registry.load(kind, each.name) for each in registry.installed(kind) if each.name in names)


def plugin_pages() -> dict[str, str]:
    """Give a page for each plugin of this repository, by its file name: its README, with links that lead from there."""
    pages = {}
    listed = ["# Plugins", "", "| plugin | package |", "|---|---|"]
    for readme in sorted((DOCS.parent / "plugins").glob("*/README.md")):
        name = readme.parent.name
        text = readme.read_text(encoding="utf-8").replace("](../../README.md)", "](../index.md)")
        text = text.replace("](../../docs/", "](../")
        # What leads into the package's code is told by name: the site has no code.
        text = re.sub(r"\[([^\]]+)\]\((?!\.\./|#|https?:)[^)]*\)", r"`\1`", text)
        pages[f"{name}.md"] = text
        listed.append(f"| [{name}]({name}.md) | `erpcore-{name.replace('_', '-')}` |")
    return {"index.md": "\n".join(listed) + "\n", **pages}


def _settings(model: type[BaseModel]) -> list[str]:
    """Give the table of a model's settings: name, default, meaning."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            continue
        told = (info.description or "").replace("|", "\\|")
        choices = ", ".join(f"`{each}`" for each in _choices(info.annotation))
        lines.append(f"| `{name}` | {_default(info)} | {told}{f'. One of {choices}' if choices else ''} |")
    return lines


def _choices(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if str(get_origin(annotation)) == "typing.Literal" else ()


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "must be given"
    value = to_jsonable_python(info.get_default(call_default_factory=True), fallback=str)
    return "none" if value in (None, [], {}, "") else f"`{json.dumps(value, ensure_ascii=False)}`"


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
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
    (DOCS / "rules.md").write_text(rules_page(), encoding="utf-8")
    (DOCS / "remedies.md").write_text(remedy_page(), encoding="utf-8")
    (DOCS / "plugins").mkdir(exist_ok=True)
    for name, text in plugin_pages().items():
        (DOCS / "plugins" / name).write_text(text, encoding="utf-8")
    page = DOCS / "errors.md"
    before, _, after = page.read_text(encoding="utf-8").partition("```text\n")
    page.write_text(before + error_tree() + after.partition("\n```")[2], encoding="utf-8")


if __name__ == "__main__":
    main()
