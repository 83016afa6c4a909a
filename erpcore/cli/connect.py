"""``erpcore connect``: credentials are entered, tried, and kept when they were accepted."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli.accounts import chosen_plugin, show_report
from erpcore.cli.opening import HERE, SettingsFile, opened_store, person_here
from erpcore.errors import ConfigurationError, ErpcoreError, PluginError

if TYPE_CHECKING:
    from erpcore.connection import CrmConnection, ErpConnection
    from erpcore.engine.accounts import Found
    from erpcore.engine.trial import OtherAccount
    from erpcore.plugin import Plugin
    from erpcore.settings import Settings
    from erpcore.store import Store

CONSENT_PORT = 8765


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("connect")(connect)


def connect(
    name: Annotated[str, typer.Argument(help="Name of the connection, as in the settings file.")],
    settings_file: SettingsFile = None,
    port: Annotated[
        int,
        typer.Option(min=1, max=65535, help="Port on this machine that the browser comes back to after a consent."),
    ] = CONSENT_PORT,
    browser: Annotated[bool, typer.Option(help="Open the browser for a consent.")] = True,
    redirect_uri: Annotated[
        str | None,
        typer.Option(help="Address that a consent comes back to, where another one is registered: then you paste it."),
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Give a link instead, by which somebody elsewhere gives the consent, once.")
    ] = False,
    forget: Annotated[
        list[str] | None, typer.Option("--forget", help="Take a stored secret back, such as webhook_token.")
    ] = None,
    same: Annotated[bool, typer.Option("--same", help="Another account is the same company: keep everything.")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Another account is another company: put aside what is remembered.")
    ] = False,
) -> None:
    """Enter a connection's secrets, and give consent where the system wants one; only what it accepts is kept."""
    from erpcore.cli.consent import ask_for_consent
    from erpcore.engine.trial import Trial
    from erpcore.store import secret_names, sole_worker

    console = Console()
    if same and anew:
        raise ConfigurationError("--same and --anew exclude each other.", advice="Choose one.")
    other: OtherAccount = "same" if same else "anew" if anew else "refuse"
    with opened_store(settings_file) as (settings, store), ExitStack() as stack:
        plugin, chosen = chosen_plugin(settings, name)
        if link:
            _give_link(console, settings, store, name)
            return
        with store.read() as reading:
            stored = secret_names(reading, name)
        entered = _entered(console, plugin, name, chosen.options, stored, forget or [])
        if other != "refuse":
            stack.enter_context(sole_worker(store))
        try:
            trial = stack.enter_context(Trial(settings, store, name, entered))
            kept: list[Found] = []

            def keep() -> str:
                kept.append(trial.keep(other))
                return f"Done: {name} is connected to {kept[0].words or trial.connection.plugin.display_name}."

            if trial.consent is not None:
                ask_for_consent(trial.consent, keep, console, port=port, browser=browser, redirect_uri=redirect_uri)
            else:
                with console.status(f"Trying {escape(name)} …"):
                    keep()
        except (ConfigurationError, PluginError):
            raise
        except ErpcoreError as error:
            error.message = f"{error.message} Nothing was kept."
            raise
        _tell_kept(console, kept[0], entered, consent=trial.consent is not None)
        show_report(console, trial.connection)
        if kept[0].words:
            console.print(f"Known by: {escape(kept[0].words)}", style="dim")
        _choose_terms(console, settings, trial.connection)


def _give_link(console: Console, settings: Settings, store: Store, name: str) -> None:
    """Print a link by which somebody elsewhere gives the consent; a worker serves it."""
    from erpcore.engine.trial import Trial
    from erpcore.store import list_workers, make_consent_link, now
    from erpcore.web.consent import CALLBACK

    base = (settings.worker.public_url or "").rstrip("/")
    if not base or settings.worker.webhook_port is None:
        raise settings.locate(
            ConfigurationError(
                "nobody elsewhere could reach the link.",
                setting="worker.public_url" if settings.worker.webhook_port is not None else "worker.webhook_port",
                advice="Set webhook_port and public_url, and have a web server with HTTPS pass /consent/ on to it.",
            )
        )
    if urlsplit(base).scheme == "http" and urlsplit(base).hostname not in HERE:
        raise settings.locate(
            ConfigurationError(
                "this address is not encrypted.", setting="worker.public_url", advice="Write it with https://."
            )
        )
    with Trial(settings, store, name, {}) as trial:
        if trial.consent is None:
            raise ConfigurationError(f"{trial.connection.plugin.display_name} wants no consent in a browser.")
    back = f"{base}{CALLBACK}"
    with store.begin() as writing:
        secret = make_consent_link(writing, name, person=person_here(), redirect_uri=back)
        silent = timedelta(seconds=settings.worker.dead_after_seconds)
        alive = any(not each.stopped_at and now(writing) - each.beat_at < silent for each in list_workers(writing))
    console.print("Send this link to whoever may give the consent. It is valid for a day, and once:")
    console.print(f"{base}/consent/{secret}", soft_wrap=True, highlight=False)
    console.print(f"The address {back} must be registered for the client.", soft_wrap=True)
    if not alive:
        console.print("No worker is running, and a worker serves the link: erpcore run", style="yellow")


