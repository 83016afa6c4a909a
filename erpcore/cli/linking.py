"""``erpcore link`` with --propose, --create, --contact, --update: what a person has done with a customer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from erpcore.cli.mending import is_worked_on, queue_of
from erpcore.cli.opening import person_here, print_json
from erpcore.cli.syncs import show_plan
from erpcore.errors import AmbiguousMatchError, MissingRecordError

if TYPE_CHECKING:
    from erpcore.engine.assembly import Assembly
    from erpcore.models import Person, Ref
    from erpcore.store import Run
    from erpcore.sync.company.flow import CompanyCustomer
    from erpcore.sync.company.linking import Change
    from erpcore.sync.plan import Plan
    from erpcore.sync.shared.wish import Wish

_LOOK_SECONDS = 0.3
_WAIT_SECONDS = 120.0
_BY = {"organisation_number": "organisation number", "name": "name"}


def propose(assembly: Assembly, sync: str, company_id: str, *, as_json: bool) -> None:
    """Print the customers that may be a company.

    Args:
        assembly: The connections.
        sync: Name of the sync.
        company_id: The CRM's key.
        as_json: Print JSON.
    """
    from erpcore.hookspecs import Context
    from erpcore.sync.company.proposing import proposals
    from erpcore.sync.shared.reading import fetch_company

    sides = _flow(assembly, sync).sides
    context = Context(correlation_id=f"propose:{sync}:{company_id}")
    found = proposals(sides, fetch_company(sides, company_id, context), context)
    if as_json:
        print_json({"company": company_id, "proposals": [each.model_dump(mode="json") for each in found]})
        return
    console = Console()
    if not found:
        console.print("No customer in the ERP has the company's organisation number or its name. --create adds it.")
        return
    table = Table("Number", "Name", "Organisation number", "Town", "Found by", "Note")
    for each in found:
        customer, address = each.customer, each.customer.invoice_address
        notes = ["another organisation"] if each.other_organisation else []
        notes += ["not active"] if customer.active is False else []
        town = (address.city if address else None) or ""
        cells = (customer.number or "", customer.name or "", customer.organisation_number or "", town)
        table.add_row(*(escape(cell) for cell in cells), _BY[each.by], ", ".join(notes))
    console.print(table)
    console.print("--to NUMBER links the company to one of them.")


def wish(
    assembly: Assembly,
    sync: str,
    company_id: str,
    action: Literal["create", "update", "contact"],
    *,
    person: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Have a company's customer created or overwritten, or a contact person added; or tell what that would do.

    Args:
        assembly: The connections.
        sync: Name of the sync.
        company_id: The CRM's key.
        action: What is asked.
        person: Which person of the company, in words.
        dry_run: Only tell.
        as_json: Print JSON.
    """
    from erpcore.sync.shared.wish import Wish

    flow = _flow(assembly, sync)
    person_id = None if person is None else _person(flow, company_id, person).id
    asked = Wish(sync=sync, action=action, by=person_here(), person_id=person_id)
    if dry_run:
        _preview(flow, company_id, asked, as_json=as_json)
        return
    # Before anything is noted, so that what cannot be done is told at once.
    plan = flow.preview_wish(company_id, asked)
    if action == "create" and any(step.name == "use_customer" for step in plan.steps):
        raise MissingRecordError(
            "The company is linked to a customer already.",
            record=f"company {company_id}",
            advice="--update overwrites the customer; --cut ends the link.",
        )
    run = _done(assembly, company_id, asked, as_json=as_json)
    if as_json:
        told = {"run": run.id, "state": run.state, "summary": run.summary, "problem": run.error_text}
        print_json({**told, "links": _links(assembly, sync, company_id)})
    else:
        console = Console()
        colour = {"done": "green", "nothing": "cyan", "failed": "red"}.get(run.state, "yellow")
        console.print(f"[{colour}]{run.state}[/]: {escape(run.summary or '')}", soft_wrap=True)
        if run.advice:
            console.print(escape(run.advice), soft_wrap=True)
        if run.state not in ("done", "nothing"):
            console.print(f"The whole story: erpcore status {run.id}")
    if run.state not in ("done", "nothing"):
        raise typer.Exit(1)


def _done(assembly: Assembly, company_id: str, asked: Wish, *, as_json: bool) -> Run:
    """Have a wish carried out: by the worker, or here where none is alive."""
    from erpcore.engine.asking import ask, carry_out_here
    from erpcore.store import OPEN_STATES, get_run

    with queue_of(assembly.settings, assembly.store) as queue:
        run = ask(assembly.settings, assembly.store, queue, company_id, asked)
        if not is_worked_on(assembly.settings, assembly.store):
            return carry_out_here(assembly, queue, run, f"command line of {person_here()}")
        end = time.monotonic() + _WAIT_SECONDS
        with Console(quiet=as_json).status("The worker is at it …"):
            while run.state in OPEN_STATES and run.state != "waiting" and time.monotonic() < end:
                time.sleep(_LOOK_SECONDS)
                with assembly.store.read() as reading:
                    run = get_run(reading, run.id)
        return run


