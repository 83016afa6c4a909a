"""Rules S13 to S16, S20, S23, M07 and M08: invoices and articles that are stored in a CRM."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any, get_args

import pytest

from erpcore.connection import CrmConnection
from erpcore.errors import ChangedMeanwhileError, ConflictError, GoneMeanwhileError, RecordError, RejectedError
from erpcore.fields import Entry, Field, LossKind, Unsupported
from erpcore.models import Article, CanonicalModel, Invoice, InvoiceStanding, RecordRef, Register, RegisterEntry
from erpcore.testing.bench import Bench, attempt, context
from erpcore.testing.contract.base import needs
from erpcore.testing.contract.crm_base import (
    STORED_NUMBER,
    STORES,
    CrmBase,
    article,
    article_pages,
    carried_fields,
    whole_record,
    without,
)
from erpcore.testing.samples import Samples, entries, outside, shown

_SEVERAL = 7
_LATER = 3_600.0
_STANDINGS: dict[str, tuple[Any, Any]] = {
    "colour": ("red", "yellow"),
    "numbers": ("9001, 9002", "9003"),
    "total": (Decimal("500.25"), Decimal("700.75")),
    "balance": (Decimal("120.50"), Decimal("90.25")),
    "due_date": (date(2026, 11, 30), date(2026, 12, 30)),
    "paid_date": (date(2026, 12, 2), date(2026, 12, 5)),
}
"""Two of each that is shown."""


@dataclass(frozen=True)
class StoredField:
    """A field of a record that is stored.

    Attributes:
        hook: What stores it.
        path: The field; those of rows begin with ``rows.``.
        entry: Its declaration in the class's tables.
    """

    hook: str
    path: str
    entry: Entry


class CrmStores(CrmBase):
    """Rules for what is stored."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the hooks that store, the fields with a bound, and the unsupported ones."""
        yield from super().cases(rule)
        kinds: dict[str, Callable[[Entry], bool]] = {
            "M07": lambda entry: isinstance(entry, Field) and any(each.bound is not None for each in entry.narrow),
            "M08": lambda entry: isinstance(entry, Unsupported),
        }
        for hook, model in STORES.items():
            if rule == "S16" and hook in cls.operations():
                yield hook, hook
            if rule in kinds and hook in cls.operations():
                for path, _, entry in entries(cls.plugin_class.field_maps, model):
                    if kinds[rule](entry):
                        yield f"{hook}-{path}", StoredField(hook, path, entry)

    @needs("store_invoice")
    def test_S13_an_invoice_is_stored_once(self, bench: Bench, samples: Samples) -> None:
        """An invoice is stored once by its number and read back equal; what changes changes; another's stays."""
        crm = bench.crm()
        paths = carried_fields(crm, "invoice")
        invoice = whole_record(crm, "store_invoice", samples)
        assert isinstance(invoice, Invoice)
        ref = crm.store_invoice(invoice, context())
        assert ref.number == STORED_NUMBER
        once = bench.state()
        bench.advance(_LATER)
        assert bench.crm("again").store_invoice(invoice, context()) == ref
        assert without(bench.state(), self.passing) == without(once, self.passing), "storing it again changes something"
        held = [each for each in self.held_invoices(bench) if each.number == STORED_NUMBER]
        assert len(held) == 1, f"the CRM holds {len(held)} invoices of the number, not one"
        assert len(held[0].rows or ()) == len(invoice.rows or ())
        assert _different(crm, invoice, held[0], paths) == {}
        paid = {"balance": Decimal(0), "payment_date": samples.value("invoice", "payment_date") + timedelta(days=3)}
        changed = invoice.model_copy(update={name: value for name, value in paid.items() if name in paths})
        assert crm.store_invoice(changed, context()) == ref, "a changed invoice is another record"
        held = [each for each in self.held_invoices(bench) if each.number == STORED_NUMBER]
        assert _different(crm, changed, held[0], paths) == {}
        more = tuple(row.model_copy(update={"row_id": "77124"}) for row in invoice.rows or ())
        crm.store_invoice(changed.model_copy(update={"rows": (*(invoice.rows or ()), *more)}), context())
        crm.store_invoice(changed, context())
        held = [each for each in self.held_invoices(bench) if each.number == STORED_NUMBER]
        assert len(held[0].rows or ()) == len(invoice.rows or ()), "rows that the invoice does not have are left"
        if "customer_number" in paths:
            strange = changed.model_copy(update={"customer_number": "404404"})
            stored: list[RecordRef] = []
            attempt(lambda: stored.append(crm.store_invoice(strange, context())), ConflictError, RecordError)
            assert stored != [ref], "the invoice of that number of another customer was written over"

    @needs("store_article", "fetch_articles")
    def test_S14_an_article_is_stored_once_and_changed(self, bench: Bench, samples: Samples) -> None:
        """An article is stored by its number, stored twice it is one, is read back equal, and changed values change."""
        crm = bench.crm()
        paths = carried_fields(crm, "article")
        assert {"description", "price"} & set(paths), "neither description nor price of an article is carried"
        sent = whole_record(crm, "store_article", samples)
        assert isinstance(sent, Article)
        ref = crm.store_article(sent, context())
        assert ref.number == STORED_NUMBER
        once = bench.state()
        assert bench.crm("again").store_article(sent, context()) == ref
        assert without(bench.state(), self.passing) == without(once, self.passing), "storing it again changes something"
        assert _different(crm, sent, article(crm, STORED_NUMBER), paths) == {}
        changed = sent.model_copy(update={"description": "Ändrad artikel", "price": Decimal("88.25")})
        assert crm.store_article(changed, context()) == ref, "a changed article is another record"
        assert _different(crm, changed, article(crm, STORED_NUMBER), paths) == {}
        self._meanwhile(bench, crm)

    @needs("store_article", "fetch_articles")
    def test_S15_articles_come_once_and_by_their_change(self, bench: Bench, samples: Samples) -> None:
        """Articles come in pages, each once to the end; asked since a moment, those changed since come and no older."""
        crm = bench.crm(**self.paging)
        old = _store_articles(crm, samples, range(1))
        bench.advance(30 * 86_400)
        new = _store_articles(crm, samples, range(1, _SEVERAL))
        pages = list(article_pages(crm, None))
        assert len(pages) > 1, "seven articles came on one page: state settings for small pages in `paging`"
        numbers = [str(each.number) for page in pages for each in page.items]
        assert len(numbers) == len(set(numbers)), "an article came twice"
        assert old | new <= set(numbers), "an article did not come"
        moment = bench.now() - timedelta(hours=1)
        entries_of = crm.plugin.field_maps["article"].entries
        tells = any(isinstance(entry, Field) and entry.name == "changed_at" for entry in entries_of)
        for zone in (UTC, timezone(timedelta(hours=-9)), timezone(timedelta(hours=11))):
            came = [each for page in article_pages(crm, moment.astimezone(zone)) for each in page.items]
            since = {str(each.number) for each in came}
            assert new <= since, f"a changed article is missing when asked in zone {zone}"
            assert not old & since, f"an unchanged article came when asked in zone {zone}"
            if tells:
                late = [each for each in came if each.changed_at is None or each.changed_at < moment]
                assert not late, f"articles that were changed since {moment} tell another time: {late}"
                newest = max(each.changed_at for each in came if each.changed_at is not None)
                at_once = [str(each.number) for page in article_pages(crm, newest) for each in page.items]
                assert set(at_once) & new, f"what changed at {newest} does not come when asked since then"
        later = moment + timedelta(days=30)
        assert [each for page in article_pages(crm, later) for each in page.items] == [], "nothing has changed since"

    @needs("store_register", data=["kept_register"])
    def test_S23_a_register_is_stored_and_nothing_of_it_is_deleted(self, bench: Bench) -> None:
        """A register is stored where it has a place, told twice like once; what the ERP has no more stays there."""
        crm, register = bench.crm(), self.kept_register
        assert register in crm.plugin.registers, f"the contract's settings name no place for {register}"
        first = [RegisterEntry(code=code, name=f"{code} days", active=True) for code in ("10", "30")]
        states = []
        renamed = [first[0].model_copy(update={"name": "Ten days"})]
        left = [first[0].model_copy(update={"active": False})]
        for told in (first, first, first[:1], renamed, first, left, first[:1], first):
            assert crm.store_register(register, told, context()), f"{register} has a place, but it is not stored"
            states.append(without(bench.state(), self.passing))
        once, twice, less, other_name, again, inactive, active, at_last = states
        for name, state in (("10 days", once), ("30 days", once), ("Ten days", other_name)):
            assert name in json.dumps(state, default=str), f"“{name}” of the ERP does not stand in the CRM"
        assert once == twice, "told again, something changes"
        assert less != once, "an entry that the ERP has no more can still be chosen"
        assert other_name != less, "an entry that has another name in the ERP keeps its old one"
        assert inactive != active, "an entry that is inactive in the ERP can still be chosen"
        assert _size(less) == _size(once), "an entry that the ERP has no more is deleted"
        assert again == at_last, "an entry that is there again does not stand there as before"
        for stranger in sorted(set(get_args(Register)) - crm.plugin.registers):
            sent = list(bench.said(partial(crm.store_register, stranger, first, context())))
            assert not sent, f"{stranger} has no place, but something is sent"
            assert crm.store_register(stranger, first, context()) is False

    def test_S16_among_many_each_is_stored_once(self, bench: Bench, case: str, samples: Samples) -> None:
        """Stored again among many that are much alike, and with many rows, nothing is made a second time."""
        crm = bench.crm(**self.paging)
        row = samples.base("invoice_row")
        rows = tuple({**row, "description": f"Rad {number}"} for number in range(_SEVERAL))
        more: dict[str, Any] = {"rows": rows} if case == "store_invoice" else {}
        wanted = [samples.record(STORES[case], number=f"7{'1' * (each + 1)}", **more) for each in range(_SEVERAL)]
        for record in wanted:
            _store(crm, record)
        once = bench.state()
        for record in wanted:
            _store(crm, record)
        assert without(bench.state(), self.passing) == without(once, self.passing), "storing it again changes something"

    def test_M07_outside_its_bound_a_stored_field_is_lost_as_told(
        self, bench: Bench, case: StoredField, samples: Samples
    ) -> None:
        """What does not fit into a stored record is told as lost beforehand, and what stands there is what was told."""
        crm, model = bench.crm(), STORES[case.hook]
        own = next(entry for path, _, entry in entries(crm.plugin.field_maps, model) if path == case.path)
        assert isinstance(own, Field), f"the class declares {case.path} as a field, but the connection does not"
        for narrowing in own.narrow:
            value = outside(narrowing, samples.value(f"{model}_row" if "." in case.path else model, own.name))
            if value is None:
                continue
            record = samples.with_value(model, case.path, value).model_copy(update={"number": STORED_NUMBER})
            told = [loss for loss in crm.losses(record) if loss.field.replace("rows[0]", "rows") == case.path]
            assert [loss.kind for loss in told] == [narrowing.kind], f"{case.path} = {value}: the loss is not told"
            _store(crm, record)
            stands = shown(self._stored(bench, crm, model), case.path)[1]
            assert stands == told[0].becomes, f"{stands!r} stands in the CRM, and {told[0].becomes!r} was told"

    def test_M08_an_unsupported_field_is_not_stored_and_is_told(
        self, bench: Bench, case: StoredField, samples: Samples
    ) -> None:
        """An unsupported field of a stored record leaves the request as it is, and its loss is told."""
        crm, model = bench.crm(), STORES[case.hook]
        least = samples.record(model, number=STORED_NUMBER)
        record = samples.record(model, case.path, number=STORED_NUMBER)
        told = [loss.kind for loss in crm.losses(record) if loss.field.replace("rows[0]", "rows") == case.path]
        assert isinstance(case.entry, Unsupported)
        assert told == [LossKind.DROPPED if case.entry.default is None else LossKind.DEFAULTED]
        sent = bench.said(lambda: _store(crm, least))
        bench.reset()
        crm = bench.crm()
        again = bench.said(lambda: _store(crm, record))
        same = len(sent) == len(again) and all(one.same(other) for one, other in zip(sent, again, strict=True))
        assert same, f"{case.path} is declared unsupported, but it is sent"

    @needs("show_invoices", data=["standings"])
    def test_S20_what_stands_of_invoices_is_shown(self, bench: Bench) -> None:
        """What stands of invoices is shown where a field is declared, told twice like once; else nothing is asked."""
        crm = bench.crm()
        for standing in self.standings:
            own = crm.plugin.field_maps[f"{standing.record_kind}_standing"]
            fields = [each.name for each in own.entries if isinstance(each, Field) and each.name in _STANDINGS]
            first, other = ({name: _STANDINGS[name][at] for name in fields} for at in range(2))
            one = self._shown(bench, crm, standing.model_copy(update=first))
            for name in fields:
                changed = standing.model_copy(update={**first, name: other[name]})
                assert self._shown(bench, crm, changed) != one, f"another {name} changes nothing in the CRM"
                assert self._shown(bench, crm, standing.model_copy(update=first)) == one, "told again, it is another"
                assert self._shown(bench, crm, standing.model_copy(update=first)) == one, "told twice, it is another"
                empty = standing.model_copy(update={**first, name: None})
                kept = any(loss.field == name for loss in own.losses(empty, clearing=True))
                refused = attempt(partial(self._shown, bench, crm, empty), RejectedError, RecordError)
                stands = without(bench.state(), self.passing)
                assert kept or refused is not None or stands != one, f"{name} is not emptied, and nobody is told"
                self._shown(bench, crm, standing.model_copy(update=first))
        shown = {standing.record_kind for standing in self.standings}
        for kind in ("deal", "order", "company", "invoice"):
            table = crm.plugin.field_maps.get(f"{kind}_standing")
            if kind not in shown and not (table and any(isinstance(each, Field) for each in table.entries)):
                stranger = InvoiceStanding(record_kind=kind, record_id="1", colour="red", balance=Decimal(1))
                sent = list(bench.said(partial(crm.show_invoices, stranger, context())))
                assert not sent, f"a {kind} has no field for it, but something is sent"
                assert crm.show_invoices(stranger, context()) is False, f"a {kind} has no field for it, but it is shown"

    def _meanwhile(self, bench: Bench, crm: CrmConnection) -> None:
        """What somebody has changed since it was seen is not written over."""
        at_first = replace(context(), seen=article(crm, STORED_NUMBER))
        changed = Article(number=STORED_NUMBER, description="By somebody else")
        crm.store_article(changed, at_first)
        wanted = Article(number=STORED_NUMBER, description="What erpcore wants")
        before = without(bench.state(), self.passing)
        with pytest.raises(ChangedMeanwhileError):
            crm.store_article(wanted, at_first)
        assert without(bench.state(), self.passing) == before, "it was refused, and something was written"
        crm.store_article(changed, at_first)  # what stands there as it is to be is no change by somebody else
        crm.store_article(wanted, replace(context(), seen=article(crm, STORED_NUMBER)))
        assert article(crm, STORED_NUMBER).description == wanted.description
        seen, state = Article(number="K-7019", description="As it was"), without(bench.state(), self.passing)
        with pytest.raises(GoneMeanwhileError):
            crm.store_article(seen.model_copy(update={"description": "As it is to be"}), replace(context(), seen=seen))
        assert without(bench.state(), self.passing) == state, "it is told as gone, and yet it was made"

    def _shown(self, bench: Bench, crm: CrmConnection, standing: InvoiceStanding) -> Any:
        """Show it, and give what the CRM holds then."""
        assert crm.show_invoices(standing, context()), (
            f"the contract's standing of a {standing.record_kind} has no field in the CRM"
        )
        return without(bench.state(), self.passing)

    def _stored(self, bench: Bench, crm: CrmConnection, model: str) -> CanonicalModel:
        if model == "article":
            return article(crm, STORED_NUMBER)
        return next(each for each in self.held_invoices(bench) if each.number == STORED_NUMBER)


