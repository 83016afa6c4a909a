"""What people do in Lime Go's own window: add, edit, move, win and lose. Works on the account, not over HTTP.

A person's change has no origin integration, so it is never taken for an echo by a reader of the change feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .account import ERP_ID_TITLE, ROWS_TITLE, Account, UnknownRecordError
from .records import Address, Company, Contact, Deal, DealRow, Owner, Stage
from .switches import Switches

_EVENT_OF_STATUS = {
    "inactive": "OrganizationHasNoRelation",
    "lead": "OrganizationBeenInTouch",
    "prospect": "OrganizationWorkingOnIt",
    "customer": "OrganizationIsACustomer",
    "churned": "OrganizationWasACustomer",
}


def add_owner(account: Account, name: str, email: str, phone: str | None = None) -> Owner:
    """Add a coworker; ``name`` is first and last name."""
    first, _, last = name.partition(" ")
    return account.add(Owner, first_name=first, last_name=last or None, email=email, phone=phone)


def add_pipeline(account: Account, name: str, stages: Iterable[Mapping[str, Any]]) -> list[Stage]:
    """Add a pipeline of stages, each ``{"name", "category": open|won|lost, "probability"}``."""
    return [
        account.add(
            Stage,
            name=each["name"],
            pipeline=name,
            position=position,
            category=each.get("category", "open"),
            probability=each.get("probability"),
        )
        for position, each in enumerate(stages)
    ]


def add_company(
    account: Account,
    name: str,
    *,
    owner: str | int | None = None,
    visiting_address: Address | Mapping[str, Any] | None = None,
    custom_fields: Mapping[str, Any] | None = None,
    **values: Any,
) -> Company:
    """Add a company.

    Args:
        account: where.
        name: its name.
        owner: responsible coworker: UUID, number or e-mail address.
        visiting_address: an Address or its members.
        custom_fields: title -> value.
        values: other fields of `records.Company`, such as ``business_id``, ``street``, ``email``, ``status``.
    """
    with account.lock:
        if isinstance(visiting_address, Mapping):
            visiting_address = Address(**visiting_address)
        company = account.add(
            Company, name=name, owner=_owner_id(account, owner), visiting_address=visiting_address, **values
        )
        for title, value in (custom_fields or {}).items():
            account.put_custom_field(company, title, value)
        return company


def add_contact(account: Account, name: str, *, company: str | int | None = None, **values: Any) -> Contact:
    """Add a person, employed by ``company`` (UUID, number, classic id or name)."""
    first, _, last = name.partition(" ")
    employer = _company_id(account, company)
    return account.add(Contact, first_name=first, last_name=last, company=employer, **values)


def add_deal(
    account: Account,
    name: str,
    value: Decimal | str | int | None = None,
    currency: str | None = "SEK",
    *,
    company: str | int | None = None,
    contact: str | int | None = None,
    responsible: str | int | None = None,
    custom_fields: Mapping[str, Any] | None = None,
    rows: Iterable[DealRow | Mapping[str, Any]] = (),
    pipeline: str | None = None,
    **values: Any,
) -> Deal:
    """Add an open deal.

    Args:
        account: where.
        name: its name.
        value: excluding VAT, in ``currency``; without it, the sum of the rows, if there are any.
        currency: ISO 4217.
        company: UUID, number, classic id or name.
        contact: UUID, number or full name.
        responsible: UUID, number or e-mail address of a coworker.
        custom_fields: title -> value.
        rows: deal rows, or their members.
        pipeline: where it starts; without it, in the first pipeline.
        values: other fields of `records.Deal`, such as ``source`` or ``description``.
    """
    with account.lock:
        deal_rows = [row if isinstance(row, DealRow) else _row(row) for row in rows]
        if value is None and deal_rows:
            total = sum((r.quantity * r.price * (1 - r.discount / 100) for r in deal_rows), Decimal(0))
            value = total.quantize(Decimal("0.01"), ROUND_HALF_UP)
        if deal_rows:
            account.custom_field("deals", ROWS_TITLE)
        stages = account.all(Stage)
        start = account.stages(pipeline)[0] if pipeline else (stages[0] if stages else None)
        contact_id = _contact_id(account, contact)
        owner_id = _owner_id(account, responsible)
        deal = account.add(
            Deal,
            name=name,
            value=None if value is None else Decimal(str(value)),
            currency=currency,
            company=_company_id(account, company),
            contacts=[contact_id] if contact_id else [],
            owners=[owner_id] if owner_id else [],
            stage=start.id if start else None,
            rows=deal_rows,
            **values,
        )
        for title, field_value in (custom_fields or {}).items():
            account.put_custom_field(deal, title, field_value)
        return deal


def edit_deal(account: Account, deal_id: str | int, **changes: Any) -> Deal:
    """Change fields of a deal; ``custom_fields`` (title -> value) are set one by one, ``rows`` replace the rows.

    Raises:
        UnknownRecordError: no such deal.
        ValueError: no such field, or one that is not a person's to edit.
    """
    with account.lock:
        deal = account.get(Deal, deal_id)
        editable = {each.name for each in fields(Deal)} - {"id", "number", "revision", "stage", "created_at"}
        unknown = sorted(set(changes) - editable)
        if unknown:
            raise ValueError(f"a deal has no field {', '.join(unknown)} that a person edits")
        if changes.get("value") is not None:
            changes["value"] = Decimal(str(changes["value"]))
        if "company" in changes:
            changes["company"] = _company_id(account, changes["company"])
        if "rows" in changes:
            changes["rows"] = [r if isinstance(r, DealRow) else _row(r) for r in changes["rows"]]
            account.custom_field("deals", ROWS_TITLE)
        for title, value in changes.pop("custom_fields", {}).items():
            account.put_custom_field(deal, title, value)
        for name, value in changes.items():
            setattr(deal, name, value)
        account.touch(deal)
        return deal


def edit_company(account: Account, company_id: str | int, **changes: Any) -> Company:
    """Change fields of a company (UUID, number, classic id or name), such as ``name``, ``street``, ``phone``;
    ``custom_fields`` (title -> value) are set one by one, ``status`` emits its event.

    Raises:
        UnknownRecordError: no such company.
        ValueError: no such field, or one that is not a person's to edit.
    """
    with account.lock:
        company = account.get(Company, _company_id(account, company_id) or company_id)
        if isinstance(changes.get("visiting_address"), Mapping):
            changes["visiting_address"] = Address(**changes["visiting_address"])
        if "owner" in changes:
            changes["owner"] = _owner_id(account, changes["owner"])
        status = changes.pop("status", None)
        for title, value in changes.pop("custom_fields", {}).items():
            account.put_custom_field(company, title, value)
        _edit(account, company, changes, "a company")
        if status is not None:
            set_status(account, company, status, None)
        return company


def edit_contact(account: Account, contact: str | int, **changes: Any) -> Contact:
    """Change fields of a person (UUID or number), such as ``last_name``, ``email``, ``phone``.

    Raises:
        UnknownRecordError: no such person.
        ValueError: no such field, or one that is not a person's to edit.
    """
    with account.lock:
        held = account.get(Contact, contact)
        _edit(account, held, changes, "a contact")
        return held


def _edit(account: Account, held: Company | Contact, changes: Mapping[str, Any], what: str) -> None:
    editable = {each.name for each in fields(held)} - {"id", "number", "revision", "created_at", "custom_fields"}
    if unknown := sorted(set(changes) - editable):
        raise ValueError(f"{what} has no field {', '.join(unknown)} that a person edits")
    for name, value in changes.items():
        setattr(held, name, value)
    account.touch(held)


def clear_erp_id(account: Account, deal_id: str | int) -> Deal:
    """Empty the deal's field "ERP ID", which in Lime Go allows a new document when the deal is won again."""
    return edit_deal(account, deal_id, custom_fields={ERP_ID_TITLE: None})


