"""Rules O36 and O37: documents that a person's words, or a person as the buyer, make unlike the usual ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from erpcore.connection import ErpConnection
from erpcore.errors import RecordError, RejectedError
from erpcore.models import DocumentQuery
from erpcore.testing.bench import Bench, attempt, context, full_reference
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.erp_calls import CREATES, found, send
from erpcore.testing.contract.makers import carried, no_place
from erpcore.testing.samples import MODELS, WRITES, Samples, shown
from erpcore.testing.tap import texts_in

_REFUSED = (RecordError, RejectedError)
_DOCUMENTS = ("create_order", "create_invoice")
_TEXT = "rows.description"
_WORDS = (_TEXT, "remarks", "your_reference")
"""Where people write what they like."""


class Documents(Contract):
    """The rules."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the documents that are made and read back."""
        yield from super().cases(rule)
        if rule in ("O36", "O37"):
            for name in _DOCUMENTS:
                if {name, CREATES[name]} <= {*cls.operations()}:
                    yield (
                        name,
                        (_for_people(cls) if rule == "O37" else no_place(cls, WRITES[name], "reference")) or name,
                    )

    def test_O36_words_about_a_reference_are_words(self, bench: Bench, case: str, samples: Samples) -> None:
        """Words of a person's that mention a document's reference arrive, and are not taken for the reference."""
        erp, model = bench.erp(), WRITES[case]
        reference, others = full_reference("o36-1"), (full_reference(f"o36-{at}") for at in count(2))
        numbers: list[str] = []
        sent = bench.said(
            lambda: numbers.append(send(erp, case, samples.record(model), samples, reference=reference)), watch=True
        )
        marks = {text for each in sent if each.changed for text in texts_in(each.content) if reference in text}
        paths = [each for each in _WORDS if carried(type(self), model, each)]
        for words in (reference, *(f"Jfr {mark}" for mark in sorted(marks - {reference}))):
            record = _with_words(samples, model, paths, words)
            told = {loss.field: loss.becomes for loss in erp.losses(record)}
            for own in (next(others), None):
                try:
                    number = send(erp, case, record, samples, reference=own)
                except _REFUSED:
                    continue
                read = found(erp, case, number)
                for path in paths:
                    texts = [row.description for row in read.rows or ()]
                    stands = texts[1:] if path == _TEXT else [shown(read, path)[1]]
                    arrives = told.get("rows[1].description" if path == _TEXT else path, words)
                    assert stands == [arrives], f"{path}: {arrives!r} is read as {stands}"
                assert read.reference in (own, None), f"{words!r} is read as the reference {read.reference!r}"
        assert _numbers(erp, case, reference) == numbers, f"{reference} is mentioned by others, which are found by it"

    def test_O37_what_people_buy_costs_what_it_costs(self, bench: Bench, case: str, samples: Samples) -> None:
        """For a private person the sum without VAT is quantity times price too, and VAT comes on top."""
        erp, model = bench.erp(), WRITES[case]
        person = samples.with_values("customer", {"kind": "person", "name": "Anna Ek"})
        buyer: list[str] = []
        if attempt(lambda: buyer.append(send(erp, "create_customer", person, samples)), *_REFUSED) is not None:
            return
        row = {**samples.base(f"{model}_row"), "quantity": Decimal(3), "unit_price": Decimal("117.25")}
        row["vat_percent"] = Decimal(25)
        document = MODELS[model].model_validate({**samples.base(model), "customer_number": buyer[0], "rows": [row]})
        made = found(erp, case, send(erp, case, document, samples))
        net, most = Decimal("351.75"), Decimal(self.whole_units)
        assert made.net is None or abs(made.net - net) <= most, f"3 x 117.25 without VAT comes to {made.net}"
        total = net * Decimal("1.25")
        assert made.total is None or abs(made.total - total) <= most, f"3 x 117.25 with 25 % comes to {made.total}"
        prices = {each.unit_price for each in made.rows or ()}
        assert prices <= {None, Decimal("117.25")}, f"the price 117.25 is read as {prices}"


def _with_words(samples: Samples, model: str, paths: Sequence[str], words: str) -> Any:
    """Build a document with words in some fields, as a text below the row where the field is of rows."""
    record = samples.with_values(model, {path: words for path in paths if path != _TEXT})
    rows = [samples.base(f"{model}_row"), *([{"description": words}] if _TEXT in paths else [])]
    shown_too = record.model_dump(exclude_unset=True, exclude={"rows"})
    return MODELS[model].model_validate({**shown_too, "rows": rows})


def _numbers(erp: ErpConnection, case: str, reference: str) -> list[str]:
    find = erp.find_orders if case == "create_order" else erp.find_invoices
    documents: Sequence[Any] = find(DocumentQuery(reference=reference), context())
    return [str(each.number) for each in documents]


def _for_people(cls: type[Contract]) -> Absent | None:
    if "create_customer" in cls.operations() and carried(cls, "customer", "kind"):
        return None
    return Absent("whether a customer is a private person is not carried")
