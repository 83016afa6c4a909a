"""A plugin's settings as a person meets them: which are secrets, and what is said when one is wrong or missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from erpcore.errors import ConfigurationError
from erpcore.plugin import Plugin
from erpcore.setting_errors import setting_errors


def secret_settings(cls: type[Plugin[Any]]) -> list[str]:
    """List the settings of a plugin that are secrets, which the vault keeps.

    Args:
        cls: The plugin class.
    """
    model: type[BaseModel] = cls.Settings
    return [
        name for name, info in model.model_fields.items() if SecretStr in (info.annotation, *get_args(info.annotation))
    ]


def wrong_setting(
    cls: type[Plugin[Any]], connection: str, settings: Mapping[str, Any], error: ValidationError
) -> ConfigurationError:
    """Give the error for settings that the plugin's model does not take.

    Args:
        cls: The plugin class.
        connection: Name of the connection.
        settings: As they were given.
        error: What the model said.
    """
    found = []
    for each, detail in setting_errors(error, cls.Settings, ("connections", connection)):
        each.message = f"{each.message.removesuffix('.')} (plugin “{cls.name}”)."
        unset = [name for name in secret_settings(cls) if name not in settings and _asked_for(name, detail)]
        if unset and each.advice is None:
            each.advice = f"Secrets ({', '.join(unset)}) are asked for and stored by: erpcore connect {connection}"
        found.append(each)
    return ConfigurationError.together(found)


def _asked_for(name: str, detail: Any) -> bool:
    """Tell whether a finding is about a setting: it stands there, or a rule over several settings names it."""
    return name in detail["loc"] or (not detail["loc"] and name in detail["msg"])