def set_status(account: Account, company: Company, status: str, by: Owner | None) -> None:
    """Set a company's relation; a change of it emits the event of the new relation."""
    if company.status != status:
        company.status = status
        account.touch(company)
        account.emit(_EVENT_OF_STATUS[status], by, company)


def move_deal(
    account: Account,
    switches: Switches,
    deal_id: str | int,
    pipeline: str | None = None,
    stage: str | None = None,
) -> Deal:
    """Put a deal in a stage and emit what that means: a status change, and won or lost in an end stage.

    Args:
        account: where.
        switches: whether a win also makes the company a customer and emits a status change.
        deal_id: UUID or number.
        pipeline: which pipeline; without it, the deal's own.
        stage: a stage's label or UUID; without it, the pipeline's first.

    Raises:
        UnknownRecordError: no such deal, pipeline or stage.
    """
    with account.lock:
        deal = account.get(Deal, deal_id)
        before = account.stage_of(deal)
        target = _target(account, deal, pipeline, stage)
        if before is not None and before.id == target.id:
            return deal
        deal.stage = target.id
        account.touch(deal)
        coworker = account.owner_of(deal)
        if before is not None and (target.category == "open" or switches.won_emits_status_change):
            account.emit("DealStatusChange", coworker, deal)
        if target.category == "won":
            account.emit("DealWon", coworker, deal)
            company = account.company_of(deal)
            if company is not None and switches.win_makes_customer:
                set_status(account, company, "customer", coworker)
        elif target.category == "lost":
            account.emit("DealLost", coworker, deal)
        return deal


