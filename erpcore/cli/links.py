"""``erpcore link``: showing, setting and cutting what a record of the CRM is in the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, person_here, print_json
from erpcore.cli.syncs import KindOption
from erpcore.errors import ConfigurationError, ErpcoreError, MissingRecordError
from erpcore.hookspecs import Context
from erpcore.models import CustomerQuery, DocumentQuery

if TYPE_CHECKING:
    from erpcore.connection import ErpConnection
    from erpcore.engine.assembly import Assembly
    from erpcore.store import Link

Target = Literal["customer", "order", "invoice"]


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("link")(link)


def link(
    sync: Annotated[str, typer.Argument(help="Name of the sync.")],
    record: Annotated[str, typer.Argument(help="The CRM's key of the company, deal or order.")],
    settings_file: SettingsFile = None,
    kind: KindOption = None,
    to: Annotated[str | None, typer.Option(help="Number in the ERP that it is from now on; it must be there.")] = None,
    target: Annotated[
        Target | None,
        typer.Option("--as", help="What it is in the ERP; a customer for a company, else an order if left out."),
    ] = None,
    cut: Annotated[bool, typer.Option("--cut", help="It is nothing in the ERP from now on.")] = False,
    why: Annotated[str, typer.Option(help="Why, for whoever reads it later.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what a company, deal or order is in the ERP, or set or cut that.

    A company whose link is cut is matched anew when it is next sent. A deal or an order whose link is cut gets a new
    document when it is won or set ready again.
    """
    from erpcore.store import links_from, live_link

    if to is not None and cut:
        raise ConfigurationError("--to and --cut exclude each other.", advice="Choose one: --to cuts what is there.")
    with opened_assembly(settings_file) as assembly:
        assembly.settings.sync_named(sync)
        record_kind = str(kind or assembly.usual_kind(sync))
        chosen = target or ("customer" if record_kind == "company" else "order")
        same = {"sync": sync, "source_kind": record_kind, "source_id": record}
        if to is not None or cut:
            if to is not None:
                _require_there(assembly, sync, chosen, to)
            _change(assembly, same, chosen, to, f"{person_here()}: {why or 'by hand'}")
        with assembly.store.read() as reading:
            found = links_from(reading, **same)
            live = live_link(reading, **same, target_kind=chosen)
    if as_json:
        print_json({"record": {"kind": record_kind, "id": record}, "links": [vars(each) for each in found]})
        return
    console = Console()
    if to is not None or cut:
        becomes = f"{chosen} {escape(live.number)}" if live is not None else f"no {chosen}"
        console.print(f"{record_kind.capitalize()} {escape(record)} is {becomes} in the ERP from now on.")
    _show(console, record_kind, record, found)


def _require_there(assembly: Assembly, sync: str, target: Target, number: str) -> None:
    """Stop at a number that the ERP does not have.

    Raises:
        MissingRecordError: It has not.
        ErpcoreError: It could not be asked.
    """
    erp: ErpConnection = assembly.erp(assembly.settings.syncs[sync].erp)
    assembly.accounts.make_sure(erp)
    context = Context(correlation_id=f"link:{sync}:{number}")
    if target == "customer":
        found: object = erp.find_customers(CustomerQuery(number=number), context)
    elif target == "order":
        found = erp.find_orders(DocumentQuery(number=number), context)
    else:
        found = erp.find_invoices(DocumentQuery(number=number), context)
    if not found:
        raise MissingRecordError(
            f"{erp.plugin.display_name} has no {target} {number}.", connection=erp.name, advice="Nothing was changed."
        )


def _change(assembly: Assembly, same: dict[str, str], target: Target, to: str | None, why: str) -> None:
    """Cut the link that there is, and make another one, in one transaction.

    Raises:
        ErpcoreError: The record is being handled at this moment, or there is no link to cut.
    """
    from erpcore.store import OPEN_STATES, cut_link, latest_run, live_link, put_link, refresh_documents, tell

    sync, kind, record = same["sync"], same["source_kind"], same["source_id"]
    with assembly.store.begin() as writing:
        run = latest_run(writing, sync=sync, record_kind=kind, record_id=record)
        if run is not None and run.state in OPEN_STATES:
            raise ErpcoreError(
                f"run {run.id} of it is {run.state}.",
                record=f"{kind} {record}",
                advice="Wait for its end, then try again.",
            )
        before = live_link(writing, **same, target_kind=target)
        if before is None and to is None:
            raise MissingRecordError(f"It is no {target} in the ERP.", record=f"{kind} {record}")
        if to is not None:
            put_link(
                writing,
                sync=sync,
                source_kind=kind,
                source_id=record,
                target_kind=target,
                number=to,
                generation=1 if before is None else before.generation,
                instead=lambda _: why,
            )
        elif before is not None:
            cut_link(writing, before.id, reason=why)
        if run is not None:
            tell(writing, run.id, "link", f"{why}: {target} {to}" if to else f"{why}: no {target} any more")
            refresh_documents(writing, run)


def _show(console: Console, kind: str, record: str, found: list[Link]) -> None:
    if not found:
        console.print(f"{kind.capitalize()} {escape(record)} is nothing in the ERP that erpcore knows of.")
        return
    table = Table("In the ERP", "Number", "Since", "Until", "Why it was cut")
    for each in found:
        until = "" if each.cut_at is None else f"{each.cut_at.astimezone():%Y-%m-%d %H:%M}"
        since = f"{each.created_at.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(each.target_kind, escape(each.number), since, until, escape(each.cut_reason or ""))
    console.print(table)
