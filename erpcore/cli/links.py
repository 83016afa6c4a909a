"""``erpcore link``: showing, setting and cutting what a record of the CRM is in the ERP."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, opened_assembly, person_here, print_json
from erpcore.cli.syncs import KindOption
from erpcore.errors import ConfigurationError, ErpcoreError, MissingRecordError, NotFoundError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erpcore.engine.assembly import Assembly
    from erpcore.models import Customer, Document
    from erpcore.store import Link

Target = Literal["customer", "order", "invoice"]
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEGMENT = re.compile(r"[^/?#&=]+")


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("link")(link)


def link(
    sync: Annotated[str, typer.Argument(help="Name of the sync.")],
    record: Annotated[str, typer.Argument(help="The CRM's key of the company, deal or order.")],
    settings_file: SettingsFile = None,
    kind: KindOption = None,
    to: Annotated[
        str | None,
        typer.Option(help="What it is in the ERP from now on: a number, a key, or the address of its page there."),
    ] = None,
    target: Annotated[
        Target | None,
        typer.Option("--as", help="What it is in the ERP; a customer for a company, else an order if left out."),
    ] = None,
    cut: Annotated[bool, typer.Option("--cut", help="It is nothing in the ERP from now on.")] = False,
    why: Annotated[str, typer.Option(help="Why, for whoever reads it later.")] = "",
    propose: Annotated[
        bool, typer.Option("--propose", help="List the ERP's customers that may be the company. Changes nothing.")
    ] = False,
    create: Annotated[
        bool, typer.Option("--create", help="Add the company as a customer, unless the ERP has it already.")
    ] = False,
    contact: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help="Add this person of the company as a contact person: key, name or e-mail."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Overwrite the customer and its contact persons with what the CRM shows.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --create, --contact or --update: tell what it would do, and end.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a company, deal or order is in the ERP, or set or cut that; or have a company's customer dealt with.

    A company whose link is cut is matched anew when it is next sent. A deal or an order whose link is cut gets a new
    document when it is won or set ready again.

    --propose, --create, --contact and --update are about companies. --create and --update are carried out by the
    worker, or here where none is running.
    """
    from erpcore.cli import linking

    wanted = {"--to": to is not None, "--cut": cut, "--propose": propose, "--create": create}
    wanted |= {"--contact": contact is not None, "--update": update}
    chosen = [option for option, given in wanted.items() if given]
    if len(chosen) > 1:
        raise ConfigurationError(f"{' and '.join(chosen)} exclude each other.", advice="Choose one.")
    asks = bool({"--create", "--contact", "--update"} & set(chosen))
    if dry_run and not asks:
        raise ConfigurationError("--dry-run goes with --create, --contact or --update.")
    with opened_assembly(settings_file) as assembly:
        assembly.settings.sync_named(sync)
        if propose or asks:
            if kind not in (None, "company"):
                raise ConfigurationError(f"{chosen[0]} is about companies.", advice="Leave --kind out.")
            if propose:
                linking.propose(assembly, sync, record, as_json=as_json)
            else:
                action: Literal["create", "update", "contact"] = "create" if create else "update"
                action = action if contact is None else "contact"
                linking.wish(assembly, sync, record, action, person=contact, dry_run=dry_run, as_json=as_json)
            return
        record_kind = str(kind or assembly.usual_kind(sync))
        _set_or_show(assembly, sync, record_kind, record, target, to, cut=cut, why=why, as_json=as_json)


def _set_or_show(
    assembly: Assembly,
    sync: str,
    record_kind: str,
    record: str,
    target: Target | None,
    to: str | None,
    *,
    cut: bool,
    why: str,
    as_json: bool,
) -> None:
    from erpcore.store import links_from, links_to, live_link

    chosen = target or ("customer" if record_kind == "company" else "order")
    same = {"sync": sync, "source_kind": record_kind, "source_id": record}
    if to is not None or cut:
        ref = None if to is None else _required(assembly, sync, chosen, to)
        _change(assembly, same, chosen, ref, f"{person_here()}: {why or 'by hand'}")
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
    if to is not None and live is not None:
        with assembly.store.read() as reading:
            same_one = links_to(reading, sync=sync, target_kind=chosen, number=live.number)
        others = ", ".join(f"{each.source_kind} {each.source_id}" for each in same_one if each.source_id != record)
        if others:
            follows = (
                "They share it." if chosen == "customer" else "Cut the link that is wrong: one document is of one."
            )
            console.print(f"[yellow]{chosen.capitalize()} {live.number} is {escape(others)} too. {follows}[/]")
    _show(console, record_kind, record, found)


def _required(assembly: Assembly, sync: str, target: Target, pasted: str) -> Customer | Document:
    """Find the record of the ERP that a person means.

    Args:
        assembly: The connections.
        sync: Name of the sync.
        target: What it is.
        pasted: Its number, its key, or the address of its page.

    Raises:
        MissingRecordError: The ERP has none.
        ErpcoreError: It could not be asked.
    """
    from erpcore.hookspecs import Context
    from erpcore.models import CustomerQuery, DocumentQuery

    erp = assembly.erp(assembly.settings.syncs[sync].erp)
    assembly.accounts.make_sure(erp)
    context = Context(correlation_id=f"link:{sync}:{pasted[:60]}")
    for way in _ways(pasted):
        found: Sequence[Customer | Document] = []
        # A key that the ERP cannot even read is the key of nothing.
        with suppress(NotFoundError, RejectedError):
            if target == "customer":
                found = erp.find_customers(CustomerQuery(**way), context)
            else:
                find = erp.find_orders if target == "order" else erp.find_invoices
                found = find(DocumentQuery(**way), context)
        for each in found:
            if each.number:
                return each
    raise MissingRecordError(
        f"{erp.plugin.display_name} has no {target} {pasted}.", connection=erp.name, advice="Nothing was changed."
    )


def _change(assembly: Assembly, same: dict[str, str], target: Target, to: Customer | Document | None, why: str) -> None:
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
                number=str(to.number),
                key=to.key,
                known_as=_known_as(to),
                generation=1 if before is None else before.generation,
                instead=lambda _: why,
            )
        elif before is not None:
            cut_link(writing, before.id, reason=why)
        if run is not None:
            told = f"{why}: {target} {to.number}" if to else f"{why}: no {target} any more"
            tell(writing, run.id, "link", told)
            refresh_documents(writing, run)


def _known_as(to: Customer | Document) -> dict[str, str] | None:
    """Give what the ERP calls the customer that a person means, where its number alone is known."""
    from erpcore.models import Customer
    from erpcore.sync.shared.identity import KnownAs

    known = KnownAs.of(to) if isinstance(to, Customer) and to.key is None else None
    return None if known is None else known.kept()


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


def _ways(text: str) -> list[dict[str, str]]:
    """Tell how to look for a record of the ERP by what a person pastes: by number or key, the likeliest first.

    Args:
        text: Such as ``10``, ``38fe43cc-c843-48e0-9efe-fa7b262a8191``, or an address that ends with one of them.
            Lime Go's article on Visma eAccounting has people copy “everything after the last /”; the whole address will
            do.
    """
    text = text.strip()
    if found := _GUID.findall(text):
        key = str(found[-1])
        return [{"key": key}] if key != text else [{"key": text}, {"number": text}]
    if "://" in text or text.lower().startswith("www."):
        segments = _SEGMENT.findall(text.partition("://")[2] or text)
        last = segments[-1] if len(segments) > 1 else ""
        return [{"key": last}, {"number": last}] if last else []
    return [{"number": text}, {"key": text}] if text else []
