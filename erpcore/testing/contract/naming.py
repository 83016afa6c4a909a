"""Rules O15, O26 to O29 and V11: registers, and what records name: customers, articles, keys, codes, a currency."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, ClassVar

from erpcore.connection import ErpConnection
from erpcore.errors import ErpcoreError, UnsupportedOperationError
from erpcore.fields import Field, register_words
from erpcore.models import ArticleQuery, Customer, CustomerQuery, DocumentQuery, Ref, Register, RegisterEntry
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.acting import registers_of
from erpcore.testing.contract.base import Absent, Contract, needs
from erpcore.testing.contract.erp_calls import CREATES, found, ref_of, send
from erpcore.testing.contract.makers import Maker, carried, no_place
from erpcore.testing.samples import WRITES, Samples, entries, shown

_NOBODY = "404404"
_DOCUMENTS = ("create_order", "create_invoice")
_PRICED = {"rows.quantity": Decimal(1), "rows.unit_price": Decimal(1000)}
_NOTHING_SAID = (None, 0, 1)
"""Numbers of an entry that would be the same if they were read wrongly: the own currency's rate is 1 either way."""
_CODES = frozenset({"project", "cost_center", "income_account", "vat_account", "our_reference", "group"})
"""Fields that name something in the system, beside those of registers."""
_STRANGE = ("Ingen Alls", "9787")
"""Nothing's name or code."""
_NUMBERS = count(8001)
_MORE = 120
"""Entries that a long register has beside its own."""
_DAYS = (14, 45)
"""Days of terms where each number of days is a code."""
_MOST_ENTRIES = 6
"""Entries of a register that are tried."""


@dataclass(frozen=True)
class _Meaning:
    """What the entries of a register bring about.

    Attributes:
        register: Which.
        way: How a document is made that shows it.
        values: Gives the document's fields for an entry's code.
        says: Gives what an entry says.
        means: Gives what came of it from the document that was made.
    """

    register: Register
    way: Maker
    values: Callable[[str], dict[str, Any]]
    says: Callable[[RegisterEntry], Any]
    means: Callable[[Any], Any]


