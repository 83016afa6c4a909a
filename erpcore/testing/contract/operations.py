"""Rules O: what the operations do to the system, and what reading gives back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from erpcore.connection import ErpConnection
from erpcore.errors import ConflictError
from erpcore.fields import Field
from erpcore.models import (
    ArticleQuery,
    CanonicalModel,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    Order,
    Ref,
    same_organisation,
)
from erpcore.testing.bench import Bench, context, full_reference
from erpcore.testing.contract.base import Absent, Contract, needs
from erpcore.testing.contract.erp_calls import CREATES, found, ref_of, send
from erpcore.testing.contract.makers import carried, make, no_place
from erpcore.testing.samples import MODELS, WRITES, Samples, entries, shown
from erpcore.testing.tap import Answer

_NASTY = "Åkeri & Örn “Ävja” 1/2 – a+b 100 %"
_WORDS_FOR_NOTHING = ("None", "null", "NULL", "nan", "undefined")
_PLAIN_NASTY = "Räksmörgås Æ Ø ÅÄÖ åäö é"


_OWN = frozenset({"key", "number", "reference", "rows", "invoices", "our_reference"})
"""Fields of a document that are its own; who we are may be named by a code on the one, and by name on the other."""
_TOLD = ("net", "vat", "total", "freight", "fee", "currency")
"""What is told of a document that was made, and shown when it is read."""


def _copied(erp: ErpConnection) -> list[str]:
    """Give the fields of the head that an order is sent with, and that an invoice shows."""
    maps = erp.plugin.field_maps
    sent, shown_too = (
        [path for path, _, entry in entries(maps, model) if isinstance(entry, Field) and entry.direction in directions]
        for model, directions in (("order", ("both",)), ("invoice", ("both", "read")))
    )
    return [path for path in sent if path in shown_too and path not in _OWN and "." not in path]


_A_WEEK = 7 * 86_400.0


class Operations(Contract):
    """The rules about single records and documents."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations that a rule is checked for."""
        yield from super().cases(rule)
        can = cls.operations()
        if rule in ("O01", "O02", "O03", "O07", "O11", "O35"):
            documents = ("create_order", "create_invoice") if rule in ("O07", "O11", "O35") else tuple(CREATES)
            for name in documents:
                if name in can and CREATES[name] in can:
                    yield name, (no_place(cls, WRITES[name], "reference") if rule == "O07" else None) or name
        if rule == "O06":
            yield from ((name, name) for name in CREATES.values() if name in can)
        if rule == "O16":
            yield from ((name, _drafted(cls, name)) for name in ("create_invoice", "convert_to_invoice") if name in can)

    def test_O01_the_least_record_is_made_and_found(self, bench: Bench, case: str, samples: Samples) -> None:
        """The least record that makes sense is made once, and found by the number that was given back."""
        erp = bench.erp()
        before = bench.counts()
        number = send(erp, case, samples.record(WRITES[case]), samples)
        assert number.strip(), "the reference that is given back has no number"
        read = found(erp, case, number)
        assert read.number == number
        made_up = [text for text in _texts(read) if text in _WORDS_FOR_NOTHING]
        assert not made_up, f"what is empty in the system is read as the word {made_up[0]}"
        made = {name: count - before[name] for name, count in bench.counts().items() if count != before[name]}
        assert made, "the system holds no more than before"
        assert max(made.values()) == 1, f"it made more than one: {made}"

    def test_O02_the_full_record_comes_back(self, bench: Bench, case: str, samples: Samples) -> None:
        """A record with every field that is carried both ways is read back equal, but for the losses that were told."""
        erp = bench.erp()
        model = WRITES[case]
        paths = [
            path
            for path, _, entry in entries(erp.plugin.field_maps, model)
            if isinstance(entry, Field) and entry.direction == "both"
        ]
        record = samples.record(model, *paths)
        told = {loss.field.replace("rows[0]", "rows") for loss in erp.losses(record)}
        made = found(erp, case, send(erp, case, record, samples))
        different = {
            path: (shown(record, path)[1], shown(made, path)[1])
            for path in paths
            if path not in told and shown(record, path)[1] != shown(made, path)[1]
        }
        assert not different, f"sent and read back: {different}"

    def test_O03_letters_of_the_north_and_long_texts_arrive(self, bench: Bench, case: str, samples: Samples) -> None:
        """Å, Ä, Ö, Æ, Ø and odd characters arrive, or what becomes of them was told beforehand."""
        erp = bench.erp()
        documents = ("create_order", "create_invoice")
        path = "rows.description" if case in documents else "name" if case == "create_customer" else "description"
        for text in (_PLAIN_NASTY, _NASTY, "Lång text åäö " * 120):
            record = samples.with_value(WRITES[case], path, text)
            sent = shown(record, path)[1]
            told = [loss for loss in erp.losses(record) if loss.field.replace("rows[0]", "rows") == path]
            expected = told[-1].becomes if told else sent
            if text is _PLAIN_NASTY:
                assert not told, f"letters are lost: {told[0]}"
            made = found(erp, case, send(erp, case, record, samples))
            assert shown(made, path)[1] == expected
            bench.reset()
            erp = bench.erp()

    @needs("create_order", "find_orders", "find_invoices", "convert_to_invoice")
    def test_O04_an_invoice_of_an_order_keeps_rows_and_totals(self, bench: Bench, samples: Samples) -> None:
        """An order becomes one invoice with the same rows, totals and texts, and the order tells its number."""
        erp = bench.erp()
        heads = _copied(erp)
        record = _two_rows("order", samples, *heads)
        order_number = send(erp, "create_order", record, samples, reference=full_reference("o04"))
        ref = erp.convert_to_invoice(Ref(number=order_number), context())
        order, invoice = found(erp, "create_order", order_number), found(erp, "create_invoice", ref.number)
        assert [each.number for each in order.invoices or ()] == [ref.number]
        kept = [[(r.description, r.quantity, r.unit_price) for r in each.rows or ()] for each in (order, invoice)]
        assert kept[0] == kept[1]
        assert len(kept[0]) == 2
        pairs = {name: (getattr(order, name), getattr(invoice, name)) for name in heads}
        different = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        assert not different, f"on the order, and on its invoice: {different}"
        assert (order.net, order.vat, order.total) == (invoice.net, invoice.vat, invoice.total)
        sums = {name: (getattr(ref, name), getattr(invoice, name)) for name in ("net", "vat", "total")}
        different = {name: pair for name, pair in sums.items() if None not in pair and pair[0] != pair[1]}
        assert not different, f"told when the order became an invoice, and read of it: {different}"
        halves = _three_halves(samples)  # rounded on each row, their VAT is another one than on all of them
        order_number = send(erp, "create_order", halves, samples, reference=full_reference("o04-halves"))
        ref = erp.convert_to_invoice(Ref(number=order_number), context())
        order, invoice = found(erp, "create_order", order_number), found(erp, "create_invoice", ref.number)
        pairs = {name: (getattr(order, name), getattr(invoice, name)) for name in ("net", "vat", "total")}
        different = {name: pair for name, pair in pairs.items() if None not in pair and pair[0] != pair[1]}
        assert not different, f"three rows of 0.50 with 25 % VAT, on the order and on its invoice: {different}"

    @needs("create_order", "convert_to_invoice")
    def test_O05_an_order_is_invoiced_once(self, bench: Bench, samples: Samples) -> None:
        """Turning an order into an invoice a second time is a ConflictError and makes nothing."""
        erp = bench.erp()
        order_number = send(erp, "create_order", samples.record("order"), samples)
        erp.convert_to_invoice(Ref(number=order_number), context())
        before = bench.counts()
        with pytest.raises(ConflictError):
            erp.convert_to_invoice(Ref(number=order_number), context())
        assert bench.counts() == before

    def test_O06_nothing_found_is_an_empty_list(self, bench: Bench, case: str) -> None:
        """A search that finds nothing gives an empty list: no error, and never something else instead."""
        erp = bench.erp()
        number = "404404"
        match case:
            case "find_customers":
                assert list(erp.find_customers(CustomerQuery(number=number), context())) == []
                assert list(erp.find_customers(CustomerQuery(name="Finns Inte AB"), context())) == []
                assert list(erp.find_customers(CustomerQuery(organisation_number="556036-0793"), context())) == []
            case "find_articles":
                assert list(erp.find_articles(ArticleQuery(number=number), context())) == []
                assert list(erp.find_articles(ArticleQuery(description="Finns inte"), context())) == []
            case "find_orders":
                assert list(erp.find_orders(DocumentQuery(number=number), context())) == []
                assert list(erp.find_orders(DocumentQuery(reference="finns-inte"), context())) == []
            case _:
                assert list(erp.find_invoices(DocumentQuery(number=number), context())) == []
                assert list(erp.find_invoices(DocumentQuery(reference="finns-inte"), context())) == []

    def test_O07_a_reference_is_found_exactly(self, bench: Bench, case: str, samples: Samples) -> None:
        """Our reference on a document is found exactly, a week later too: not one that begins or ends like it."""
        erp = bench.erp()
        find = erp.find_orders if case == "create_order" else erp.find_invoices
        numbers = {key: send(erp, case, samples.record(WRITES[case]), samples, reference=key) for key in _neighbours()}
        for key, number in numbers.items():
            documents = find(DocumentQuery(reference=key), context())
            assert [(document.number, document.reference) for document in documents] == [(number, key)]
        whole, *_ = numbers
        others = list(find(DocumentQuery(reference=whole.swapcase()), context()))
        assert others == [], f"{whole} is found by {whole.swapcase()}"
        bench.advance(_A_WEEK)  # as when a lost answer is looked into after a holiday
        later = [document.number for document in find(DocumentQuery(reference=whole), context())]
        assert later == [numbers[whole]], f"a week later, {later} are found by {whole}"

    def test_O11_totals_are_those_of_the_rows(self, bench: Bench, case: str, samples: Samples) -> None:
        """The total that is given back and read back is quantity times price, less discount, with VAT on top."""
        erp = bench.erp()
        ref = ref_of(erp, case, _two_rows(WRITES[case], samples), samples)
        made: Order | Invoice = found(erp, case, ref.number)
        assert made.net is not None, "the sum excluding VAT is not shown"
        assert abs(made.net - Decimal("351.75") - Decimal(180)) <= Decimal(self.whole_units)
        assert made.total is not None, "the total is not shown"
        assert abs(made.total - (Decimal("351.75") + Decimal(180)) * Decimal("1.25")) <= Decimal(self.whole_units)
        charges = {"freight": Decimal("30.50"), "fee": Decimal("20.25")}
        charged = {name: value for name, value in charges.items() if carried(type(self), WRITES[case], name)}
        document = samples.record(WRITES[case], **charged)
        for told, number in ((ref, ref.number), (dear := ref_of(erp, case, document, samples), dear.number)):
            read = found(erp, case, number)
            pairs = {name: (getattr(told, name), getattr(read, name)) for name in _TOLD}
            different = {name: pair for name, pair in pairs.items() if None not in pair and pair[0] != pair[1]}
            assert not different, f"told when it was made, and read: {different}"

    @needs("find_customers")
    def test_O35_the_answer_to_a_document_says_whose_it_is(self, bench: Bench, case: str, samples: Samples) -> None:
        """What the answer to a new document tells of its customer is what the customer's own record shows."""
        erp = bench.erp()
        ref = ref_of(erp, case, samples.record(WRITES[case]), samples)
        customer = found(erp, "create_customer", found(erp, case, ref.number).customer_number)
        assert ref.customer_name in (None, customer.name)
        told = ref.customer_organisation_number
        assert told is None or same_organisation(told, customer.organisation_number), f"told {told}"

    @needs("check_connection")
    def test_O13_the_connection_tells_how_it_stands(self, bench: Bench) -> None:
        """`check_connection` of a healthy system has no error; whatever is refused is an error in the report."""
        erp = bench.erp()
        report = erp.check_connection(context())
        assert report.ok, [check for check in report.checks if check.state == "error"]
        assert report.checks, "nothing was looked at"
        for error in self.native_errors:
            if error.situation in ("credentials", "right") and isinstance(error.answer, Answer):
                bench.reset()
                erp = bench.erp()
                bench.answer(error.answer)
                assert not erp.check_connection(context()).ok, f"all is well, though “{error.situation}” is refused"

    def test_O16_an_invoice_is_what_the_plugin_says(self, bench: Bench, case: str, samples: Samples) -> None:
        """An invoice that is made, or that an order becomes, is what `makes` says: an unsent draft, or booked."""
        erp = bench.erp()
        way = (case,) if case == "create_invoice" else ("create_order", case)
        invoice = found(erp, "create_invoice", make(erp, way, samples))
        if erp.plugin.makes.get(case) == "invoice":
            assert invoice.booked is True, f"the plugin says that it makes invoices, but booked is {invoice.booked}"
            return
        assert invoice.booked is False, f"booked is {invoice.booked}, so that nobody can tell that it is a draft"
        assert not invoice.sent, "it was sent"


