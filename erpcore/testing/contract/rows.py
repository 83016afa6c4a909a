"""Rules O18, O19 and V08: each row of a document is its own, a row of text alone too, and so is its discount."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, cast

from erpcore.errors import RecordError, RejectedError
from erpcore.fields import Field
from erpcore.models import DocumentRow, Invoice, Order
from erpcore.testing.bench import Bench, attempt
from erpcore.testing.contract.base import Absent, Contract
from erpcore.testing.contract.erp_calls import CREATES, found, send
from erpcore.testing.contract.makers import reads_rows
from erpcore.testing.samples import MODELS, WRITES, Samples, entries, shown

_REFUSED = (RecordError, RejectedError)
_SIDE = "Utan pris: levereras till port 7"


class DocumentRows(Contract):
    """The rules about the rows of orders and invoices."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the documents that are made with rows and read back."""
        yield from super().cases(rule)
        if rule in ("O18", "O19", "V08"):
            can = cls.operations()
            for operation in ("create_order", "create_invoice"):
                if operation in can:
                    yield operation, _read_back(cls, operation)

    def test_O18_a_row_of_text_alone_arrives(self, bench: Bench, case: str, samples: Samples) -> None:
        """A row that only carries text arrives in its place between the others, and costs nothing."""
        erp = bench.erp()
        row = samples.base(f"{WRITES[case]}_row")
        plain = found(erp, case, send(erp, case, _document(case, samples, [row, row]), samples))
        rows = [row, {"description": _SIDE}, row]
        made = found(erp, case, send(erp, case, _document(case, samples, rows), samples))
        read: Sequence[DocumentRow] = made.rows or ()
        assert [each.description for each in read] == [row["description"], _SIDE, row["description"]]
        assert not (read[1].unit_price or Decimal(0)) * (read[1].quantity or Decimal(0)), "the text has a price"
        assert (made.net, made.total) == (plain.net, plain.total), "the text changes the sum"

    def test_O19_each_row_has_what_is_its_own(self, bench: Bench, case: str, samples: Samples) -> None:
        """What one row shows arrives on that row and no other; equal rows stay two, and a quantity is not made up."""
        erp = bench.erp()
        model = WRITES[case]
        paths = [
            path
            for path, _, entry in entries(erp.plugin.field_maps, model)
            if path.startswith("rows.") and isinstance(entry, Field) and entry.direction == "both"
        ]
        (least,) = _document(case, samples, [samples.base(f"{model}_row")]).rows
        (full,) = cast(Order | Invoice, samples.record(model, *paths)).rows or ()
        for rows in ((least, full, least), (full, least), (full, full)):
            document = samples.record(model, rows=rows)
            told = {loss.field.replace(f"rows[{rows.index(full)}]", "rows") for loss in erp.losses(document)}
            made: Sequence[DocumentRow] = found(erp, case, send(erp, case, document, samples)).rows or ()
            assert len(made) == len(rows)
            for path in paths:
                name = path.removeprefix("rows.")
                own = shown(full, name)[1]
                if path in told or own == shown(least, name)[1]:
                    continue
                having = [row is full for row in rows]
                assert [shown(row, name)[1] == own for row in made] == having, f"{path} is not on the row it belongs to"
        bare = least.model_dump(exclude_unset=True, exclude={"quantity"}) | {"unit_price": Decimal("120.00")}
        made_up: list[Any] = []
        attempt(
            lambda: made_up.append(found(erp, case, send(erp, case, _document(case, samples, [bare]), samples))),
            *_REFUSED,
        )
        assert not made_up or not (made_up[0].rows or (least,))[0].quantity, "a row without a quantity was given one"

    def test_V08_a_discount_is_taken_off_once(self, bench: Bench, case: str, samples: Samples) -> None:
        """A discount told in percent and as an amount is taken off once; one above all of it arrives, or is told."""
        erp, model = bench.erp(), WRITES[case]
        for percent, amount, wanted in ((10, 20, 180), (None, 300, -100), (150, None, -100)):
            told = {"discount_percent": percent, "discount_amount": amount}
            row = {**samples.base(f"{model}_row"), "quantity": Decimal(2), "unit_price": Decimal(100)}
            row |= {name: Decimal(value) for name, value in told.items() if value is not None}
            document = _document(case, samples, [row])
            lost = {loss.field.rpartition(".")[2] for loss in erp.losses(document)}
            shown_as = [name for name, value in told.items() if value is not None and name not in lost]
            try:
                made = found(erp, case, send(erp, case, document, samples))
            except _REFUSED:
                continue
            if shown_as and made.net is not None:
                off = abs(made.net - wanted)
                assert off <= Decimal(self.whole_units), f"2 x 100 less {told} comes to {made.net}, not {wanted}"


def _document(operation: str, samples: Samples, rows: list[dict[str, Any]]) -> Any:
    model = WRITES[operation]
    return MODELS[model].model_validate({**samples.base(model), "rows": rows})


def _read_back(cls: type[Contract], operation: str) -> str | Absent:
    reader = CREATES[operation]
    if reader not in cls.operations():
        return Absent(f"the plugin does not implement {reader}")
    if not reads_rows(cls, WRITES[operation]):
        return Absent(f"the texts of rows are not shown by {reader}")
    return operation