def end_deal(
    account: Account, switches: Switches, deal_id: str | int, category: str, pipeline: str | None = None
) -> Deal:
    """Put a deal in its pipeline's won or lost stage.

    A deal that already is there is first taken back to the first stage, as a person has to in the window; so each
    call emits the event anew. With ``pipeline`` it is moved there and ends there.

    Raises:
        UnknownRecordError: no such deal or pipeline, or the pipeline has no such end.
    """
    with account.lock:
        deal = account.get(Deal, deal_id)
        current = account.stage_of(deal)
        where = pipeline or (current.pipeline if current else None)
        if where is None:
            raise UnknownRecordError(f"deal {deal.number} is in no pipeline; say which one to end it in")
        stages = account.stages(where)
        end = next((s for s in stages if s.category == category), None)
        if end is None:
            raise UnknownRecordError(f"pipeline {where!r} has no stage of the category {category!r}")
        if current is not None and current.id == end.id:
            move_deal(account, switches, deal.id, where, stages[0].name)
        return move_deal(account, switches, deal.id, where, end.id)


def _target(account: Account, deal: Deal, pipeline: str | None, stage: str | None) -> Stage:
    found = account.find("stages", stage)
    if isinstance(found, Stage):
        return found
    if stage is None:
        current = account.stage_of(deal)
        where = pipeline or (current.pipeline if current else "")
        return account.stages(where)[0]
    if pipeline is None:
        return account.stage_named(stage, near=deal)
    for each in account.stages(pipeline):
        if each.name.casefold() == stage.casefold():
            return each
    raise UnknownRecordError(f"pipeline {pipeline!r} has no stage {stage!r}")


def _row(members: Mapping[str, Any]) -> DealRow:
    numbers = {k: Decimal(str(members[k])) for k in ("quantity", "price", "discount") if k in members}
    return DealRow(**{**members, **numbers})


def _company_id(account: Account, reference: str | int | None) -> str | None:
    if reference is None:
        return None
    named = next((c for c in account.all(Company) if c.name == reference), None)
    return (named or account.get(Company, reference)).id


def _contact_id(account: Account, reference: str | int | None) -> str | None:
    if reference is None:
        return None
    named = next((c for c in account.all(Contact) if c.full_name == reference), None)
    return (named or account.get(Contact, reference)).id


def _owner_id(account: Account, reference: str | int | None) -> str | None:
    if reference is None:
        return None
    named = next((o for o in account.all(Owner) if reference in (o.email, o.full_name)), None)
    return (named or account.get(Owner, reference)).id