class Naming(Contract):
    """The rules.

    Attributes:
        held_registers: Some entries of each register that the system holds, read there and not through the plugin: one
            at least with the days, the percent or the rate, where they have such.
    """

    held_registers: ClassVar[Mapping[Register, Sequence[RegisterEntry]]] = {}

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the documents, the records with a key, and the registers that mean something."""
        yield from super().cases(rule)
        can = cls.operations()
        read_back = [name for name, reader in CREATES.items() if name in can and reader in can]
        if rule in ("O26", "O29"):
            yield from ((name, name) for name in _DOCUMENTS if name in read_back)
        if rule == "V11":
            none = Absent("no code, and no name, of something in the system is carried")
            yield from ((name, name if _coded(cls, WRITES[name]) else none) for name in read_back)
        if rule == "O27":
            yield from ((name, no_place(cls, WRITES[name], "key") or name) for name in read_back)
        if rule == "O28" and "list_register" in can:
            yield "list_register-vat_code", _charging(cls)
            yield "list_register-currency", _exchanged(cls)
            yield "list_register-terms_of_payment", _lasting(cls)

    @needs("list_register")
    def test_O15_registers_are_listed(self, bench: Bench, samples: Samples) -> None:
        """Each register that a field map names is listed whole, each code once, as stated, and on small pages too."""
        erp = bench.erp()
        named = registers_of(type(self))
        assert named, "no field map names a register: state `register=` on the fields that hold a code of one"
        for register in named:
            held = erp.list_register(register, context())
            assert held, f"the bench's company has no {register_words(register)}; seed some"
            assert list(bench.erp(**self.paging).list_register(register, context())) == list(held)
            assert len({each.code for each in held}) == len(held), f"a code of {register} comes twice"
            assert all(each.code and each.name for each in held)
            self._as_stated(register, held)
            known = {each.code for each in held}
            for model, field_map in erp.plugin.field_maps.items():
                used = (each for each in field_map.entries if isinstance(each, Field) and each.register == register)
                for code in (samples.value(model, each.name) for each in used if each.direction == "both"):
                    assert code in known, f"{model} is sent with {code}, which is not in the list of {register}"
            self._long(bench, register, known)

    @staticmethod
    def _long(bench: Bench, register: Register, known: set[str]) -> None:
        """Of a register of many entries on one page, each is listed."""
        more: set[str] = set()
        bench.tap.alter = lambda content: content if more else _longer(content, known, more)
        listed: list[RegisterEntry] = []
        error = attempt(lambda: listed.extend(bench.erp().list_register(register, context())), ErpcoreError)
        bench.tap.alter = None
        lost = more - {entry.code for entry in listed}
        assert error is not None or not lost, f"of {len(more)} more entries of {register}, {len(lost)} are not listed"

    def _as_stated(self, register: Register, listed: Sequence[RegisterEntry]) -> None:
        """The entries are those that the author has read in the system; numbers that mean something are among them."""
        stated = {entry.code: entry for entry in self.held_registers.get(register, ())}
        for entry in listed:
            other = stated.get(entry.code, entry)
            for name in other.model_fields_set:
                pair = getattr(entry, name), getattr(other, name)
                assert pair[0] == pair[1], f"{register} {entry.code}: {name} is {pair[0]}, and {pair[1]} in the system"
        lost = stated.keys() - {entry.code for entry in listed}
        assert not lost, f"{register}: {', '.join(sorted(lost))} stands in the system, and is not listed"
        for name in ("days", "percent", "rate"):
            if any(getattr(entry, name) not in _NOTHING_SAID for entry in listed):
                told = any(getattr(entry, name) not in _NOTHING_SAID for entry in stated.values())
                assert told, f"state an entry of {register} with its {name}, as the system holds it, in held_registers"

    def test_O26_a_document_of_nobody_is_refused(self, bench: Bench, case: str, samples: Samples) -> None:
        """A document for nobody is refused and makes nothing; an article or person that is not there is not lost."""
        erp, model = bench.erp(), WRITES[case]
        before = bench.counts()
        document = samples.record(model, customer_number=_NOBODY)
        error = attempt(lambda: send(erp, case, document, samples), ErpcoreError)
        assert error is not None, "there is no such customer, and a document was made"
        assert bench.counts() == before
        for path in ("rows.article_number", "contact_person_key"):
            if not carried(type(self), model, path):
                continue
            bench.reset()
            erp = bench.erp()
            before = bench.counts()
            document = samples.with_values(model, {path: _NOBODY})
            told = [loss for loss in erp.losses(document) if loss.field == path]
            numbers: list[str] = []
            if attempt(partial(_send_into, numbers, erp, case, document, samples), ErpcoreError) is None:
                read = shown(found(erp, case, numbers[0]), path)[1]
                assert told or read == _NOBODY, f"{path} {_NOBODY} is not there, and it was made with {read}"
            else:
                assert bench.counts() == before

    def test_V11_a_code_of_nothing_is_not_left_out(self, bench: Bench, case: str, samples: Samples) -> None:
        """A code, or a name, of something that the system does not have arrives, or is told as lost, or refused."""
        erp, model = bench.erp(), WRITES[case]
        for path in _coded(type(self), model):
            for strange in _STRANGE:
                record = samples.with_value(model, path, strange)
                values = {"number": f"K-{next(_NUMBERS)}"} if model == "article" else {}
                record = record.model_copy(update=values)
                told = {loss.field.replace("rows[0]", "rows"): loss.becomes for loss in erp.losses(record)}
                numbers: list[str] = []
                if attempt(partial(_send_into, numbers, erp, case, record, samples), ErpcoreError) is None:
                    read = shown(found(erp, case, numbers[0]), path)[1]
                    assert read == told.get(path, strange), (
                        f"{path} {strange!r} is not there, and {read!r} stands there"
                    )

    def test_O27_a_key_is_the_record_s_own(self, bench: Bench, case: str, samples: Samples) -> None:
        """The key that a new record is told with is the one that reading shows; asked for by it alone, it is found."""
        erp = bench.erp()
        other, made = (ref_of(erp, case, _numbered(case, samples, at), samples) for at in range(2))
        read = found(erp, case, made.number)
        assert read.key, f"the map shows a key, but {made.number} has none"
        assert made.key in (None, read.key), f"told with the key {made.key}, and read with {read.key}"
        assert read.key != found(erp, case, other.number).key, "two records share a key"
        if case == "create_customer" and erp.can("update_customer"):
            named = Ref(number=made.number, key=read.key)
            changed = erp.update_customer(named, Customer(name="Ändrad Kund AB"), context())
            assert (changed.number, changed.key or read.key) == (made.number, read.key), "a change tells another one"
        query: Any = {"create_customer": CustomerQuery, "create_article": ArticleQuery}.get(case, DocumentQuery)
        find: Callable[..., Sequence[Any]] = getattr(erp, CREATES[case])
        try:
            numbers = [each.number for each in find(query(key=read.key), context())]
        except UnsupportedOperationError:
            return
        assert numbers == [made.number], f"by the key {read.key} of {made.number}, {numbers} are found"

    def test_O28_a_register_s_entry_means_what_it_says(self, bench: Bench, case: _Meaning, samples: Samples) -> None:
        """A VAT code's rate is charged, the days of terms last until the due date, a currency changes at its rate."""
        erp = bench.erp()
        telling = [each for each in self._entries(erp, case.register) if case.says(each) is not None]
        for entry in telling[:_MOST_ENTRIES]:
            first, *further = case.way
            number = send(erp, first, samples.with_values(WRITES[first], case.values(entry.code)), samples)
            for operation in further:
                number = send(erp, operation, number, samples)
            meant = case.means(found(erp, "create_invoice" if further else first, number))
            assert meant in (None, case.says(entry)), f"{entry.code} is {case.says(entry)}, and {meant} came of it"

    def _entries(self, erp: ErpConnection, register: Register) -> Sequence[RegisterEntry]:
        """The entries; where the system has no register of terms, and no map names one, days stand for themselves."""
        try:
            return erp.list_register(register, context())
        except UnsupportedOperationError:
            if register in registers_of(type(self)):
                raise
            days = _DAYS if register == "terms_of_payment" else ()
            return [RegisterEntry(code=str(each), name=f"{each} days", days=each) for each in days]

    def test_O29_without_a_currency_it_is_the_company_s_own(self, bench: Bench, case: str, samples: Samples) -> None:
        """A document without a currency is in the one that the plugin calls the company's own."""
        erp = bench.erp()
        own = erp.plugin.own_currency
        made = found(erp, case, send(erp, case, samples.record(WRITES[case]), samples))
        assert own is None or made.currency in (None, own), f"the company's own is {own}, and it is in {made.currency}"