def _size(state: Any) -> int:
    """How many records and members a state has."""
    if isinstance(state, Mapping):
        return len(state) + sum(_size(each) for each in state.values())
    return len(state) + sum(_size(each) for each in state) if isinstance(state, list | tuple) else 0


def _store(crm: CrmConnection, record: CanonicalModel) -> RecordRef:
    if isinstance(record, Invoice):
        return crm.store_invoice(record, context())
    assert isinstance(record, Article)
    return crm.store_article(record, context())


def _different(crm: CrmConnection, sent: Invoice | Article, held: Any, paths: Sequence[str]) -> dict[str, Any]:
    """What was sent and what stands there, of the fields that differ without that being told as a loss."""
    told = {loss.field.replace("rows[0]", "rows") for loss in crm.losses(sent)}
    pairs = {path: (shown(sent, path)[1], shown(held, path)[1]) for path in paths if path not in told}
    return {path: values for path, values in pairs.items() if values[0] != values[1]}


def _store_articles(crm: CrmConnection, samples: Samples, numbers: range) -> set[str]:
    base = samples.base("article")
    articles = [Article(**{**base, "number": f"SIDA-{number}", "price": Decimal(number + 1)}) for number in numbers]
    return {str(crm.store_article(article, context()).number) for article in articles}
