"""``erpcore webhooks``: having a CRM deliver its events, and telling whether it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli.opening import HERE, SettingsFile, opened_assembly
from erpcore.errors import ConfigurationError, UnsupportedOperationError

if TYPE_CHECKING:
    from erpcore.connection import CrmConnection, ErpConnection
    from erpcore.engine.assembly import Assembly

webhooks = typer.Typer(help="Have a CRM deliver its events, instead of reading them.", no_args_is_help=True)


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(webhooks, name="webhooks")


@webhooks.command("subscribe")
def subscribe(
    name: Annotated[str, typer.Argument(help="Name of the CRM connection.")],
    url: Annotated[
        str, typer.Option(help="Where the CRM reaches this worker, such as https://erp.example.com; the path is added.")
    ],
    settings_file: SettingsFile = None,
    again: Annotated[bool, typer.Option("--again", help="Ask the CRM even if it delivers there already.")] = False,
) -> None:
    """Ask a CRM to deliver its events to this worker, and remember the subscription."""
    from erpcore.hookspecs import Context
    from erpcore.store import get_subscription, put_subscription

    console = Console()
    base = _base(url)
    with opened_assembly(settings_file) as assembly:
        connection = assembly.trusted_crm(name)
        if not connection.can("subscribe_events"):
            raise UnsupportedOperationError(
                f"{connection.plugin.display_name} delivers no events.",
                connection=name,
                advice="They are read from it instead; nothing has to be subscribed.",
            )
        target = f"{base}/webhooks/{name}/{connection.plugin.delivery_token}"
        with assembly.store.read() as reading:
            before = get_subscription(reading, name)
        if before is not None and before.is_to(target) and not again:
            console.print(
                f"{name} delivers to {escape(before.address)}/… already (subscription {before.subscription_id})."
            )
        else:
            key = connection.subscribe_events(target, Context(correlation_id=f"subscribe:{name}"))
            with assembly.store.begin() as writing:
                put_subscription(writing, name, subscription_id=key, target=target)
            console.print(
                f"[green]{name} delivers to {escape(base)}/webhooks/{name}/… (subscription {escape(key)}).[/]"
            )
            if before is not None and before.subscription_id != key:
                console.print(
                    f"The subscription before, {escape(before.subscription_id)} to {escape(before.address)}/…, still "
                    "stands in the CRM: delete it there.",
                    style="yellow",
                )
        if assembly.settings.worker.webhook_port is None:
            console.print(
                "Nothing takes deliveries in yet: set webhook_port under \\[worker], and have a web server with HTTPS "
                "pass /webhooks/ on to it.",
                style="yellow",
            )


def show_subscription(console: Console, assembly: Assembly, connection: CrmConnection | ErpConnection) -> None:
    """Print where a CRM delivers its events to; nothing where it cannot, or where nobody wants it to.

    Args:
        console: Where.
        assembly: The settings and the store.
        connection: The connection.
    """
    from erpcore.connection import CrmConnection
    from erpcore.store import get_subscription

    if not isinstance(connection, CrmConnection) or not connection.can("subscribe_events"):
        return
    name, port = connection.name, assembly.settings.worker.webhook_port
    with assembly.store.read() as reading:
        found = get_subscription(reading, name)
    if found is None:
        if port is not None:
            told = f"none was subscribed from here: erpcore webhooks subscribe {name} --url https://…"
            console.print(f"Deliveries: {told}", style="yellow")
        return
    try:
        target = f"{found.address}/{connection.plugin.delivery_token}"
    except ConfigurationError as error:
        console.print(f"Deliveries: {escape(str(error))}", style="yellow")
        return
    since = f"subscription {found.subscription_id}, since {found.subscribed_at.astimezone():%Y-%m-%d %H:%M}"
    if not found.is_to(target):
        told = f"to an address with an earlier token ({since}): erpcore webhooks subscribe {name} --url https://…"
        console.print(f"Deliveries: {escape(told)}", style="yellow")
    elif port is None:
        console.print(
            f"Deliveries: {escape(since)}, but nothing takes them in: set worker.webhook_port.", style="yellow"
        )
    else:
        console.print(f"Deliveries: to {escape(found.address)}/… ({escape(since)}).", style="dim")


def _base(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise ConfigurationError(f"{url} is no address.", advice="Write it as https://erp.example.com.")
    if parts.scheme == "http" and parts.hostname not in HERE:
        raise ConfigurationError(
            f"{url} is not encrypted, and deliveries hold customers' data.",
            advice="Put a web server with HTTPS in front of webhook_port, and name its address.",
        )
    return url.rstrip("/")