def _coded(cls: type[Contract], model: str) -> list[str]:
    """Give the fields of a record that are carried and name something in the system, by a code or a name."""
    return [
        path
        for path, _, entry in entries(cls.plugin_class.field_maps, model)
        if isinstance(entry, Field)
        and carried(cls, model, path)
        and (entry.register or path.rpartition(".")[2] in _CODES)
        and path.rpartition(".")[2] not in ("currency", "country_code")  # no record names a strange one
    ]


def _longer(content: Any, known: set[str], more: set[str]) -> Any:
    """Lengthen the first list of an answer that holds entries of known codes by entries like them.

    Args:
        content: The answer.
        known: The codes.
        more: Takes the codes of the new entries.
    """
    if isinstance(content, list):
        for entry in content:
            if isinstance(entry, dict) and (names := [name for name, value in entry.items() if str(value) in known]):
                return [*content, *(_like(entry, names[0], at, more) for at in range(_MORE))]
    if isinstance(content, dict):
        for name, value in content.items():
            longer = _longer(value, known, more)
            if more:
                return {**content, name: longer}
    return content


def _like(entry: dict[str, Any], name: str, number: int, more: set[str]) -> dict[str, Any]:
    """Give an entry like another one, with a code and a key of its own."""
    code = 7_000 + number if isinstance(entry[name], int) else f"Q{number:02}"
    more.add(str(code))
    keys = {key: value for key, value in entry.items() if key.lower().endswith("id") and key != name}
    own = {key: value + number + 1 if isinstance(value, int) else f"{value}{number}" for key, value in keys.items()}
    return {**entry, **own, name: code}


def _send_into(numbers: list[str], erp: ErpConnection, case: str, document: Any, samples: Samples) -> None:
    numbers.append(send(erp, case, document, samples))


def _charging(cls: type[Contract]) -> _Meaning | Absent:
    for way in (("create_order",), ("create_invoice",)):
        model = WRITES[way[0]]
        if {way[0], CREATES[way[0]]} <= set(cls.operations()) and carried(cls, model, "rows.vat_code"):
            return _Meaning(
                "vat_code",
                way,
                lambda code: {**_PRICED, "rows.vat_code": code},
                lambda entry: entry.percent,
                lambda made: made.vat / made.net * 100 if made.vat is not None and made.net else None,
            )
    return Absent("no row of a document is made with a VAT code")


def _lasting(cls: type[Contract]) -> _Meaning | Absent:
    can = set(cls.operations())
    for way in (("create_invoice",), ("create_order", "convert_to_invoice")):
        if {*way, "find_invoices"} <= can and carried(cls, WRITES[way[0]], "terms_of_payment"):
            return _Meaning(
                "terms_of_payment",
                way,
                lambda code: {"terms_of_payment": code},
                lambda entry: entry.days,
                lambda made: (made.due_date - made.invoice_date).days if made.due_date and made.invoice_date else None,
            )
    return Absent("no document is made with terms of payment, and its due date read")


def _exchanged(cls: type[Contract]) -> _Meaning | Absent:
    can = set(cls.operations())
    if not {"create_invoice", "find_invoices"} <= can or not carried(cls, "invoice", "currency"):
        return Absent("no invoice is made in a currency of the register")
    return _Meaning(
        "currency",
        ("create_invoice",),
        lambda code: {"currency": code},
        lambda entry: entry.rate,
        lambda made: None if made.currency_rate == 1 else made.currency_rate,  # 1 where nobody has put a rate yet
    )


def _numbered(case: str, samples: Samples, at: int) -> Any:
    values = {"number": f"K-702{at}", "price": samples.value("article", "price")} if case == "create_article" else {}
    return samples.record(WRITES[case], **values)
