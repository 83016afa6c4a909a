"""Rendering the template: what a new plugin is called, and the files that it begins with.

The template has a part for each kind of plugin and one for both. Its field maps list the canonical fields as they are
in this version of erpcore, so that a field added to a model is in every plugin that is begun afterwards.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

from erpcore import registry
from erpcore.errors import ConfigurationError
from erpcore.models import CanonicalModel, Company, Customer, Deal, DealRow, Order, OrderRow
from erpcore.plugin import CONTRACT_VERSION
from erpcore.registry import PluginKind

TEMPLATE = Path(__file__).parent / "template"
_SUFFIX = ".jinja"
"""Files of this ending are filled in; others are copied."""
# Python and GitHub Actions have curly braces of their own.
_MARKS: dict[str, Any] = {
    "variable_start_string": "[[",
    "variable_end_string": "]]",
    "block_start_string": "[%",
    "block_end_string": "%]",
    "comment_start_string": "[#",
    "comment_end_string": "#]",
    "keep_trailing_newline": True,
    "trim_blocks": True,
}
_NAME = re.compile(r"(?=.{1,30}$)[a-z](?:_?[a-z0-9])*")
# It stands in docstrings, texts and a Markdown page: letters, digits and a little of what names have.
_DISPLAY_NAME = re.compile(r"(?=.{1,40}$)\w(?:[\w .&+/()-]*[\w)+.])?")
_MODELS: dict[str, type[CanonicalModel]] = {
    "customer": Customer,
    "order": Order,
    "order_row": OrderRow,
    "company": Company,
    "deal": Deal,
    "deal_row": DealRow,
}


@dataclass(frozen=True)
class NewPlugin:
    """A plugin that is about to be begun.

    Args:
        name: Its name in the configuration: small letters, digits and underscores.
        kind: ``erp`` or ``crm``.
        display_name: The system's name for people.

    Raises:
        ConfigurationError: The name cannot be a plugin's, or a plugin or a package of this name is installed.
    """

    name: str
    kind: PluginKind
    display_name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or keyword.iskeyword(self.name):
            raise ConfigurationError(
                f"“{self.name}” cannot be the name of a plugin.",
                advice="Use up to 30 small letters, digits and single underscores, a letter first: acme_books.",
            )
        if not _DISPLAY_NAME.fullmatch(self.display_name):
            raise ConfigurationError(
                f"{self.display_name!r} cannot be a system's name for people.",
                advice="Use up to 40 letters, digits, blanks and . & + / ( ) -, and change the texts afterwards.",
            )
        for kind in registry.GROUPS:
            for known in registry.installed(kind):
                if known.name == self.name:
                    raise ConfigurationError(
                        f"A plugin “{self.name}” is installed already ({known.distribution} {known.version}).",
                        advice="Two plugins of one name cannot be used; choose another one.",
                    )
        for distribution in distributions(name=self.distribution):
            raise ConfigurationError(
                f"A package {self.distribution} is installed already ({distribution.version}).",
                advice="The new plugin would be installed in its place; choose another name.",
            )

    @property
    def distribution(self) -> str:
        """The name that it is installed under."""
        return f"erpcore-{self.name.replace('_', '-')}"

    def answers(self) -> dict[str, Any]:
        """Return what the template is filled in with."""
        major, minor = version("erpcore").split(".")[:2]
        return {
            "name": self.name,
            "kind": self.kind,
            "display_name": self.display_name,
            "class_name": "".join(part.capitalize() for part in self.name.split("_")),
            "package": f"erpcore_{self.name}",
            "distribution": self.distribution,
            "contract_version": CONTRACT_VERSION,
            "erpcore_range": f">={major}.{minor},<{major}.{int(minor) + 1}" if major == "0" else f"~={major}.{minor}",
            "fields": {name: list(model.model_fields) for name, model in _MODELS.items()},
        }


def begin(plugin: NewPlugin, folder: Path) -> list[Path]:
    """Write the files that a plugin begins with.

    Args:
        plugin: What it is called.
        folder: Where they go; it must be empty, or not there.

    Returns:
        The files, relative to the folder.

    Raises:
        ConfigurationError: The folder has something in it, or jinja2 is not installed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(
            f"{folder} is there already and not empty.", advice="Choose another one with --folder, or move it away."
        )
    try:
        from jinja2 import Environment, StrictUndefined
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Beginning a plugin needs the package “{error.name}”, which is not installed.",
            advice="Install what authors need: pip install 'erpcore[author]'",
        ) from error
    filling = Environment(undefined=StrictUndefined, **_MARKS)  # noqa: S701  it writes Python and TOML, no HTML
    answers = plugin.answers()
    made = []
    for part in ("both", plugin.kind):
        for source in sorted(path for path in (TEMPLATE / part).rglob("*") if path.is_file()):
            text = source.read_text(encoding="utf-8")
            place = filling.from_string(source.relative_to(TEMPLATE / part).as_posix()).render(answers)
            made.append(Path(place.removesuffix(_SUFFIX)))
            target = folder / made[-1]
            target.parent.mkdir(parents=True, exist_ok=True)
            filled = filling.from_string(text).render(answers) if place.endswith(_SUFFIX) else text
            target.write_text(filled, encoding="utf-8", newline="\n")
    return sorted(made)