def _drafted(cls: type[Contract], operation: str) -> str | Absent:
    """The operation, when its invoice can be made and read."""
    asked = {"find_invoices"} if operation == "create_invoice" else {"create_order", "find_invoices"}
    lacking = sorted(asked - set(cls.operations()))
    return Absent(f"the plugin does not implement {', '.join(lacking)}") if lacking else operation


def _texts(record: CanonicalModel) -> Iterator[str]:
    for name in record.model_fields_set:
        value = getattr(record, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, CanonicalModel):
                yield from _texts(each)
            elif isinstance(each, str):
                yield each


def _neighbours() -> tuple[str, ...]:
    """References of ours that differ in one letter, wherever it is; and shorter ones, of which one holds the other."""
    whole = full_reference("o07-1")
    middle = whole[:25] + "9" + whole[26:]
    return (whole, full_reference("o07-2"), "X" + whole[1:], middle, "contract-1", "contract-11", "x-contract-1")


def _three_halves(samples: Samples) -> Any:
    """An order of three rows of 0.50 with 25 % VAT, which is 0.125 on each and 0.375 on all."""
    row = {**samples.base("order_row"), "quantity": Decimal(1), "unit_price": Decimal("0.50")}
    rows = [{**row, "vat_percent": Decimal(25)} for _ in range(3)]
    return MODELS["order"].model_validate({**samples.base("order"), "rows": rows})


def _two_rows(model: str, samples: Samples, *heads: str) -> Any:
    """A document of 3 x 117.25 and 2 x 100.00 less 20.00, all with 25 % VAT: 531.75 and 664.69."""
    rows: list[dict[str, Any]] = [
        {**samples.base(f"{model}_row"), "quantity": Decimal(3), "unit_price": Decimal("117.25")},
        {**samples.base(f"{model}_row"), "quantity": Decimal(2), "unit_price": Decimal(100)},
    ]
    rows[1]["discount_amount"] = Decimal(20)
    for row in rows:
        row["vat_percent"] = Decimal(25)
    head = {name: getattr(samples.record(model, *heads), name) for name in heads}
    return MODELS[model].model_validate({**samples.base(model), **head, "rows": rows})
