"""Rules V: values as people write them, sent alone and together, and read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any, cast

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from erpcore.connection import CrmConnection, ErpConnection
from erpcore.errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    RecordError,
    RejectedError,
)
from erpcore.fields import Computed, Default, Entry, Field, Rows
from erpcore.models import Article, ArticleQuery, CanonicalModel, Customer, Invoice, Order, same_organisation
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.erp_calls import CREATES, found, ref_of, send
from erpcore.testing.contract.makers import carried, comes_back, reads_rows
from erpcore.testing.odd_values import KEYS, drawn, odd_values
from erpcore.testing.samples import MODELS, WRITES, Samples, entries, shown
from erpcore.testing.tap import members_in, powers_in

_REFUSED = (RecordError, RejectedError, NotFoundError, ConflictError, PermissionDeniedError, AuthenticationError)
"""A value that is refused is not lost: somebody is told."""
_NUMBERS = count(1)
_MANY_ROWS = 130
_ENOUGH_REFUSED = 3
"""Values of a field that are refused one after the other before the others are left out."""
_DOCUMENTS = ("create_order", "create_invoice")
_RATES = ("25", "12", "6", "0", "25.5", "13.5", "8.1", "15", "24")
_NUMBERS_OF_COMPANIES = (
    ("SE", "556036-0793"),
    ("SE", "19121212-1212"),
    ("NO", "923 609 016"),
    ("DK", "25 31 37 63"),
    ("FI", "0112038-9"),
    ("DE", "HRB 33175"),
    ("GB", "03977902"),
)
_OF_THE_WORLD: Mapping[str, tuple[str, Sequence[Mapping[str, Any]]]] = {
    "create_customer": (
        "organisation_number",
        [
            {"organisation_number": number, "invoice_address.country_code": country}
            for country, number in _NUMBERS_OF_COMPANIES
        ],
    ),
    **{
        name: ("rows.vat_percent", [{"rows.vat_percent": Decimal(rate)} for rate in _RATES])
        for name in ("create_order", "create_invoice")
    },
}
"""Forms of the Nordic countries and others, of fields that are not free: each alone, since few companies know all."""


class Values(Contract):
    """Rules V01 to V05, and V07."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations whose records can be read back."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule == "V01":
            yield from ((name, name) for name in CREATES if name in can and CREATES[name] in can)
        if rule == "V02":
            ways = [name for name in ("create_article", "sync_articles") if name in can and "find_articles" in can]
            yield from ((name, name) for name in ways)
        if rule in ("V03", "V05"):
            for name in _DOCUMENTS:
                if name in can and CREATES[name] in can:
                    lacks = rule == "V05" and not reads_rows(cls, WRITES[name])
                    yield name, Absent("the texts of rows are not shown") if lacks else name
        if rule == "V04":
            yield from ((name, name) for name in (*CREATES, "update_customer") if name in can)
        if rule == "V07":
            for name, (path, _) in _OF_THE_WORLD.items():
                if name in can and CREATES[name] in can:
                    yield name, name if comes_back(cls, WRITES[name], path) else Absent(f"{path} is not read back")

    def test_V01_odd_values_arrive_or_are_told(self, bench: Bench, case: str, samples: Samples) -> None:
        """Values as people write them arrive equal, alone and together, or are told as lost, or refused."""
        erp, model = bench.erp(), WRITES[case]
        table = {path: (owner, entry) for path, owner, entry in entries(erp.plugin.field_maps, model)}
        odd = {path: values for path, (owner, entry) in table.items() if (values := odd_values(owner, entry))}
        problems: list[str] = []
        refusals = Refusals()
        bench.tap.clear()
        named = table.get("rows.article_number", (None, None))[1]
        always = {"rows.article_number": samples.article_number} if _is_carried(named) else {}
        for turn in range(max(map(len, odd.values()), default=0)):
            chosen = {path: values[(turn + at) % len(values)] for at, (path, values) in enumerate(odd.items())} | always
            problems += _sent(erp, case, samples, chosen, refusals)
        assert not problems, "; ".join(problems[:8])
        powers = [text for sent in bench.tap.sent for text in powers_in(sent.content)]
        assert not powers, f"numbers are written in powers of ten, which systems take for text: {powers[:8]}"
        strategies = {path: strategy for path, each in table.items() if (strategy := drawn(*each)) is not None}

        @settings(
            max_examples=bench.samples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(st.fixed_dictionaries({}, optional=strategies))
        def any_of_them(chosen: dict[str, Any]) -> None:
            different = _sent(erp, case, samples, chosen, refusals)
            assert not different, "; ".join(different[:8])

        any_of_them()

    def test_V02_numbers_of_articles_arrive_whole(self, bench: Bench, case: str, samples: Samples) -> None:
        """What is known by a number is found by it as companies write them, stands where it should, and keeps it."""
        erp = bench.erp()
        rows_tell = erp.can("create_order") and erp.can("find_orders")
        tables = {path: entry for path, _, entry in entries(erp.plugin.field_maps, "order")}
        rows_tell = rows_tell and _is_carried(tables.get("rows.article_number"))
        taken = []
        for key in KEYS:
            article = samples.record("article", number=key, price=samples.value("article", "price"))
            if attempt(lambda article=article: send(erp, case, article, samples), *_REFUSED) is None:  # type: ignore[misc] # mypy cannot infer a lambda's defaults
                taken.append(key)
        assert taken, f"none of the numbers {', '.join(KEYS)} is taken"
        for key in taken:
            numbers = [each.number for each in erp.find_articles(ArticleQuery(number=key), context())]
            assert numbers == [key], f"by the number {key!r}, {numbers} are found"
            if rows_tell:
                order = samples.with_values("order", {"rows.article_number": key})
                made = found(erp, "create_order", send(erp, "create_order", order, samples))
                assert shown(made, "rows.article_number")[1] == key
        self._found_by_a_long_text(erp, case, samples)
        if case == "sync_articles":
            self._articles_without_sense(bench, erp, samples)
        else:
            other = samples.record("article", number=taken[0], description="En helt annan artikel")
            error = attempt(lambda: send(erp, case, other, samples), *_REFUSED)
            assert error is not None, f"the number {taken[0]!r} is another article's, and nobody is told"

    @staticmethod
    def _found_by_a_long_text(erp: ErpConnection, case: str, samples: Samples) -> None:
        text = " ".join(f"artikel {number} av många" for number in range(8))
        article = samples.record("article", number="K-7042", description=text)
        lost = [loss.becomes for loss in erp.losses(article) if loss.field == "description"]
        if attempt(lambda: send(erp, case, article, samples), *_REFUSED) is None:
            query = ArticleQuery(description=lost[-1] if lost else text)
            numbers = [each.number for each in erp.find_articles(query, context())]
            assert "K-7042" in numbers, f"by its whole text the article is not found: {query.description!r}"

    def _articles_without_sense(self, bench: Bench, erp: ErpConnection, samples: Samples) -> None:
        before = bench.counts()
        nameless = cast(Article, samples.record("article", description="Utan nummer")).model_copy(
            update={"number": None}
        )
        error = attempt(lambda: erp.sync_articles([nameless], context()), *_REFUSED)
        assert error is not None, "an article without a number can be matched with nothing, and is taken all the same"
        assert bench.counts() == before
        twice = cast(Article, samples.record("article", number="K-7009", price=samples.value("article", "price")))
        attempt(lambda: erp.sync_articles([twice, twice], context()), *_REFUSED)
        numbers = [each.number for each in erp.find_articles(ArticleQuery(number="K-7009"), context())]
        assert len(numbers) <= 1, "an article that comes twice is made twice"

    def test_V03_sums_of_odd_rows_are_right(self, bench: Bench, case: str, samples: Samples) -> None:
        """The sums of returns, full discounts and large and small amounts are those of their rows, and told so."""
        erp, model = bench.erp(), WRITES[case]
        rows = [("-2", "117.25", "0"), ("3", "10", "100"), ("1000", "1234.56", "0"), ("3", "0.03", "0")]
        rows += [("1", "4.35", "0"), ("7", "99.99", "12.5")]  # 4.35 is less than that as a float
        table = {path: entry for path, _, entry in entries(erp.plugin.field_maps, model)}
        off = Decimal(10) if _is_carried(table.get("discount_percent")) else Decimal(0)
        foreign = {"currency": "EUR"} if _is_carried(table.get("currency")) else {}
        documents: list[tuple[list[tuple[str, str, str]], Decimal, dict[str, str]]] = [
            *(([each], Decimal(0), {}) for each in rows),
            (rows, Decimal(0), {}),
            (rows[-2:], off, {}),
            (rows[-1:], Decimal(0), foreign),
        ]
        for several, percent, head in documents:
            document = _document(model, samples, several, percent, head)
            try:
                ref = ref_of(erp, case, document, samples)
            except _REFUSED:
                continue
            made: Order | Invoice = found(erp, case, ref.number)
            wanted = sum((_net(*map(Decimal, row)) for row in several), Decimal(0)) * (100 - percent) / 100
            room = Decimal(self.whole_units) * len(several)
            assert made.net is not None, "the sum excluding VAT is not shown"
            assert made.total is not None, "the total is not shown"
            words = ", ".join(" x ".join(row[:2]) + f" less {row[2]} %" for row in several) + f", all less {percent} %"
            assert abs(made.net - wanted) <= room, f"{words} comes to {made.net}, not {wanted}"
            whole = wanted * Decimal("1.25")
            assert abs(made.total - whole) <= room * 2, f"{words} comes with VAT to {made.total}, not {whole}"
            told = {"net": (ref.net, made.net), "total": (ref.total, made.total)}
            different = {name: pair for name, pair in told.items() if None not in pair and pair[0] != pair[1]}
            assert not different, f"{words}: told when it was made, and read: {different}"

    def test_V04_what_is_not_shown_is_not_sent(self, bench: Bench, case: str, samples: Samples) -> None:
        """A member for a field that the record does not show is not sent, unless a declared default puts it there."""
        erp, model = bench.erp(), WRITES[case]
        # What the record before has shown must not stay with the connection.
        both = [path for path, _, entry in entries(erp.plugin.field_maps, model) if _is_carried(entry)]
        attempt(lambda: send(erp, case, samples.record(model, *both, **_own_number(erp, case)), samples), *_REFUSED)
        changes = case == "update_customer"
        record = Customer(name="Ändrad Kund AB") if changes else samples.record(model, **_own_number(erp, case))
        along = None if changes else full_reference("v04")
        said = bench.said(lambda: send(erp, case, record, samples, reference=along), watch=True)
        sent = [member for each in said if each.changed for member in members_in(each.content)]
        assert sent, f"{case} changes nothing"
        table = erp.plugin.field_maps[model].entries
        rows = next((entry for entry in table if isinstance(entry, Rows)), None)
        inside = f"{rows.native}." if rows is not None else "."
        head = [member for member in sent if f".{inside}" not in f".{member}"]
        # Of what is there already nothing is filled in.
        problems = _put_there([each for each in table if not (changes and isinstance(each, Default))], record, head)
        if rows is not None:
            first = (getattr(record, "rows", None) or (None,))[0]
            of_rows = [member for member in sent if f".{inside}" in f".{member}"]
            problems += _put_there(rows.map.entries, first, of_rows)
        assert not problems, f"not shown, and sent all the same: {', '.join(problems)}"

    def test_V05_a_hundred_and_more_rows_arrive(self, bench: Bench, case: str, samples: Samples) -> None:
        """A document of many rows arrives with each of them in its place, or is refused."""
        erp, model = bench.erp(), WRITES[case]
        row = samples.base(f"{model}_row")
        texts = [f"Rad {number}" for number in range(_MANY_ROWS)]
        document = samples.record(model, rows=[{**row, "description": text} for text in texts])
        try:
            number = send(erp, case, document, samples)
        except _REFUSED:
            return
        read = found(erp, case, number)
        assert [each.description for each in read.rows or ()] == texts

    def test_V07_forms_of_the_world_arrive(self, bench: Bench, case: str, samples: Samples) -> None:
        """Numbers of companies, and rates of VAT, of many countries arrive equal, or are told as lost, or refused."""
        erp, (path, records) = bench.erp(), _OF_THE_WORLD[case]
        usual = carried(type(self), WRITES[case], "invoice_address.country_code")
        worked_out = not carried(type(self), WRITES[case], path)
        problems: list[str] = []
        for values in records:
            chosen = {name: value for name, value in values.items() if name == path or usual}
            different = _sent(erp, case, samples, chosen, Refusals())
            if worked_out and any(
                loss.field.replace("rows[0]", "rows") == path
                for loss in erp.losses(samples.with_values(WRITES[case], chosen))
            ):
                continue  # it is told that another value decides, such as the article's
            problems += [text for text in different if text.startswith(path)]
        assert not problems, "; ".join(problems[:8])


def _sent(erp: ErpConnection, case: str, samples: Samples, chosen: Mapping[str, Any], refusals: Refusals) -> list[str]:
    """Send a record of these values, and tell what arrived otherwise."""
    return arrived(
        erp,
        chosen,
        lambda values: samples.with_values(WRITES[case], {**values, **_own_number(erp, case)}),
        lambda record: found(erp, case, send(erp, case, record, samples)),
        refusals,
    )


class Refusals:
    """Fields of which each value was refused so far, such as a code of a register: no more of them are tried."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._refused: Counter[str] = Counter()

    def note(self, fields: Iterable[str], *, taken: bool) -> None:
        """Note what became of values.

        Args:
            fields: Their fields; one alone where they were refused.
            taken: Whether the system took them.
        """
        if taken:
            self._taken.update(fields)
        else:
            self._refused.update(list(fields))

    def left(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values that are worth trying."""
        return {
            path: value
            for path, value in chosen.items()
            if path in self._taken or self._refused[path] < _ENOUGH_REFUSED
        }


def arrived(
    connection: ErpConnection | CrmConnection,
    chosen: Mapping[str, Any],
    built: Callable[[Mapping[str, Any]], CanonicalModel],
    carried_over: Callable[[CanonicalModel], CanonicalModel],
    refusals: Refusals,
) -> list[str]:
    """Carry values over, and tell which ones arrived otherwise. What is refused together is sent in halves.

    Args:
        connection: Tells what would be lost.
        chosen: The values, by field; those of rows begin with ``rows.``.
        built: Builds a record of such values.
        carried_over: Sends a record, and gives what stands in the system then.
        refusals: What was refused before.
    """
    chosen = refusals.left(chosen)
    if not chosen:
        return []
    record = built(chosen)
    try:
        made = carried_over(record)
    except _REFUSED:
        half = len(chosen) // 2
        if not half:
            refusals.note(chosen, taken=False)
            return []
        parts = [dict(list(chosen.items())[:half]), dict(list(chosen.items())[half:])]
        return [text for part in parts for text in arrived(connection, part, built, carried_over, refusals)]
    refusals.note(chosen, taken=True)
    told = {loss.field.replace("rows[0]", "rows"): loss for loss in connection.losses(record)}
    problems = []
    for path in chosen:
        is_shown, value = shown(record, path)
        if not is_shown or value in (None, ""):
            continue  # the model itself makes nothing of it
        expected = told[path].becomes if path in told else value
        stands = shown(made, path)[1]
        same = same_organisation(stands, expected) if path == "organisation_number" else stands == expected
        nothing = (None, "", 0) if "discount" in path else (None, "")  # no discount is one of 0
        if not same and not (expected in nothing and stands in nothing):
            problems.append(f"{path} = {value!r} became {stands!r}" + ("" if path not in told else ", not as told"))
    return problems


def _own_number(erp: ErpConnection, case: str) -> dict[str, Any]:
    """Give a number that no article has had yet, where articles are given one."""
    numbered = WRITES[case] == "article" and any(
        isinstance(entry, Field) and entry.name == "number" and entry.direction == "both"
        for entry in erp.plugin.field_maps["article"].entries
    )
    return {"number": f"V-{next(_NUMBERS)}"} if numbered else {}


def _is_carried(entry: Entry | None) -> bool:
    return isinstance(entry, Field) and entry.direction == "both"


def _document(model: str, samples: Samples, rows: Sequence[tuple[str, str, str]], percent: Decimal, head: Any) -> Any:
    built = []
    for quantity, price, discount in rows:
        row = {**samples.base(f"{model}_row"), "quantity": Decimal(quantity), "unit_price": Decimal(price)}
        row["vat_percent"] = Decimal(25)
        if discount != "0":
            row["discount_amount"] = Decimal(quantity) * Decimal(price) * Decimal(discount) / 100
        built.append(row)
    off = {"discount_percent": percent} if percent else {}
    return MODELS[model].model_validate({**samples.base(model), **head, **off, "rows": built})


def _net(quantity: Decimal, price: Decimal, discount: Decimal) -> Decimal:
    return quantity * price * (100 - discount) / 100


def _put_there(table: Sequence[Entry], record: Any, sent: Sequence[str]) -> list[str]:
    """Name the members of fields that the record does not show, and that were sent without a declared default."""
    allowed: set[str] = set()
    for entry in table:
        match entry:
            case Field() if shown(record, entry.name)[0]:
                allowed |= {*entry.native, *entry.also}
            case Rows() | Default() | Computed():
                allowed.add(entry.native)
    problems = []
    for entry in table:
        if not isinstance(entry, Field) or entry.direction == "read" or shown(record, entry.name)[0]:
            continue
        for native in entry.native:
            there = any(f".{member}".endswith(f".{native}") for member in sent)
            if native not in allowed and there and entry.name not in _KEPT_APART and not _is_key(entry, record):
                problems.append(f"{entry.name} ({native})")
    return problems


_KEPT_APART = frozenset({"reference", "external_reference", "number"})
"""Fields that the call itself gives: our own key, and which record it is."""


def _is_key(entry: Field, record: Any) -> bool:
    """Whether it is the system's own key of what the record names by number, which a plugin may look up."""
    return entry.name.endswith("_key") and shown(record, f"{entry.name.removesuffix('key')}number")[0]
