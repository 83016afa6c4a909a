"""Members that name another record: by id, or by the code or number that people know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from erpcore_poweroffice.simulator.books import TABLES, Books
from erpcore_poweroffice.simulator.members import Shape

NONE = -1
"""The id and code that say "explicitly none" for dimensions, so that nothing is inherited (vendor's description)."""


@dataclass(frozen=True)
class Reference:
    """A pair of members.

    Attributes:
        table: Where the other record is.
        id_member: The member with its id, which takes precedence; it is the one that is kept.
        code_member: The member with its code; "" where there is none.
        key: The other record's member that the code is.
        word: What refusals call the code.
        dimension: Whether -1 stands for "explicitly none".
        free: Whether a code that nothing has is kept as text.
    """

    table: str
    id_member: str
    code_member: str = ""
    key: str = "Code"
    word: str = "code"
    dimension: bool = False
    free: bool = False


def dimension(table: str, stem: str) -> Reference:
    """Return the pair of a dimension, such as DepartmentId and DepartmentCode."""
    return Reference(table, f"{stem}Id", f"{stem}Code", dimension=True)


def employee(id_member: str, number_member: str) -> Reference:
    """Return the pair that names an employee."""
    return Reference("employees", id_member, number_member, key="Number", word="number")


_ARCHIVED = ("customers", "products")
DIMENSIONS = (
    dimension("departments", "Department"),
    dimension("projects", "Project"),
    dimension("locations", "Location"),
    dimension("dimensions", "Dim1"),
    dimension("dimensions", "Dim2"),
    dimension("dimensions", "Dim3"),
)
DELIVERY_TERM = Reference("delivery_terms", "DeliveryTermId", "DeliveryTerm", key="Name", free=True)


def resolve(books: Books, given: Shape, references: tuple[Reference, ...], values: dict[str, Any]) -> None:
    """Replace codes by ids, in place.

    Raises:
        Refused: A record that is named is not there.
    """
    for reference in references:
        wanted_id, code = values.get(reference.id_member), values.get(reference.code_member)
        noun = TABLES[reference.table]
        if wanted_id is not None:
            values.pop(reference.code_member, None)
            if not (reference.dimension and wanted_id == NONE) and wanted_id not in books.tables[reference.table]:
                raise given.refused(f"{noun} with id = {wanted_id} not found.", 404)
        elif code is not None:
            if reference.dimension and code == str(NONE):
                values[reference.id_member] = NONE
                del values[reference.code_member]
            elif (record := books.by(reference.table, reference.key, code)) is not None:
                values[reference.id_member] = record.id
                del values[reference.code_member]
            elif not reference.free:
                told = f"'{code}'" if isinstance(code, str) else str(code)
                raise given.refused(f"{noun} with {reference.word} = {told} not found.", 404)


def require_usable(books: Books, given: Shape, references: tuple[Reference, ...], values: dict[str, Any]) -> None:
    """Refuse a customer or a product that is archived.

    Raises:
        Refused: One is.
    """
    if books.behaviour.archived == "taken":
        return
    for reference in references:
        held = values.get(reference.id_member)
        if reference.table not in _ARCHIVED or held is None or not books.value(reference.table, held, "IsArchived"):
            continue
        code = books.value(reference.table, held, reference.key)
        raise given.refused(f"{TABLES[reference.table]} with {reference.word} = {code} is archived.")


def codes(books: Books, references: tuple[Reference, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Return the code members that replies have beside the ids."""
    made: dict[str, Any] = {}
    for reference in references:
        if not reference.code_member:
            continue
        held = values.get(reference.id_member)
        if reference.dimension and held == NONE:
            made[reference.code_member] = str(NONE)
        elif held is not None:
            made[reference.code_member] = books.value(reference.table, held, reference.key)
        else:
            made[reference.code_member] = values.get(reference.code_member)
    return made
