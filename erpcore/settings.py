"""The settings file ``erpcore.toml``.

Tables: ``[store]``, ``[worker]``, ``[logging]``, ``[mail]``, one ``[connections.NAME]`` per account in a system, one
``[syncs.NAME]`` per pair of connections and one ``[listeners.NAME]`` per program that is told of failures.
The environment goes before the file: ``ERPCORE_STORE__URL`` is ``url`` of
``[store]``, ``ERPCORE_CONNECTIONS__FORTNOX__CLIENT_SECRET`` is ``client_secret`` of ``[connections.fortnox]``.
Whatever is wrong is told with file, line and setting.
"""

from __future__ import annotations

import codecs
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from erpcore.errors import ConfigurationError
from erpcore.notice_settings import ListenerSettings, MailAddress, MailSettings, notice_problems
from erpcore.setting_errors import lines_of_settings, setting_errors, suggest
from erpcore.sync.shared.rules import SyncRules
from erpcore.worker_settings import WorkerSettings as WorkerSettings

FILE_NAME = "erpcore.toml"
"""Where the settings are looked for when nobody names a file."""

_PREFIX = "ERPCORE_"
_NESTING = "__"
_VARIABLES = ("ERPCORE_KEY", "ERPCORE_TRACEBACK")
"""Environment variables that are no settings."""

# Small letters only: on its way through the environment a name loses its capitals.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]


class _Table(BaseModel):
    # As with all that `Settings` is made of: it is built together with it, and not once more by itself before.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class StoreSettings(_Table):
    """``[store]``: where erpcore keeps what it knows."""

    url: str = Field(
        "sqlite:///erpcore.db",
        description="sqlite:///FILE (a relative path is beside the settings file) or postgresql://USER:PASSWORD@HOST/NAME",
    )
    synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL",
        description="SQLite only. FULL survives a power cut; NORMAL is quicker, and one may lose the last commits",
    )
    key_in: Literal["file", "keyring"] = Field(
        "file",
        description="Where the key is that secrets are encrypted with, unless ERPCORE_KEY has it: in a file beside the "
        "SQLite file, or in the operating system's keyring (needs erpcore[keyring])",
    )


class LoggingSettings(_Table):
    """``[logging]``."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged")
    format: Literal["text", "json"] = Field(
        "text", description="Lines for people, or one JSON object per line for programs that collect them"
    )


class ConnectionSettings(BaseModel):
    """``[connections.NAME]``: an account in a system. What is not named here is the plugin's own setting."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    plugin: str = Field(description="Name of the plugin, such as fortnox")
    wrappers: tuple[Annotated[str, StringConstraints(pattern=r"^[\w.]+:[\w.]+$")], ...] = Field(
        (), description='The installation\'s own hook wrappers, each as "module:object"'
    )

    @property
    def options(self) -> dict[str, Any]:
        """The plugin's own settings, not validated yet."""
        return dict(self.model_extra or {})


class SyncSettings(SyncRules):
    """``[syncs.NAME]``: a CRM connection joined to an ERP connection, with its rules."""

    crm: str = Field(description="Name of the CRM connection")
    erp: str = Field(description="Name of the ERP connection")
    mail_to: tuple[MailAddress, ...] = Field(
        (), description="Who gets a mail when something fails, and when it is well again. Needs [mail]"
    )


