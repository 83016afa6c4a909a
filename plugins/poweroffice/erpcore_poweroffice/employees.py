"""Employees: “our reference” is one of them at PowerOffice, known by number.

The CRM may tell an employee number, an e-mail address or a name. A number is sent as it is; the others are looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erpcore.errors import AmbiguousMatchError, MissingRecordError
from erpcore_poweroffice import values
from erpcore_poweroffice.client import PowerOfficeClient, Record, members
from erpcore_poweroffice.settings import PowerOfficeSettings

_FIELDS = members(("Id", "Number", "FirstName", "LastName", "EmailAddress", "IsArchived"))


def employee_number(client: PowerOfficeClient, settings: PowerOfficeSettings, reference: str) -> str | None:
    """Give the number of the employee that a text means.

    Args:
        client: PowerOffice.
        settings: What to do when there is none.
        reference: A number, an e-mail address, or first and last name.

    Returns:
        The number; None when there is no such employee and the settings say to leave that out.

    Raises:
        MissingRecordError: There is no such employee.
        AmbiguousMatchError: More than one fits.
    """
    if values.is_number(reference.strip()):
        return reference.strip()
    wanted = _folded(reference)
    listed = [employee for employee in client.all("Employees", Fields=_FIELDS) if not employee.get("IsArchived")]
    found = [employee for employee in listed if wanted in (_folded(_email(employee)), _folded(name_of(employee)))]
    if len(found) > 1:
        raise AmbiguousMatchError(
            f"More than one employee at PowerOffice is “{reference}”.",
            candidates=[f"{employee.get('Number')} {name_of(employee)}" for employee in found],
            advice="Let the CRM tell the employee number or the e-mail address.",
        )
    if found:
        return str(found[0]["Number"])
    if settings.unknown_our_reference == "leave_out":
        return None
    raise MissingRecordError(
        f"“{reference}” is none of PowerOffice's employees, by e-mail address, name or number.",
        advice="Add the employee in PowerOffice, correct the coworker in the CRM, or set unknown_our_reference to "
        "“leave_out” to have the customer's own sales person stand.",
    )


def employee_id(client: PowerOfficeClient, number: int) -> int:
    """Give the key of an employee, which changes are made with.

    Raises:
        MissingRecordError: There is no such employee.
    """
    for employee in client.all("Employees", employeeNos=str(number), Fields=_FIELDS):
        if employee.get("Number") == number:
            return int(employee["Id"])
    raise MissingRecordError(
        f"There is no employee {number} at PowerOffice.", advice="Correct “our reference” in the CRM."
    )


def employee_names(client: PowerOfficeClient, numbers: Iterable[object]) -> Mapping[str, str]:
    """Give the names of employees by number: one request for all of them, none for nobody."""
    asked = ",".join(sorted({str(number) for number in numbers if number is not None}))
    if not asked:
        return {}
    listed = client.all("Employees", employeeNos=asked, Fields=_FIELDS)
    return {str(employee.get("Number")): name_of(employee) for employee in listed}


def name_of(record: Record) -> str:
    """Give first and last name of a person's record. One word alone stands in both, since PowerOffice demands both."""
    names = (str(record[name]) for name in ("FirstName", "LastName") if record.get(name))
    return " ".join(dict.fromkeys(names))


def _email(employee: Record) -> str:
    return str(employee.get("EmailAddress") or "")


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
