"""``erpcore status``: how erpcore does, what stands of each record, and the story of one run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from erpcore.cli.opening import AsJson, SettingsFile, money_cell, opened_store, print_json
from erpcore.errors import MissingRecordError

if TYPE_CHECKING:
    from erpcore.engine.health import Sign
    from erpcore.remedy import Remedy
    from erpcore.settings import Settings
    from erpcore.store import CauseCount, Intent, Record, Run, Standing, StoryLine

STYLES = {
    "done": "green",
    "nothing": "dim",
    "set_aside": "dim",
    "failed": "red",
    "uncertain": "bold red",
    "waiting": "yellow",
}
_LEVELS = {"well": "green", "warning": "yellow", "critical": "bold red"}
_SHOWN_CAUSES = 5

Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Only what changed on this day or later."),
]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Only what changed before this day.")
]


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("status")(status)


def status(
    run_id: Annotated[int | None, typer.Argument(help="Number of a run: its whole story.")] = None,
    settings_file: SettingsFile = None,
    record: Annotated[str | None, typer.Option(help="Only this deal, order or company.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only records in this state, such as failed. May be given more than once.")
    ] = None,
    cause: Annotated[str | None, typer.Option(help="Only what waits for this to be mended, by its key.")] = None,
    sync: Annotated[str | None, typer.Option(help="Only this sync.")] = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also records for which there was nothing to do, and those set aside.")
    ] = False,
    before: Annotated[int | None, typer.Option(help="The page after this run: only records with older ones.")] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 30,
    check: Annotated[
        bool,
        typer.Option("--check", help="One line; exit code 1 when somebody is needed, 2 when erpcore does not work."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how erpcore does and what stands of each record, or the story of one run."""
    from erpcore.engine.health import EXIT_CODES, signs, worst
    from erpcore.store import STANDINGS, list_records, read_health

    console = Console()
    wanted = [known for known in STANDINGS if known in (state or ())]
    if len(wanted) != len(set(state or ())):
        raise MissingRecordError(
            f"No record ever stands as “{next(each for each in state or () if each not in STANDINGS)}”.",
            advice=f"States are: {', '.join(STANDINGS)}.",
        )
    with opened_store(settings_file, only_reads=True) as (settings, store), store.read() as connection:
        if run_id is not None:
            _show_run(console, settings, connection, run_id, as_json=as_json)
            return
        health = read_health(connection)
        names = list(dict.fromkeys(name for rules in settings.syncs.values() for name in (rules.crm, rules.erp)))
        found = signs(health, settings.worker, names, store.path)
        if check:
            _show_check(console, found)
            raise typer.Exit(EXIT_CODES[worst(found)])
        quiet: tuple[Standing, ...] = () if everything or wanted or record else ("nothing", "set_aside")
        records = list_records(
            connection,
            sync=sync,
            states=wanted or None,
            but=quiet,
            record_id=record,
            cause=cause,
            since=None if since is None else since.astimezone(),
            until=None if until is None else until.astimezone(),
            before_run=before,
            limit=most,
        )
        results = _results(connection, records)
        remedies = {each.key: _remedy(settings, connection, each.run_id) for each in health.causes}
    if as_json:
        print_json(
            {
                "at": health.at,
                "level": worst(found),
                "signs": [vars(sign) for sign in found],
                "counts": dict(health.counts),
                "causes": [{**vars(each), **_told(remedies[each.key])} for each in health.causes],
                "records": [_as_told(each, results) for each in records],
            }
        )
        return
    _show_head(console, found, health.causes, remedies)
    _show_records(console, records, results)
    if not (everything or wanted or record) and (idle := health.counts.get("nothing", 0)):
        console.print(f"{idle} more had nothing to do: erpcore status --all", style="dim")
    if len(records) == most:
        console.print(f"More: erpcore status --before {records[-1].run_id}", style="dim")
    if records:
        console.print("erpcore status RUN shows the story of one.", style="dim")


