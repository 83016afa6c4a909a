"""The settings file that ``erpcore init`` writes: what was chosen, or every setting with its meaning and default."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from erpcore.errors import ConfigurationError
from erpcore.notice_settings import MailSettings
from erpcore.plugin import Plugin
from erpcore.plugin_settings import secret_settings
from erpcore.setting_errors import suggest
from erpcore.settings import LoggingSettings, StoreSettings, SyncSettings, WorkerSettings

WIDTH = 110
HEAD = """\
# Settings of erpcore. Secrets do not belong here: “erpcore connect NAME” stores them encrypted, or set them in the
# environment, for example ERPCORE_CONNECTIONS__FORTNOX__CLIENT_SECRET.
"""
_FULL = "# A line such as “# name = value” is a setting at its default: remove the # to change it.\n"
_SHORT = (
    "# Every other setting is at its default; “erpcore init all.toml --full” writes them all, with their meaning.\n"
)


@dataclass
class Chosen:
    """What a first settings file is to hold.

    Attributes:
        crm: Plugin of the CRM.
        erp: Plugin of the accounting program.
        sync: Name of the sync between them.
        tables: Values by the name of a connection, which is its plugin's, or of the sync.
        made_up: Secrets of simulators that the connections point at, by connection.
    """

    crm: type[Plugin[Any]]
    erp: type[Plugin[Any]]
    sync: str
    tables: dict[str, dict[str, Any]]
    made_up: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def values(self, table: str) -> Mapping[str, Any]:
        """Give what was chosen for a connection or the sync."""
        return self.tables.get(table, {})

    def put(self, table: str, name: str, value: Any) -> None:
        """Choose a value, unless one is chosen already."""
        self.tables.setdefault(table, {}).setdefault(name, value)

    def point_at(self, simulator: Any) -> None:
        """Point a connection at a simulator on its usual port of this machine.

        Args:
            simulator: Its class, a subclass of `erpcore.simulator.Simulator`.
        """
        url = f"http://127.0.0.1:{simulator.default_port}"
        for name, value in simulator.connection_settings.items():
            self.put(simulator.name, name, value.format(url=url))
        self.made_up[simulator.name] = simulator.made_up_secrets

    def missing(self) -> list[str]:
        """List the settings that somebody must fill in, as dotted names."""
        return [
            f"{plugin.name}.{name}"
            for plugin in (self.crm, self.erp)
            for name, info in plugin.Settings.model_fields.items()
            if info.is_required() and name not in secret_settings(plugin) and name not in self.values(plugin.name)
        ]

    def refuse_strangers(self) -> None:
        """Stop at a value for a table or a setting that there is not.

        Raises:
            ConfigurationError: There is one.
        """
        models: dict[str, type[BaseModel]] = {self.crm.name: self.crm.Settings, self.erp.name: self.erp.Settings}
        models[self.sync] = SyncSettings
        for table, values in self.tables.items():
            if table not in models:
                raise ConfigurationError(
                    f"there is no table “{table}” in this file.",
                    setting=f"--set {table}",
                    advice=suggest(table, models) or f"There are: {', '.join(models)}.",
                )
            for name in values:
                if name not in models[table].model_fields:
                    raise ConfigurationError(
                        "there is no such setting.",
                        setting=f"--set {table}.{name}",
                        advice=suggest(name, models[table].model_fields),
                    )


def starter(chosen: Chosen) -> str:
    """Write the text of a short settings file: what was chosen, and what must be filled in.

    Args:
        chosen: What it is to hold.
    """
    missing = set(chosen.missing())
    parts = [HEAD + _SHORT]
    for plugin in (chosen.crm, chosen.erp):
        fields = plugin.Settings.model_fields
        open_ones = [f'{name} = ""  # you must fill this in' for name in fields if f"{plugin.name}.{name}" in missing]
        values = {"plugin": plugin.name, **chosen.values(plugin.name)}
        parts.append(_short_table(f"connections.{plugin.name}", values, open_ones))
    sync = {"crm": chosen.crm.name, "erp": chosen.erp.name, **chosen.values(chosen.sync)}
    return "\n".join([*parts, _short_table(f"syncs.{chosen.sync}", sync, [])])


def _short_table(name: str, values: Mapping[str, Any], open_ones: list[str]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items()), *open_ones, ""])


def full_starter(chosen: Chosen) -> str:
    """Write the text of a settings file with every setting, its meaning and its default.

    Args:
        chosen: What it is to hold beside the defaults.
    """
    sync = {"crm": chosen.crm.name, "erp": chosen.erp.name, **chosen.values(chosen.sync)}
    parts = [
        HEAD + _FULL,
        _table("store", StoreSettings, {}),
        *(
            f"# {plugin.display_name}\n"
            + _table(
                f"connections.{plugin.name}", plugin.Settings, {"plugin": plugin.name, **chosen.values(plugin.name)}
            )
            for plugin in (chosen.crm, chosen.erp)
        ),
        _table(f"syncs.{chosen.sync}", SyncSettings, sync),
        _table("worker", WorkerSettings, {}),
        _table("logging", LoggingSettings, {}),
        _table("mail", MailSettings, {}),
    ]
    return "\n".join(parts)


def _table(name: str, model: type[BaseModel], given: Mapping[str, Any]) -> str:
    lines = [f"[{name}]"]
    lines += [f"{key} = {_toml(value)}" for key, value in given.items()]
    nested = []
    for key, info in model.model_fields.items():
        if key in given:
            continue
        if (inner := _model_in(info)) is not None:
            nested.append(_commented(_table(f"{name}.{key}", inner, {}), info))
        else:
            lines += _setting(key, info)
    return "\n".join([*lines, ""]) + "".join(f"\n{table}" for table in nested)


def _setting(key: str, info: FieldInfo) -> Iterator[str]:
    yield ""
    yield from _comment(info.description or "")
    if _is_secret(info):
        yield f"# {key}: a secret, which does not belong here"
    elif info.is_required():
        yield f'{key} = ""  # you must fill this in'
    else:
        default = info.get_default(call_default_factory=True)
        if default is None or default is PydanticUndefined:
            yield f"# {key} =    (not set)"
        else:
            yield f"# {key} = {_toml(to_jsonable_python(default))}"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(item)}" for name, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, WIDTH - 2):
        yield f"# {line}"


def _commented(table: str, info: FieldInfo) -> str:
    lines = [line if line.startswith("#") or not line else f"# {line}" for line in table.splitlines()]
    return "\n".join([*_comment(info.description or ""), *lines, ""])


def _is_secret(info: FieldInfo) -> bool:
    return SecretStr in (info.annotation, *get_args(info.annotation))


def _model_in(info: FieldInfo) -> type[BaseModel] | None:
    annotation = info.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