class Settings(BaseSettings):
    """All settings. Make it with `load_settings`."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=_PREFIX,
        env_nested_delimiter=_NESTING,
    )

    store: StoreSettings = Field(default_factory=StoreSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    logging: LoggingSettings = Field(default_factory=LoggingSettings)
    connections: dict[Name, ConnectionSettings] = Field(default_factory=dict)
    syncs: dict[Name, SyncSettings] = Field(default_factory=dict)
    mail: MailSettings = Field(default_factory=MailSettings)
    listeners: dict[Name, ListenerSettings] = Field(default_factory=dict)

    _file: Path | None = PrivateAttr(default=None)
    _lines: Mapping[tuple[str, ...], int] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what the file says."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @property
    def file(self) -> Path | None:
        """The file that was read."""
        return self._file

    def sync_named(self, name: str) -> SyncSettings:
        """Give the sync that a person named.

        Args:
            name: Its name.

        Raises:
            ConfigurationError: There is none of that name.
        """
        if name in self.syncs:
            return self.syncs[name]
        raise ConfigurationError(
            f"there is no sync “{name}”.",
            setting="syncs",
            file=str(self.file) if self.file else None,
            advice=suggest(name, self.syncs) or f"The settings have: {', '.join(self.syncs) or 'none yet'}.",
        )

    def deal_syncs(self, crm: str) -> list[str]:
        """Name the syncs that make documents of a CRM's won deals.

        Args:
            crm: Name of the CRM connection.
        """
        return [name for name, sync in self.syncs.items() if sync.crm == crm and sync.won_deal != "nothing"]

    def invoice_syncs(self) -> list[str]:
        """Name the syncs that bring invoices home. Of several between the same two systems it is the first."""
        pairs: dict[tuple[str, str], str] = {}
        for name, sync in self.syncs.items():
            if sync.invoices != "off":
                pairs.setdefault((sync.crm, sync.erp), name)
        return list(pairs.values())

    def refuse_shared_deals(self, crm: str) -> None:
        """Stop where a won deal would become a document more than once.

        Args:
            crm: Name of the CRM connection.

        Raises:
            ConfigurationError: Several syncs make documents of its deals.
        """
        names = self.deal_syncs(crm)
        if len(names) > 1:
            raise self.locate(
                ConfigurationError(
                    f"the syncs {', '.join(names)} all make documents of the deals of {crm}: a won deal would have "
                    f"{len(names)} of them.",
                    setting=f"syncs.{names[-1]}.won_deal",
                    advice="Set won_deal = “nothing” in all but one of them.",
                )
            )

    def locate(self, error: ConfigurationError) -> ConfigurationError:
        """Add file and line to an error that names only the setting.

        Args:
            error: Raised by whoever used a setting, such as the registry.

        Returns:
            The same error.
        """
        for each in (error, *error.others):
            if each.setting is not None and each.file is None:
                _placed(each, self._file, self._lines)
        return error


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings file and the environment. Imports no plugin.

    Args:
        path: The file; without it ``erpcore.toml`` in the current folder.

    Raises:
        ConfigurationError: The file is missing, or something in it is wrong; file, line and setting are named of all
            that is.
    """
    file = path or Path(FILE_NAME)
    try:
        text = _text(file.read_bytes())
    except FileNotFoundError:
        raise ConfigurationError(
            "there is no such file.", file=str(file), advice="Make one with “erpcore init”, or name another one."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the file cannot be read: {error}.", file=str(file)) from error
    return parse_settings(text, file)


def parse_settings(text: str, file: Path) -> Settings:
    """Read settings from text.

    Args:
        text: TOML.
        file: Where it comes from, for errors and relative paths.

    Raises:
        ConfigurationError: As for `load_settings`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        what = str(error).partition(" (at ")[0]
        line = int(place[1]) if place else len(text.splitlines())
        raise ConfigurationError(f"this is not TOML: {what}.", file=str(file), line=line) from error
    lines = lines_of_settings(text)
    problems = _unknown_variables()
    try:
        settings = Settings(**data)
    except ValidationError as error:
        found = [_placed(each, file, lines) for each, _ in setting_errors(error, Settings)]
        found.sort(key=lambda each: each.line or 0)
        raise ConfigurationError.together([*found, *problems]) from None
    settings._file, settings._lines = file, lines
    for name, sync in settings.syncs.items():
        for side in ("crm", "erp"):
            problems += _check_named(settings, name, side, getattr(sync, side))
    with_mails = {name: bool(sync.mail_to) for name, sync in settings.syncs.items()}
    problems += map(settings.locate, notice_problems(settings.mail, settings.listeners, with_mails))
    for crm in dict.fromkeys(sync.crm for sync in settings.syncs.values()):
        keys = [settings.syncs[name].erp_db for name in settings.deal_syncs(crm)]
        # Syncs with an erp_db each are for a CRM's orders, and most such CRMs tell of no deals. See `Assembly.flow`.
        if None in keys or len(set(keys)) < len(keys):
            try:
                settings.refuse_shared_deals(crm)
            except ConfigurationError as error:
                problems.append(error)
    if problems:
        raise ConfigurationError.together(problems)
    return settings


def store_url(settings: Settings) -> str:
    """Give the store's address with a relative SQLite path made relative to the settings file.

    Args:
        settings: The settings.

    Raises:
        ConfigurationError: It is no address.
    """
    try:
        url = sa.make_url(settings.store.url)
    except sa.exc.ArgumentError:
        raise settings.locate(
            ConfigurationError(
                "this is not the address of a database.",
                setting="store.url",
                advice="Write sqlite:///erpcore.db or postgresql://USER:PASSWORD@HOST/NAME.",
            )
        ) from None
    if url.get_backend_name() == "sqlite" and url.database and settings.file is not None:
        url = url.set(database=str(settings.file.absolute().parent / url.database))
    return url.render_as_string(hide_password=False)


def _check_named(settings: Settings, sync: str, side: str, connection: str) -> list[ConfigurationError]:
    if connection in settings.connections:
        return []
    problem = ConfigurationError(
        f"there is no connection “{connection}”.",
        setting=f"syncs.{sync}.{side}",
        advice=suggest(connection, settings.connections)
        or f"Add a table [connections.{connection}], or name one of: {', '.join(settings.connections)}.",
    )
    return [settings.locate(problem)]


def _text(data: bytes) -> str:
    # Windows' editors put a mark in front of the text, and PowerShell 5 writes UTF-16.
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig")


def _unknown_variables() -> list[ConfigurationError]:
    """Tell the environment variables that are meant for erpcore and that nothing reads."""
    tables = [name.upper() for name in Settings.model_fields]
    alone = [*(name.removeprefix(_PREFIX) for name in _VARIABLES), *tables]
    problems = []
    for variable in sorted(name for name in os.environ if name.upper().startswith(_PREFIX)):
        table, nested, _ = variable.upper().removeprefix(_PREFIX).partition(_NESTING)
        if table in (tables if nested else alone):
            continue
        # A variable without __ may be anybody's, such as a version that a container is labelled with.
        meant = suggest(table, tables, cutoff=0.8) if nested else suggest(table, alone, cutoff=0.8)
        if nested or meant:
            setting = f"environment variable {variable}"
            advice = meant or f"Settings are in one of the tables {', '.join(tables)}: ERPCORE_WORKER__LANES is one."
            problems.append(ConfigurationError("there is no such setting.", setting=setting, advice=advice))
    return problems


def _placed(error: ConfigurationError, file: Path | None, lines: Mapping[tuple[str, ...], int]) -> ConfigurationError:
    path = tuple((error.setting or "").split("."))
    table = path[:2]
    stray = sorted(
        each for each in os.environ if each.upper().startswith(_PREFIX + _NESTING.join(table).upper() + "__")
    )
    if len(path) == 3 and stray and not any(each[:2] == table for each in lines):
        # Such as the secret of a connection that has another name in the file by now.
        error.message = f"the settings file has no table [{'.'.join(table)}], which this is about."
        error.advice = "Give the variable the name that the table has now, or take it away."
        error.setting = f"environment variable {stray[0]}"
        return error
    error.file, error.line, error.setting = _place(path, file, lines)
    return error


def _place(
    path: tuple[str, ...], file: Path | None, lines: Mapping[tuple[str, ...], int]
) -> tuple[str | None, int | None, str]:
    variable = _PREFIX + _NESTING.join(path).upper()
    set_variables = {name.upper() for name in os.environ}
    if variable in set_variables:
        return None, None, f"environment variable {variable}"
    # What is missing has no line of its own: then the table's that it should be in.
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return str(file), lines[path[:length]], ".".join(path)
    return (str(file) if file else None), None, ".".join(path)
