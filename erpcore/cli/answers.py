"""``erpcore answer``: a person decides what a run asks, and the run goes on, in one transaction."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from erpcore.cli.mending import is_worked_on, queue_of, say_nobody_works
from erpcore.cli.opening import AsJson, SettingsFile, opened_store, person_here, print_json
from erpcore.errors import MissingRecordError


class Answer(StrEnum):
    """What a person may answer to an uncertain run."""

    MADE = "made"
    NOT_MADE = "not-made"
    NEW_DOCUMENT = "new-document"
    RESTORE = "restore"
    KEEP = "keep"
    TAKE_CRM = "take-crm"
    TAKE_ERP = "take-erp"
    GO_ON = "go-on"
    STOP = "stop"


def add_commands(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("answer")(answer)


def answer(
    run_id: Annotated[int, typer.Argument(help="Number of the uncertain run.")],
    given: Annotated[
        Answer,
        typer.Argument(
            help="made: the document is in the ERP (name its number). not-made: it is not. new-document: the cleared "
            "ERP ID asks for a new one. restore: it was cleared by mistake. keep: of two documents this one counts "
            "(name its number), and you have annulled the other. take-crm, take-erp: where an article was changed on "
            "both sides, this side's values count. go-on: the document may stand, though it does not come to what was "
            "agreed, or you have corrected it in the ERP; its customer is the company's, under another name. stop: it "
            "does not count, and you annul it."
        ),
    ],
    number: Annotated[str | None, typer.Argument(help="Number of the document that was made, or that counts.")] = None,
    settings_file: SettingsFile = None,
    intent: Annotated[int | None, typer.Option(help="Which of several uncertain documents.")] = None,
    as_json: AsJson = False,
) -> None:
    """Decide what nobody but a person can know, and go on."""
    from erpcore.store import get_run
    from erpcore.sync.answers import go_on, keep, new_document, restore, settle, stop, take_side

    if (given in (Answer.MADE, Answer.KEEP)) != (number is not None):
        raise MissingRecordError("“made” and “keep” need the document's number, and the other answers have none.")
    if intent is not None and given not in (Answer.MADE, Answer.NOT_MADE):
        raise MissingRecordError("--intent goes with made and not-made: the other answers are about the run's record.")
    person = person_here()
    with opened_store(settings_file) as (settings, store):
        with queue_of(settings, store) as queue, store.begin() as connection:
            run = get_run(connection, run_id, lock=True)
            if given is Answer.NEW_DOCUMENT:
                new_document(connection, run, person)
            elif given is Answer.RESTORE:
                restore(connection, run)
            elif given in (Answer.TAKE_CRM, Answer.TAKE_ERP):
                take_side(connection, run, "crm" if given is Answer.TAKE_CRM else "erp")
            elif given is Answer.KEEP:
                keep(connection, run, person, number=str(number))
            elif given is Answer.GO_ON:
                go_on(connection, run, person)
            elif given is Answer.STOP:
                stop(connection, run, person)
            else:
                settle(connection, run, person, number=number, intent_id=intent)
            if given is not Answer.STOP:
                queue.send_again(connection, run_id)
        alive = is_worked_on(settings, store)
    if as_json:
        state = "set_aside" if given is Answer.STOP else "queued"
        told = {"run": run_id, "state": state, "answer": str(given), "number": number, "person": person}
        print_json({**told, "worker_alive": alive})
        return
    console = Console()
    if given is Answer.STOP:
        console.print(f"Noted as the answer of {escape(person)}. Nothing more is done with the document.")
        return
    console.print(f"Noted as the answer of {escape(person)}. Run {run_id} is queued again.")
    say_nobody_works(console, alive=alive)
