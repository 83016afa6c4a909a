"""The small registers, and what a company tells about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from erpcore_fortnox.simulator.books import Books, Record, url_of
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.lists import ListRules, by_number, listed, member
from erpcore_fortnox.simulator.members import Member, Table, read_only


@dataclass(frozen=True)
class Register:
    """One small register; its entries come with a seed.

    Attributes:
        path: The name in its address, and in the books.
        one: The envelope of one entry; "" where one entry is not read.
        key: The member that identifies an entry.
        location: What the answer to a new entry names instead of the address, where that differs.
        problem: The error of an entry that is not there.
        sort: Makes what the list is sorted by, of the key's name.
        table: The members of an entry.
        required: What an entry needs.
        many: The envelope of its list; "" for a register that documents refer to and nobody reads.
        scope: The scope that its list needs.
    """

    path: str
    table: Table
    required: tuple[str, ...] = ("Code", "Description")
    many: str = ""
    scope: str = ""
    one: str = ""
    key: str = "Code"
    location: str = ""
    problem: str = "path"
    sort: Callable[[str], Callable[[Record], Any]] = by_number


REGISTERS = (
    Register(
        "units",
        Table(
            [
                read_only("@url"),
                Member("Code", most=20),
                Member("Description", most=100),
                Member("CodeEnglish", most=100),
            ]
        ),
        many="Units",
        scope="article",
        one="Unit",
        problem="unit",
    ),
    Register(
        "projects",
        Table(
            [
                read_only("@url"),
                Member("ProjectNumber", most=20),
                Member("Description", most=50),
                Member("Status", "choice", "NOTSTARTED", choices=("NOTSTARTED", "ONGOING", "COMPLETED")),
                Member("StartDate", "date", None),
                Member("EndDate", "date", None),
                Member("ProjectLeader"),
                Member("ContactPerson"),
                Member("Comments"),
            ]
        ),
        ("ProjectNumber",),
        many="Projects",
        scope="project",
        one="Project",
        key="ProjectNumber",
        problem="project",
    ),
    Register(
        "costcenters",
        Table([read_only("@url"), Member("Code", most=6), Member("Description"), Member("Active", "flag", empty=True)]),
        ("Code",),
        many="CostCenters",
        scope="costcenter",
        one="CostCenter",
        problem="cost_center",
    ),
    Register(
        "currencies",
        Table(
            [
                read_only("@url"),
                Member("BuyRate", "number", Decimal(1)),
                Member("Code", least=3, most=3),
                Member("Date", "date", None),
                Member("Description"),
                Member("SellRate", "number", Decimal(1)),
                Member("Unit", "number", Decimal(1)),
                Member("IsAutomatic", "flag", empty=False),
            ]
        ),
        many="Currencies",
        scope="currency",
    ),
    Register(
        "termsofpayments",
        Table([read_only("@url"), Member("Code", most=25), Member("Description")]),
        many="TermsOfPayments",
        scope="settings",
        one="TermsOfPayment",
        location="paymentterms",  # recorded
        problem="terms",
        sort=member,  # as text: 0, 10, 15, 19DAYS, 20 (recorded)
    ),
    Register(
        "pricelists",
        Table(
            [
                read_only("@url"),
                Member("Code", most=100),
                Member("Comments", "text", None),
                Member("Description", most=50),
                Member("PreSelected", "flag", empty=False),
            ]
        ),
        many="PriceLists",
        scope="price",
    ),
    Register(
        "modesofpayments",
        Table(
            [
                read_only("@url"),
                Member("AccountNumber", "whole", None, least=1000, most=9999, as_text=True),
                Member("Code"),
                Member("Description", "text", None),
            ]
        ),
        ("Code", "AccountNumber"),
    ),
)


class Registers:
    """All small registers. `books` is the company's."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def operations(self) -> list[Operation]:
        """Return the addresses of all of them."""
        return [
            Operation("GET", "/companyinformation", "companyinformation", self._company_information),
            *(
                Operation("GET", f"/{register.path}", register.scope, self._lister(register))
                for register in REGISTERS
                if register.many
            ),
            *(
                operation
                for register in REGISTERS
                if register.one
                for operation in (
                    Operation("POST", f"/{register.path}", register.scope, self._creator(register)),
                    Operation("GET", f"/{register.path}/{{Code}}", register.scope, self._reader(register)),
                )
            ),
        ]

    def add(self, path: str, values: dict[str, Any]) -> None:
        """Put an entry in; `values` are read as a request's would be.

        Raises:
            Refused: The entry is not taken.
        """
        register = next(register for register in REGISTERS if register.path == path)
        entry = register.table.empty() | register.table.read(values, self._books.behaviour)
        for name in register.required:
            if not entry[name]:
                raise Refused("null", name.lower())
        if entry[register.key] in self._books.register(path):
            raise Refused("register_code_used")
        self._books.register(path)[entry[register.key]] = self._books.new_record(entry, "POST", f"/3/{path}")

    def _lister(self, register: Register) -> Callable[[Call], Answer]:
        rules = ListRules(by_default=register.sort(register.key), modified=False)

        def list_all(call: Call) -> Answer:
            entries, show = self._books.register(register.path).values(), partial(show_entry, register)
            return Answer(listed(register.many, entries, rules, call.query, self._books, show))

        return list_all

    def _creator(self, register: Register) -> Callable[[Call], Answer]:
        def create(call: Call) -> Answer:
            values = call.payload(register.one)
            self.add(register.path, values)
            made = self._books.register(register.path)[str(values[register.key])]
            return Answer({register.one: show_entry(register, made)}, 201, register.location or register.path)

        return create

    def _reader(self, register: Register) -> Callable[[Call], Answer]:
        def read(call: Call) -> Answer:
            found = self._books.register(register.path).get(call.params["Code"])
            if found is None:
                raise Refused(register.problem)
            return Answer({register.one: show_entry(register, found)})

        return read

    def _company_information(self, call: Call) -> Answer:
        company = self._books.company
        names = ("Address", "City", "CountryCode", "CompanyName", "OrganizationNumber", "ZipCode")
        visiting = ("VisitAddress", "VisitCity", "VisitCountryCode", "VisitZipCode")
        shown: dict[str, Any] = {name: company.get(name, "") for name in (*names, *visiting)}
        shown["CompanyName"] = company["Name"]
        shown["DatabaseNumber"] = int(self._books.tenant)  # a number here, text where a client names its tenant
        return Answer({"CompanyInformation": shown})


def show_entry(register: Register, record: Record) -> dict[str, Any]:
    """Return the whole entry as a reply shows it."""
    return register.table.show({**record.values, "@url": url_of(register.path, record.values[register.key])})
