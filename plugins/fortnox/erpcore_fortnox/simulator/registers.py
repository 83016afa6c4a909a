"""The small registers, and what a company tells about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from erpcore_fortnox.simulator.books import URL, Books, Record
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.lists import ListRules, by_number, listed
from erpcore_fortnox.simulator.members import Member, Table, read_only


@dataclass(frozen=True)
class Register:
    """One small register; its entries come with a seed.

    Attributes:
        path: The name in its address, and in the books.
        table: The members of an entry; ``Code`` identifies it.
        required: What an entry needs.
        many: The envelope of its list; "" for a register that documents refer to and nobody reads.
        scope: The scope that its list needs.
    """

    path: str
    table: Table
    required: tuple[str, ...] = ("Code", "Description")
    many: str = ""
    scope: str = ""


REGISTERS = (
    Register("units", Table([read_only("@url"), Member("Code", most=20), Member("Description", most=100)])),
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
        if entry["Code"] in self._books.register(path):
            raise Refused("register_code_used")
        self._books.register(path)[entry["Code"]] = self._books.new_record(entry, "POST", f"/3/{path}")

    def _lister(self, register: Register) -> Callable[[Call], Answer]:
        rules = ListRules(by_default=by_number("Code"), modified=False)

        def list_all(call: Call) -> Answer:
            entries, show = self._books.register(register.path).values(), partial(show_entry, register)
            return Answer(listed(register.many, entries, rules, call.query, self._books, show))

        return list_all

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
    return register.table.show({**record.values, "@url": f"{URL}/{register.path}/{record.values['Code']}"})