def when(moment: datetime, at: datetime | None = None) -> str:
    """Write a time as short as it can be understood: today the hour, else the day with it.

    Args:
        moment: Aware.
        at: The present; the machine's when left out.
    """
    local = moment.astimezone()
    today = (at or datetime.now(local.tzinfo)).astimezone().date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%d %b %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


def remedy_of(settings: Settings, run: Run) -> Remedy | None:
    """Give the words for what must be mended about a run; None when nothing must.

    Args:
        settings: The settings, which say whose plugin has words for it.
        run: The run.
    """
    from erpcore.engine.trial import plugin_of
    from erpcore.remedy import remedy_for

    if run.problem is None:
        return None
    # Where a plugin's own words are missing, the class of the error has some.
    plugin = plugin_of(settings, run.problem.connection or "")
    return remedy_for(run.problem, None if plugin is None else plugin.remedies)


def _remedy(settings: Settings, connection: Any, run_id: int) -> Remedy | None:
    from erpcore.store import get_run

    return remedy_of(settings, get_run(connection, run_id))


def _told(remedy: Remedy | None) -> dict[str, Any]:
    return {} if remedy is None else vars(remedy)


def _results(connection: Any, records: Sequence[Record]) -> dict[int, str]:
    """Give what each record's newest run came to, in a line."""
    from erpcore.store import summaries_of

    return summaries_of(connection, [record.run_id for record in records])


def _as_told(record: Record, results: dict[int, str]) -> dict[str, Any]:
    told = {**vars(record), "result": results.get(record.run_id)}
    return {
        "kind": told.pop("record_kind"),
        "id": told.pop("record_id"),
        "run": told.pop("run_id"),
        **told,
        "documents": dict(record.documents or {}),
    }


def _show_check(console: Console, found: Sequence[Sign]) -> None:
    from erpcore.engine.health import worst

    heavy = [sign for sign in found if sign.level != "well"]
    words = {"well": "OK", "warning": "WARNING", "critical": "CRITICAL"}[worst(found)]
    told = "; ".join(f"{sign.subject} {sign.text}" for sign in heavy or found)
    console.print(f"erpcore {words} - {told}", markup=False, highlight=False, soft_wrap=True)


def _show_head(
    console: Console, found: Sequence[Sign], causes: Sequence[CauseCount], remedies: dict[str, Remedy | None]
) -> None:
    heavy = sum(sign.level != "well" for sign in found)
    worst_level = "critical" if any(sign.level == "critical" for sign in found) else "warning" if heavy else "well"
    title = (
        "All is well." if not heavy else "1 thing needs somebody." if heavy == 1 else f"{heavy} things need somebody."
    )
    console.print(f"[{_LEVELS[worst_level]}]{title}[/]")
    head = Table.grid(padding=(0, 2))
    head.add_column(no_wrap=True)
    for sign in sorted(found, key=lambda sign: list(_LEVELS).index(sign.level), reverse=True):
        since = f" (since {when(sign.since)})" if sign.since is not None and sign.level != "well" else ""
        at = f" {when(sign.since)}" if sign.since is not None and sign.level == "well" else ""
        head.add_row(escape(sign.subject), f"[{_LEVELS[sign.level]}]{escape(sign.text)}[/]{since}{at}")
    console.print(Padding(head, (0, 2)))
    if not causes:
        return
    console.print("To mend, the oldest first:")
    for each in causes[:_SHOWN_CAUSES]:
        remedy = remedies.get(each.key)
        label = "Stopped" if remedy is None else remedy.label
        many = "1 record" if each.count == 1 else f"{each.count} records"
        console.print(f"  {each.key}  [bold]{escape(label)}[/], {many} since {when(each.since)}")
    if len(causes) > _SHOWN_CAUSES:
        console.print(f"  and {len(causes) - _SHOWN_CAUSES} more")
    console.print("erpcore status --cause KEY shows what waits for one.", style="dim")


