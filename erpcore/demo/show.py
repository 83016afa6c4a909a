"""Running a demonstration: the world it happens in, the table that people watch, and the summary."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from erpcore import registry
from erpcore.demo.home import SimulatedTime
from erpcore.demo.scenario import DemoRecord, Scenario
from erpcore.engine.worker import Worker
from erpcore.errors import ErpcoreError
from erpcore.listening import free_port
from erpcore.settings import Settings, parse_settings
from erpcore.simulator import running
from erpcore.store import Run, Store, latest_run, links_from, story_of_run
from erpcore.worker import open_worker_store, serving_webhooks

SYNC = "demo"
ENDED = ("done", "nothing", "failed", "uncertain")
STYLES = {"done": "green", "nothing": "cyan", "failed": "red", "uncertain": "bold red", "waiting": "yellow"}
WAIT_SECONDS = 90.0
LOOK_SECONDS = 0.15
_MAIL_SECONDS = 15.0


@dataclass(frozen=True)
class World:
    """Everything that a demonstration runs on.

    Attributes:
        scenario: What happens.
        crm: The CRM's simulator.
        erp: The ERP's simulator.
        crm_url: Its address.
        erp_url: Its address.
        store: erpcore's store.
        time: The time that it all happens in.
        settings: erpcore's settings.
    """

    scenario: Scenario
    crm: Any
    erp: Any
    crm_url: str
    erp_url: str
    store: Store
    settings: Settings
    time: SimulatedTime
    sync: str = SYNC


@contextmanager
def world(scenario: Scenario, folder: Path) -> Iterator[World]:
    """Start the simulators and a worker between them; all end with the context.

    Args:
        scenario: What happens.
        folder: Where the store and the simulators remember, so that a second demonstration goes on with the first.

    Raises:
        ErpcoreError: Something of it cannot be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        crm, crm_url = _simulator(stack, scenario.crm, scenario.crm_seed, folder)
        erp, erp_url = _simulator(stack, scenario.erp, scenario.erp_seed, folder)
        port = free_port() if scenario.asking else None
        face = f"http://127.0.0.1:{port}/plugins/{scenario.erp}"
        settings = _settings(scenario, folder, crm_url, erp_url if port is None else face, port)
        passing = SimulatedTime(erp, crm)
        store = open_worker_store(settings, clock=passing.clock)
        stack.callback(store.close)
        scenario.prepare(erp, store)
        worker = Worker(settings, store, executor_id="demo")
        if port is not None:
            stack.enter_context(serving_webhooks(settings, worker))
            stack.enter_context(erp.asking_at(face))
        stack.enter_context(_working(worker))
        yield World(scenario, crm, erp, crm_url, erp_url, store, settings, passing)


def _simulator(stack: ExitStack, name: str, seed: Any, folder: Path) -> tuple[Any, str]:
    simulator = registry.load_simulator(name)()
    kept = folder / f"{name}.json"
    if seed and not kept.exists():
        simulator.seed(dict(seed))
    try:
        return simulator, stack.enter_context(running(simulator, keep=kept))
    except (ValueError, OSError) as error:
        raise ErpcoreError(str(error), advice="--fresh forgets the earlier demonstration.") from error


def _settings(scenario: Scenario, folder: Path, crm_url: str, erp_url: str, port: int | None) -> Settings:
    face = {} if port is None else {"webhook_port": port}
    tables: dict[str, dict[str, Any]] = {
        "store": {"url": "sqlite:///erpcore.db"},
        "worker": {"poll_seconds": 0.4, "queue_seconds": 0.1, **face},
        f"connections.{scenario.crm}": dict(scenario.crm_connection(crm_url)),
        f"connections.{scenario.erp}": dict(scenario.erp_connection(erp_url)),
        f"syncs.{SYNC}": {
            "crm": scenario.crm,
            "erp": scenario.erp,
            "mail_to": ["sales@demo.example"],
            "language": scenario.language,
            "articles": "to_crm",
            **scenario.rules,
        },
        "mail": {"folder": "mails", "sender": "erpcore@demo.example", "pause_minutes": 0},
    }
    lines: list[str] = []
    for table, values in tables.items():
        lines += [
            f"[{table}]",
            *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()),
            "",
        ]
    file = folder / "erpcore.toml"
    # Written as well, so that a person can try the other commands on the demonstration's folder.
    file.write_text("\n".join(lines), encoding="utf-8")
    return parse_settings("\n".join(lines), file)


@contextmanager
def _working(worker: Worker) -> Iterator[None]:
    ready, failures = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            worker.run(ready.set)
        except BaseException as error:
            # Kept for the thread that waits: an exception in a thread is seen by nobody.
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=work, name="erpcore demo worker")
    thread.start()
    try:
        ready.wait()
        if failures:
            raise failures[0]
        yield
    finally:
        worker.stop()
        thread.join()


