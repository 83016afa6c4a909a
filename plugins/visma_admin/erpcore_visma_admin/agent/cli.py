"""``erpcore-adk-agent``: run the service, make a token, look at an installation."""

from __future__ import annotations

import logging
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Annotated, Any

import typer

from erpcore_visma_admin.adk.errors import AdkProblem
from erpcore_visma_admin.adk.library import dll_path, installation
from erpcore_visma_admin.adk.owner import Owner, Rules
from erpcore_visma_admin.agent.probe import Documents, probe, report
from erpcore_visma_admin.agent.settings import AgentSettings, SettingsProblem, load, places, token_of

_LOG_BYTES, _LOG_FILES = 5_000_000, 5
_SettingsFile = Annotated[Path, typer.Option("--settings", help="The agent's settings file.")]
_DEFAULT = Path("agent.toml")

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Owns Visma Administration's native interface on this computer."
)


@app.command()
def run(settings_file: _SettingsFile = _DEFAULT) -> None:
    """Answer erpcore until the service is stopped."""
    try:
        import uvicorn

        from erpcore_visma_admin.agent.app import Agent
        from erpcore_visma_admin.agent.asking import Asker
        from erpcore_visma_admin.agent.gate import Gate
    except ModuleNotFoundError as error:
        raise _stop(f"{error.name} is not installed: pip install 'erpcore-visma-admin[agent]'.") from None
    import time

    with _told_in_words():
        settings = load(settings_file)
        token = token_of(settings)
        owner = owner_of(settings)
        _log_to(settings.log)
        agent = Agent(
            owner,
            Gate(token, settings.clock_tolerance_seconds, time.time),
            largest_request=settings.largest_request,
            longest_call=settings.longest_call_seconds,
            version=version("erpcore-visma-admin"),
        )
    askers = [Asker(agent, address, token) for address in settings.ask]
    for asker in askers:
        threading.Thread(target=asker.run, name="asking", daemon=True).start()
    try:
        if not settings.listen:
            typer.echo(f"Asking for work at {', '.join(settings.ask)}; the log is {settings.log}.")
            _until_told()
            return
        scheme = "http" if settings.certificate is None else "https"
        typer.echo(f"Listening on {scheme}://{settings.host}:{settings.port}; the log is {settings.log}.")
        uvicorn.run(
            agent.asgi(),
            host=settings.host,
            port=settings.port,
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.key,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
        )
    finally:
        for asker in askers:
            asker.stop()
        owner.stop()


def _until_told() -> None:
    """Wait for the signal that ends the service."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    # Not one endless wait: on Windows a signal is handled only when the main thread is awake.
    while not over.wait(0.5):
        continue


@app.command()
def token() -> None:
    """Make a token. It goes into the agent's settings and into erpcore's, and nowhere else."""
    typer.echo(secrets.token_urlsafe(32))


@app.command("probe")
def probe_command(
    settings_file: _SettingsFile = _DEFAULT,
    company: Annotated[str | None, typer.Option(help="Which company; the only one when left out.")] = None,
    order: Annotated[int | None, typer.Option(help="Number of an order that was invoiced in the program.")] = None,
    invoice: Annotated[int | None, typer.Option(help="Number of the invoice that it became.")] = None,
    to: Annotated[Path, typer.Option(help="The report.")] = Path("adk-probe.md"),
) -> None:
    """Look at an installation, changing nothing, and write what was found without anything about customers."""
    with _told_in_words():
        settings = load(settings_file)
        found = installation()
        known = places(settings, found)
        name = company or next(iter(known))
        if name not in known:
            raise SettingsProblem(f"There is no company {name}; there are {', '.join(sorted(known))}.")
        rules = Rules(lease_seconds=settings.lease_seconds)
        seen = probe(dll_path(settings.dll, found), known[name], rules, Documents(order, invoice))
        to.write_text(report(seen), encoding="utf-8")
    typer.echo(f"Written to {to}. It holds names and numbers of the interface, and nothing about customers.")


def owner_of(settings: AgentSettings) -> Owner:
    """Build the owner of the DLL.

    Raises:
        NoLibrary: The DLL, or the folder of a company, is not found.
    """
    found = installation()
    dll = dll_path(settings.dll, found)
    rules = Rules(idle_seconds=settings.idle_seconds, lease_seconds=settings.lease_seconds)
    return Owner(lambda: dll, places(settings, found), rules)


def _log_to(path: Path) -> None:
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("erpcore", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except (SettingsProblem, AdkProblem, OSError) as problem:
        raise _stop(str(problem)) from None


def _stop(message: str) -> Any:
    typer.echo(message, err=True)
    return typer.Exit(1)


def main() -> None:
    """Run the command line."""
    app()
