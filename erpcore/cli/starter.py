"""The settings file that ``erpcore init`` writes: every setting with its meaning and default, from the models."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from erpcore.plugin import Plugin
from erpcore.settings import LoggingSettings, StoreSettings, SyncSettings, WorkerSettings

WIDTH = 110
HEAD = """\
# Settings of erpcore. A line such as “# name = value” is a setting at its default: remove the # to change it.
# Secrets do not belong here: “erpcore connect NAME” stores them encrypted, or set them in the environment,
# for example ERPCORE_CONNECTIONS__FORTNOX__CLIENT_SECRET.
"""


def starter(crm: type[Plugin[Any]], erp: type[Plugin[Any]]) -> str:
    """Write the text of a first settings file.

    Args:
        crm: Plugin of the CRM.
        erp: Plugin of the accounting program.

    Returns:
        TOML with comments, for one connection to each and one sync between them.
    """
    sync = {"crm": crm.name, "erp": erp.name}
    parts = [
        HEAD,
        _table("store", StoreSettings, {}),
        *(
            f"# {plugin.display_name}\n"
            + _table(f"connections.{plugin.name}", plugin.Settings, {"plugin": plugin.name})
            for plugin in (crm, erp)
        ),
        _table("syncs.won_deals", SyncSettings, sync),
        _table("worker", WorkerSettings, {}),
        _table("logging", LoggingSettings, {}),
    ]
    return "\n".join(parts)


def _table(name: str, model: type[BaseModel], given: Mapping[str, str]) -> str:
    lines = [f"[{name}]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in given.items()]
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
        yield f"# {key}: a secret; “erpcore connect” asks for it"
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