def play(on: World, console: Console) -> bool:
    """Send the records and show what becomes of them, until all have ended; what is meant to fail is mended once.

    Args:
        on: The world.
        console: Where the table is drawn.

    Returns:
        Whether every record ended well.
    """
    records = on.scenario.records(on.crm)
    before = {record.id: _generation(on, record) for record in records}
    unmended = {record.id for record in records if record.fails_first}
    mails = _mails_written(on)
    deadline = time.monotonic() + WAIT_SECONDS
    with Live(_table(on, records, before), console=console, refresh_per_second=10) as shown:
        for record in records:
            on.scenario.start(on.crm, record)
            _watch(shown, lambda: _table(on, records, before), seconds=0.5)
        while time.monotonic() < deadline:
            _watch(shown, lambda: _table(on, records, before), seconds=LOOK_SECONDS)
            ended = {record.id: run for record in records if (run := _run(on, record, before)) and run.state in ENDED}
            failed = [record for record in records if record.id in ended and ended[record.id].state == "failed"]
            mendable = next((record for record in failed if record.id in unmended), None)
            if mendable is not None:
                console.print(f"[yellow]{mendable.name}:[/] {escape(ended[mendable.id].error_text or '')}")
                _show_new_mail(on, console, mails)
                before[mendable.id] = ended[mendable.id].generation
                unmended.discard(mendable.id)
                console.print(f"[green]Mended:[/] {escape(on.scenario.mend(on.crm, on.erp, mendable))}")
            elif len(ended) == len(records):
                break
    runs = [_run(on, record, before) for record in records]
    _tell_problems(console, records, runs)
    return all(run is not None and run.state in ("done", "nothing") for run in runs)


def _mails_written(on: World) -> set[Path]:
    """The mails that the demonstration's worker has written into its folder."""
    return set(((on.settings.file or Path()).parent / str(on.settings.mail.folder)).glob("*.eml"))


def _show_new_mail(on: World, console: Console, known: set[Path]) -> None:
    """Wait for the mail about what has just failed, which is none of those from before, and show it."""
    until = time.monotonic() + _MAIL_SECONDS
    while not (written := _mails_written(on) - known) and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    if not written:
        console.print(f"[red]No mail about the failure came within {_MAIL_SECONDS:.0f} seconds.[/]")
        return
    mail = message_from_bytes(min(written).read_bytes(), policy=default)
    body = mail.get_body(("plain",)) if isinstance(mail, EmailMessage) else None
    text = "" if body is None else str(body.get_content()).strip()
    title = escape(f"Mail to {mail['To']}: {mail['Subject']}")
    language = f'language = "{on.scenario.language}", by the sync\'s rules'
    console.print(Panel(escape(text), title=title, title_align="left", subtitle=language, subtitle_align="right"))


def _watch(shown: Live, table: Callable[[], Table], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        shown.update(table())
        time.sleep(min(LOOK_SECONDS, left))
    shown.update(table())


def _latest(on: World, deal: DemoRecord) -> Run | None:
    with on.store.read() as connection:
        return latest_run(connection, sync=SYNC, record_kind=on.scenario.record_kind, record_id=deal.id)


def _generation(on: World, deal: DemoRecord) -> int:
    run = _latest(on, deal)
    return 0 if run is None else run.generation


def _run(on: World, deal: DemoRecord, before: dict[str, int]) -> Run | None:
    """The run of this demonstration, not one of an earlier one."""
    run = _latest(on, deal)
    return None if run is None or run.generation <= before[deal.id] else run


def _table(on: World, deals: list[DemoRecord], before: dict[str, int]) -> Table:
    erp, crm = on.scenario.erp, on.scenario.crm
    table = Table(
        on.scenario.record_kind.capitalize(),
        "State",
        "Order",
        "Invoice",
        f"{crm} / {erp}",
        "Now",
        caption=f"requests per {on.scenario.record_kind}: CRM / ERP",
    )
    for deal in deals:
        run = _run(on, deal, before)
        with on.store.read() as connection:
            links = links_from(connection, sync=SYNC, source_kind=on.scenario.record_kind, source_id=deal.id)
            told = story_of_run(connection, run.id) if run else []
        numbers = {link.target_kind: link.number for link in links if link.cut_at is None}
        state = run.state if run else "open"
        requests = run.requests if run and run.requests else {}
        counts = f"{requests.get(crm, 0)} / {requests.get(erp, 0)}" if run and run.state in ENDED else ""
        now = "not started" if run is None else told[-1].text if told else "queued"
        table.add_row(
            f"{deal.name}\n[dim]{deal.shows}[/]",
            f"[{STYLES.get(state, 'white')}]{state}[/]",
            numbers.get("order", ""),
            numbers.get("invoice", ""),
            counts,
            escape(now.partition(". ")[0]),
        )
    return table


def _tell_problems(console: Console, deals: list[DemoRecord], runs: list[Run | None]) -> None:
    for deal, run in zip(deals, runs, strict=True):
        if run is None:
            console.print(f"[red]{deal.name}: nothing happened within {WAIT_SECONDS:.0f} seconds.[/]")
        elif run.error_text:
            console.print(f"[red]{deal.name}: {escape(run.error_text)}[/] {escape(run.advice or '')}")


def summarise(on: World, console: Console, *, well: bool) -> None:
    """Print what the ERP holds now.

    Args:
        on: The world.
        console: Where.
        well: Whether everything ended well.
    """
    documents = on.scenario.documents(on.erp)
    console.print(f"\n[bold]{on.scenario.erp} holds now:[/]")
    for line in documents:
        console.print(f"  {escape(line)}")
    if well:
        again = f"Run it again: the same {on.scenario.record_kind}s make no second order."
        console.print(f"[green]Everything ended well.[/] {again}\nTo set it up step by step: docs/first-order.md.")
    else:
        console.print("[red]Not everything ended well.[/]")


def require_free(folder: Path) -> None:
    """Refuse a folder that is somebody else's.

    Args:
        folder: Where the demonstration would write.

    Raises:
        ErpcoreError: There are files in it, but not a demonstration's.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "erpcore.db").exists():
        raise ErpcoreError(f"The folder {folder} has other files in it.", advice="Name another one with --folder.")