def _show_records(console: Console, records: Sequence[Record], results: dict[int, str]) -> None:
    if not records:
        console.print("No records.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Run", justify="right", no_wrap=True)
    table.add_column("Record", ratio=1, overflow="fold")
    table.add_column("State", no_wrap=True)
    table.add_column("Sum", justify="right", no_wrap=True)
    table.add_column("Since", no_wrap=True)
    for each in records:
        style = STYLES.get(each.state, "cyan")
        state = f"[{style}]{each.state.replace('_', ' ')}[/]"
        if each.trying is not None:
            state += f"\n[cyan]{each.trying} again[/]"
        name = " ".join(filter(None, (each.record, each.name)))
        whose = ", ".join(filter(None, (each.customer, each.seller)))
        lines = [f"[bold]{escape(name)}[/]", escape(whose), escape(_result(each, results))]
        table.add_row(
            str(each.run_id),
            "\n".join(filter(None, lines)),
            state,
            money_cell(each.amount, each.currency),
            when(each.since),
        )
    console.print(table)


def _result(record: Record, results: dict[int, str]) -> str:
    if record.state == "set_aside":
        return f"{record.set_aside_by}: {record.set_aside_why}"
    told = "" if record.trying is not None else results.get(record.run_id) or ""
    return told.removeprefix(f"{record.record}: ")


def _show_run(console: Console, settings: Settings, connection: Any, run_id: int, *, as_json: bool) -> None:
    from erpcore.store import get_run, story_of_run, uncertain_intents

    shown = get_run(connection, run_id)
    lines = story_of_run(connection, run_id)
    remedy = remedy_of(settings, shown)
    if as_json:
        run = {name: value for name, value in vars(shown).items() if name not in ("problem", "token", "takings")}
        told = None if shown.problem is None else {**shown.problem.model_dump(mode="json"), "key": shown.problem.key}
        story = [{"at": line.at, "kind": line.kind, "text": line.text, "data": line.data} for line in lines]
        print_json({"run": run, "problem": told, "remedy": _told(remedy) or None, "story": story})
        return
    _show_story(console, shown, lines)
    if remedy is not None:
        _show_remedy(console, remedy)
    if shown.state == "uncertain":
        _show_uncertain(console, uncertain_intents(connection, sync=shown.sync))


def _show_story(console: Console, shown: Run, lines: list[StoryLine]) -> None:
    style = STYLES.get(shown.state, "cyan")
    console.print(
        f"[bold]Run {shown.id}[/]: {shown.record_kind} {escape(shown.record_id)}, sync {shown.sync}: "
        f"[{style}]{shown.state}[/]"
    )
    story = Table.grid(padding=(0, 2))
    for line in lines:
        story.add_row(f"{line.at.astimezone():%H:%M:%S}", escape(line.kind), escape(line.text))
    console.print(Padding(story, (0, 2)))
    if shown.error_text:
        console.print(f"[red]{escape(shown.error_text)}[/] {escape(shown.advice or '')}")
    if shown.requests:
        counts = ", ".join(f"{name} {count}" for name, count in shown.requests.items())
        console.print(f"Requests: {escape(counts)}", style="dim")


def _show_remedy(console: Console, remedy: Remedy) -> None:
    from erpcore.remedy import WHO

    console.print(f"[bold]{escape(remedy.label)}.[/] {escape(remedy.meaning)} Mended by {escape(WHO[remedy.who])}:")
    for number, step in enumerate(remedy.steps, 1):
        console.print(f"  {number}. {escape(step)}")


def _show_uncertain(console: Console, open_ones: list[Intent]) -> None:
    """Print the writes of a sync of which nobody knows whether they were made."""
    heads = ("Intent", "Record", "Operation", "Our reference", "Error or numbers")
    table = Table(*heads, title="Uncertain", title_justify="left")
    for each in open_ones:
        what = f"{each.number} and {each.second}" if each.second else each.error or ""
        cells = (each.record, each.operation, each.reference, what)
        table.add_row(str(each.id), *(escape(cell) for cell in cells))
    console.print(table)
    if any(each.second is None for each in open_ones):
        console.print("Look in the ERP for our reference, then: erpcore answer RUN made NUMBER, or … not-made")
