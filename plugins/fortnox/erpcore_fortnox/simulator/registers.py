"""The small registers and what a company tells about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erpcore_fortnox.simulator.books import URL, Books, Record
from erpcore_fortnox.simulator.calls import Answer, Call, Operation
from erpcore_fortnox.simulator.errors import Refused
from erpcore_fortnox.simulator.lists import ListRules, by_number, listed
from erpcore_fortnox.simulator.members import Member, Table, read_only


@dataclass(frozen=True)
class Register:
    """One small register.

    Attributes:
        path: The name in its address, and in the books.
        one: The envelope of one entry.
        many: The envelope of the list.
        scope: The scope that it needs.
        key: The member that identifies an entry.
        table: Its members.
        not_found: The problem of a missing entry.
        required: What a new entry needs.
        methods: The verbs that an entry's own address knows.
        paged: Whether its list has pages.
    """

    path: str
    one: str
    many: str
    scope: str
    key: str
    table: Table
    not_found: str
    required: tuple[str, ...]
    methods: tuple[str, ...] = ("GET", "PUT", "DELETE")
    paged: bool = True


def _coded(path: str, one: str, many: str, not_found: str, most: int, text: int | None) -> Register:
    members = [
        read_only("@url"),
        Member("Code", least=1, most=most),
        Member("Description", least=1, most=text),
    ]
    return Register(path, one, many, "settings", "Code", Table(members), not_found, ("Code", "Description"))


REGISTERS = (
    Register(
        "units",
        "Unit",
        "Units",
        "settings",
        "Code",
        Table(
            [
                read_only("@url"),
                Member("Code", least=1, most=20),
                Member("Description", least=1, most=100),
                Member("CodeEnglish", "text", None, most=100),
            ]
        ),
        "unit",
        ("Code", "Description"),
        paged=False,
    ),
    Register(
        "currencies",
        "Currency",
        "Currencies",
        "currency",
        "Code",
        Table(
            [
                read_only("@url"),
                Member("BuyRate", "number", Decimal(1)),
                Member("Code", least=3, most=3),
                Member("Date", "date", None),
                Member("Description", least=1),
                Member("SellRate", "number", Decimal(1)),
                Member("Unit", "number", Decimal(1)),
                Member("IsAutomatic", "flag", empty=False),
            ]
        ),
        "currency",
        ("Code", "Description"),
    ),
    _coded("termsofpayments", "TermsOfPayment", "TermsOfPayments", "terms", 25, None),
    Register(
        "pricelists",
        "PriceList",
        "PriceLists",
        "price",
        "Code",
        Table(
            [
                read_only("@url"),
                Member("Code", least=1, most=100),
                Member("Comments", "text", None),
                Member("Description", least=1, most=50),
                Member("PreSelected", "flag", empty=False),
            ]
        ),
        "price_list",
        ("Code", "Description"),
        methods=("GET", "PUT"),
    ),
    Register(
        "modesofpayments",
        "ModeOfPayment",
        "ModesOfPayments",
        "settings",
        "Code",
        Table(
            [
                read_only("@url"),
                Member("AccountNumber", "whole", None, least=1000, most=9999, as_text=True),
                Member("Code", least=1),
                Member("Description", "text", None),
            ]
        ),
        "register",
        ("Code", "AccountNumber"),
    ),
    Register(
        "labels",
        "Label",
        "Labels",
        "settings",
        "Id",
        Table([read_only("Id", None, "whole"), Member("Description", least=1, most=25)]),
        "register",
        ("Description",),
        methods=("PUT", "DELETE"),
        paged=False,
    ),
)


class Registers:
    """All small registers. `books` is the company's."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def operations(self) -> list[Operation]:
        """Return the addresses of all of them."""
        operations = [
            Operation("GET", "/companyinformation", "companyinformation", self._company_information),
            Operation("GET", "/settings/company", "settings", self._company_settings),
            Operation("GET", "/settings/lockedperiod", "settings", self._locked_period),
            Operation("GET", "/me", "profile", self._me),
        ]
        for register in REGISTERS:
            verbs: dict[str, Callable[[Call], Answer]] = {
                "GET": self._bound(register, self._get),
                "PUT": self._bound(register, self._update),
                "DELETE": self._bound(register, self._delete),
            }
            collection, one = f"/{register.path}", f"/{register.path}/{{Key}}"
            operations += [
                Operation("GET", collection, register.scope, self._bound(register, self._list)),
                Operation("POST", collection, register.scope, self._bound(register, self._create)),
                *(Operation(method, one, register.scope, verbs[method]) for method in register.methods),
            ]
        return operations

    def add(self, path: str, values: dict[str, Any]) -> None:
        """Put an entry in, as a seed does; `values` are read as a request's would be.

        Raises:
            Refused: The entry is not taken.
        """
        register = next(register for register in REGISTERS if register.path == path)
        self._put_in(register, values, "POST", f"/3/{path}")

    def _bound(self, register: Register, handle: Callable[[Register, Call], Answer]) -> Callable[[Call], Answer]:
        return lambda call: handle(register, call)

    def _list(self, register: Register, call: Call) -> Answer:
        rules = ListRules(by_default=by_number(register.key), paged=register.paged, modified=False)
        entries = self._books.register(register.path).values()
        show = lambda record: show_entry(register, record)  # noqa: E731 a name for the argument below
        return Answer(listed(register.many, entries, rules, call.query, self._books, show))

    def _get(self, register: Register, call: Call) -> Answer:
        return Answer({register.one: show_entry(register, self._find(register, call))})

    def _create(self, register: Register, call: Call) -> Answer:
        record = self._put_in(register, call.payload(register.one), call.method, call.path)
        return Answer({register.one: show_entry(register, record)}, 201, register.path)

    def _update(self, register: Register, call: Call) -> Answer:
        record = self._find(register, call)
        changes = register.table.read(call.payload(register.one), self._books.behaviour)
        if changes.get(register.key, record.values[register.key]) != record.values[register.key]:
            raise Refused("read_only", register.key)
        record.values.update(changes)
        self._books.touch(record)
        return Answer({register.one: show_entry(register, record)})

    def _delete(self, register: Register, call: Call) -> Answer:
        self._find(register, call)
        del self._books.register(register.path)[call.params["Key"]]
        return Answer(None, 204)

    def _find(self, register: Register, call: Call) -> Record:
        record = self._books.register(register.path).get(call.params["Key"])
        if record is None:
            raise Refused(register.not_found)
        return record

    def _put_in(self, register: Register, payload: Any, method: str, path: str) -> Record:
        values = register.table.empty() | register.table.read(payload, self._books.behaviour)
        for name in register.required:
            if not values[name]:
                raise Refused("null", name.lower())
        if register.key == "Id":
            values["Id"] = self._books.count_up(register.path)
        entries, key = self._books.register(register.path), str(values[register.key])
        if key in entries:
            raise Refused("register_code_used")
        entries[key] = self._books.new_record(values, method, path)
        return entries[key]

    def _company_information(self, call: Call) -> Answer:
        company = self._books.company
        names = ("Address", "City", "CountryCode", "CompanyName", "OrganizationNumber", "ZipCode")
        visiting = ("VisitAddress", "VisitCity", "VisitCountryCode", "VisitZipCode")
        shown: dict[str, Any] = {name: company.get(name, "") for name in (*names, *visiting)}
        shown["CompanyName"] = company["Name"]
        shown["DatabaseNumber"] = int(self._books.tenant)  # a number here, a string in the settings
        return Answer({"CompanyInformation": shown})

    def _company_settings(self, call: Call) -> Answer:
        return Answer({"CompanySettings": {**self._books.company, "DatabaseNumber": self._books.tenant}})

    def _locked_period(self, call: Call) -> Answer:
        until = self._books.locked_until
        return Answer({"LockedPeriod": {"EndDate": None if until is None else until.isoformat()}})

    def _me(self, call: Call) -> Answer:
        me = {"Id": "1", "Name": "Demo Demosson", "Email": "demo@example.com", "Locale": "sv_SE", "SysAdmin": True}
        return Answer({"Me": me})


def show_entry(register: Register, record: Record) -> dict[str, Any]:
    """Return the whole entry as a reply shows it."""
    return register.table.show({**record.values, "@url": f"{URL}/{register.path}/{record.values[register.key]}"})
