"""Rule V06: how VAT is dealt with, on customers and on documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from erpcore.connection import ErpConnection
from erpcore.errors import RecordError, RejectedError
from erpcore.fields import Field
from erpcore.models import CanonicalModel, Ref, VatTreatment
from erpcore.testing.bench import Bench, attempt
from erpcore.testing.contract.base import Contract
from erpcore.testing.contract.erp_calls import CREATES, found, ref_of, send
from erpcore.testing.samples import WRITES, Samples, entries, shown

_FIELD = "vat_treatment"
_DOCUMENTS = ("create_order", "create_invoice")


class VatTreatments(Contract):
    """Rule V06."""

    @classmethod
    def cases(cls, rule: str) -> Iterator[tuple[str, Any]]:
        """Give the operations whose records carry a treatment."""
        yield from super().cases(rule)
        if rule == "V06":
            can = cls.operations()
            for name in ("create_customer", *_DOCUMENTS):
                carried = any(
                    path == _FIELD and isinstance(entry, Field) and entry.direction != "read"
                    for path, _, entry in entries(cls.plugin_class.field_maps, WRITES[name])
                )
                if carried and name in can and CREATES[name] in can:
                    yield name, name

    def test_V06_vat_is_dealt_with_as_it_is_told(self, bench: Bench, case: str, samples: Samples) -> None:
        """Each VAT treatment comes back as itself, or is told as lost or refused; only what is domestic carries VAT."""
        tried = 0
        for treatment in get_args(VatTreatment):
            erp = bench.erp()
            record = samples.with_value(WRITES[case], _FIELD, treatment)
            told = [loss for loss in erp.losses(record) if loss.field == _FIELD]
            made: list[str] = []
            refused = attempt(lambda: made.append(send(erp, case, record, samples)), RecordError, RejectedError)  # noqa: B023 called at once
            if refused is None and not told:
                tried += 1
                read = found(erp, case, made[0])
                is_shown, value = shown(read, _FIELD)
                assert not is_shown or value == treatment, f"{treatment} has become {value}"
                self._vat_fits(erp, case, read, treatment, samples)
            bench.reset()
        assert tried, "no treatment is taken: declare the field as unsupported"

    def _vat_fits(self, erp: ErpConnection, case: str, read: CanonicalModel, treatment: str, samples: Samples) -> None:
        """The VAT of the document, or of a document of the customer."""
        document: Any = read
        if case == "create_customer":
            name = next((each for each in _DOCUMENTS if erp.can(each) and erp.can(CREATES[each])), None)
            if name is None:
                return
            customer = Ref(number=shown(read, "number")[1], key=shown(read, "key")[1])
            values = {"customer_number": customer.number} | ({"customer_key": customer.key} if customer.key else {})
            ref = ref_of(erp, name, samples.record(WRITES[name], **values), samples)
            document = found(erp, name, ref.number)
            told = {"vat": (ref.vat, document.vat), "total": (ref.total, document.total)}
            different = {name: pair for name, pair in told.items() if None not in pair and pair[0] != pair[1]}
            assert not different, f"told when it was made for {treatment}, and read: {different}"
        assert document.net, "the sum excluding VAT is not shown"
        assert document.vat is not None, "the VAT is not shown"
        expected = "VAT" if treatment == "domestic" else "no VAT"
        assert bool(document.vat) is (treatment == "domestic"), f"{treatment} carries {document.vat}, not {expected}"