def _preview(flow: CompanyCustomer, company_id: str, asked: Wish, *, as_json: bool) -> None:
    plan = flow.preview_wish(company_id, asked)
    changed = _changes(flow, plan)
    if as_json:
        steps = [{"name": step.name, "words": step.words()} for step in plan.steps]
        fields = {of: [each.model_dump() for each in found] for of, found in changed.items()}
        losses = [lost.model_dump(mode="json") for lost in plan.losses]
        print_json({"company": company_id, "steps": steps, "changes": fields, "losses": losses})
        return
    console = Console()
    show_plan(console, plan)
    for of, found in changed.items():
        if not found:
            console.print(f"Nothing of {escape(of)} would change.")
            continue
        table = Table("Field", "In the ERP now", "Becomes", title=escape(of), title_justify="left")
        for each in found:
            table.add_row(each.field, escape(each.now or "–"), escape(each.becomes or "–"))
        console.print(table)
    console.print("Nothing was sent.")


def _changes(flow: CompanyCustomer, plan: Plan) -> dict[str, list[Change]]:
    """Compare what a plan would overwrite with what the ERP shows now."""
    from erpcore.hookspecs import Context
    from erpcore.models import ContactPerson, Customer, CustomerQuery, Ref
    from erpcore.sync.company.linking import changes
    from erpcore.sync.steps.contact import ContactStep, UpdateContactPerson
    from erpcore.sync.steps.customer import UpdateCustomer, company_link
    from erpcore.sync.steps.person import full_name

    sides = flow.sides
    found: dict[str, list[Change]] = {}
    context = Context(correlation_id=f"changes:{sides.sync}:{plan.record_id}")
    for step in plan.steps:
        if isinstance(step, UpdateCustomer):
            query = CustomerQuery(number=step.number, key=step.customer_ref.key)
            theirs = next(iter(sides.erp.find_customers(query, context)), Customer())
            losses = sides.erp.losses(step.customer, clearing=True)
            found[f"customer {step.number}"] = changes(step.customer, theirs, losses)
        elif isinstance(step, ContactStep):
            held = ContactPerson(first_name=None, last_name=None, email=None, phone=None, mobile_phone=None)
            changing = isinstance(step, UpdateContactPerson)
            if isinstance(step, UpdateContactPerson):
                with sides.store.read() as reading:
                    link = company_link(reading, sides.sync, step.company_id)
                customer = Ref(number="" if link is None else link.number, key=None if link is None else link.key)
                persons = sides.erp.find_contact_persons(customer, context)
                held = next((each for each in persons if _is(each, step.person_ref)), held)
            losses = sides.erp.losses(step.person, clearing=changing)
            found[f"contact person {full_name(step.person)}"] = changes(step.person, held, losses)
    return found


def _is(held: Any, ref: Ref) -> bool:
    from erpcore.sync.steps.person import full_name

    return held.key == ref.key if ref.key is not None else full_name(held) == ref.number


def _person(flow: CompanyCustomer, company_id: str, wanted: str) -> Person:
    """Find the person of a company that somebody names by key, name or e-mail.

    Raises:
        MissingRecordError: The company has nobody like that.
        AmbiguousMatchError: It has several.
    """
    from erpcore.hookspecs import Context
    from erpcore.sync.company.proposing import read_persons

    context = Context(correlation_id=f"persons:{flow.sides.sync}:{company_id}")
    persons = [each for each in read_persons(flow.sides, company_id, context) if each.id is not None]
    words = [f"{each.name or each.email or 'nameless'} ({each.id})" for each in persons]
    word = wanted.strip().casefold()
    keyed = [each for each in persons if each.id == wanted.strip()]
    found = keyed or [each for each in persons if word in ((each.name or "").casefold(), (each.email or "").casefold())]
    if not found:
        has = f"It has: {'; '.join(words)}." if words else "The CRM shows nobody there."
        raise MissingRecordError(f"The company has no “{wanted}”.", record=f"company {company_id}", advice=has)
    if len(found) > 1:
        raise AmbiguousMatchError(
            f"{len(found)} persons of the company are “{wanted}”.",
            candidates=[f"{each.name} ({each.id})" for each in found],
            record=f"company {company_id}",
            advice="Name one by its key.",
        )
    return found[0]


def _links(assembly: Assembly, sync: str, company_id: str) -> list[dict[str, Any]]:
    from erpcore.store import links_from

    with assembly.store.read() as reading:
        found = links_from(reading, sync=sync, source_kind="company", source_id=company_id)
    return [vars(each) for each in found]


def _flow(assembly: Assembly, sync: str) -> CompanyCustomer:
    """Give the flow of a sync's companies; it asks whose accounts the connections are."""
    flow: CompanyCustomer = assembly.flow(sync, "company")  # type: ignore[assignment]  # what this kind is handled by
    return flow