def _choose_terms(console: Console, settings: Settings, connection: CrmConnection | ErpConnection) -> None:
    """Have a person choose what terms of payment new customers get, out of those that the ERP has; written once."""
    from erpcore.connection import ErpConnection
    from erpcore.hookspecs import Context

    undecided = [
        name
        for name, rules in settings.syncs.items()
        if rules.erp == connection.name and "customer_defaults" not in rules.model_fields_set
    ]
    asked = isinstance(connection, ErpConnection) and connection.can("list_register") and sys.stdin.isatty()
    if not (undecided and asked and settings.file is not None):
        return
    assert isinstance(connection, ErpConnection)  # noqa: S101  asked above; this tells the type checker
    try:
        terms = connection.list_register("terms_of_payment", Context(correlation_id=f"connect:{connection.name}"))
    except ErpcoreError:
        return  # the report above has told what is wrong
    for number, each in enumerate(terms, 1):
        console.print(f"  {number}. {escape(each.code)}  {escape(each.name)}")
    try:
        answer = terms and typer.prompt(
            "Terms of payment of new customers (enter: the ERP's own)", "", show_default=False
        )
    except typer.Abort:
        return  # the connection is there; the question can wait
    if not (answer and answer.isdecimal() and 0 < int(answer) <= len(terms)):
        return
    code = json.dumps(terms[int(answer) - 1].code)
    with settings.file.open("a", encoding="utf-8") as file:
        file.write("".join(f"\n[syncs.{name}.customer_defaults]\nterms_of_payment = {code}\n" for name in undecided))
    console.print(f"Written into {escape(str(settings.file))}.")


def _entered(
    console: Console,
    plugin: type[Plugin[Any]],
    name: str,
    options: Mapping[str, Any],
    stored: list[str],
    forget: list[str],
) -> dict[str, str | None]:
    """Ask for the secrets that the connection can use; an empty answer leaves one as it is.

    Returns:
        What was entered; None for what is taken back.
    """
    from erpcore.plugin_settings import secret_settings

    known = secret_settings(plugin)
    for secret in forget:
        if secret not in known:
            raise ConfigurationError(
                f"{name} has no secret “{secret}”.", advice=f"It has: {', '.join(known) or 'none'}."
            )
    entered: dict[str, str | None] = dict.fromkeys(forget)
    idle = plugin.Settings.idle_secrets(options)
    for secret in known:
        if secret in options:
            console.print(f"{secret}: set in the settings file or the environment; the vault is not used.")
        elif not forget and secret not in idle and (value := _asked(name, secret, needed=not (stored or entered))):
            entered[secret] = value
    return entered


def _tell_kept(console: Console, found: Found, entered: Mapping[str, str | None], *, consent: bool) -> None:
    for secret, value in entered.items():
        console.print(f"{secret}: {'forgotten' if value is None else 'stored, encrypted'}.")
    if consent:
        console.print("[green]Consent kept.[/]")
    if found.in_place_of is not None:
        console.print(f"It was {escape(found.in_place_of)} before, of which nothing was remembered.")


def _asked(connection: str, secret: str, *, needed: bool) -> str:
    """Ask for a secret; an empty answer leaves it as it is. What is piped in is one a line.

    Args:
        connection: Name of the connection.
        secret: Name of the setting.
        needed: Whether the connection has no secret at all so far.

    Raises:
        ConfigurationError: There is nobody to ask, and nothing was piped in.
    """
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        if line or not needed:
            return line.strip()
        raise ConfigurationError(
            f"{secret} cannot be asked for, because this is no terminal.",
            setting=f"connections.{connection}.{secret}",
            advice="Run the command in a terminal, or set the environment variable "
            f"ERPCORE_CONNECTIONS__{connection.upper()}__{secret.upper()}.",
        )
    import getpass

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", getpass.GetPassWarning)
        return str(
            typer.prompt(f"{secret} (enter leaves it as it is)", hide_input=True, default="", show_default=False)
        )
