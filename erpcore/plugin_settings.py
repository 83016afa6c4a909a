"""A plugin's settings: their base, which are secrets, and what is said when one is wrong or missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from erpcore.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from erpcore.plugin import Plugin


class PluginSettings(BaseModel):
    """Base of a plugin's settings: one table ``[connections.NAME]`` of the settings file.

    Secrets are `pydantic.SecretStr`; they come from the vault or the environment, not from the file.
    """

    # Numbers become text where text is asked for: a tenant id of digits comes out of the environment as a number.
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, defer_build=True)

    request_seconds: float = Field(
        45.0, gt=0, description="Seconds that one request may take, from its connection to the end of its answer"
    )

    @classmethod
    def idle_secrets(cls, given: Mapping[str, Any]) -> frozenset[str]:
        """Name the secrets that nobody needs with these settings, so that nobody is asked for them.

        Args:
            given: The connection's settings as they were written, not validated yet.
        """
        return frozenset()


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
    from erpcore.setting_errors import setting_errors

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
