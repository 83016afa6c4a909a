"""The step that holds what the ERP computed against what was agreed: done means agreed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from erpcore.errors import ErpcoreError, UncertainEffectError
from erpcore.models import CurrencyCode, Document, DocumentQuery, Exact, Ref
from erpcore.store import Intent
from erpcore.sync.shared import story, sum_words
from erpcore.sync.shared.answered import accepted_by
from erpcore.sync.shared.reading import is_record
from erpcore.sync.shared.sums import ErpSums, Sums, not_agreed
from erpcore.sync.shared.view import LinkedDocument
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.whose import require_own_customer

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt

Made = Literal["create_order", "create_invoice", "convert_to_invoice"]
"""The hook that made a document."""


class Agreed(BaseModel):
    """What a document should come to, in its currency. What is not known is None, and not compared.

    `vat_free`: the CRM shows no VAT rate, and the customer is made as one that is charged no VAT. `abroad`: it shows
    none, and a customer that the ERP has already ought to be charged none by its country.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    net: Exact
    vat: Exact | None = None
    total: Exact | None = None
    currency: CurrencyCode | None = None
    vat_free: bool = False
    abroad: bool = False

    @classmethod
    def of(cls, sums: Sums, currency: str | None, *, vat_free: bool = False, abroad: bool = False) -> Agreed:
        """Make one.

        Args:
            sums: What the rows come to.
            currency: Of the document, as it is sent; None when the ERP chooses it.
            vat_free: Whether the customer is made as one that is charged no VAT.
            abroad: Whether a customer that the ERP has already ought to be charged none.
        """
        if vat_free and sums.vat is None:
            return cls(net=sums.net, vat=Decimal(0), total=sums.net, currency=currency, vat_free=True)
        abroad = abroad and sums.vat is None
        return cls(net=sums.net, vat=sums.vat, total=sums.total, currency=currency, abroad=abroad)

    @property
    def sums(self) -> Sums:
        """The sums alone."""
        return Sums(self.net, self.vat, self.total)


class CompareSums(Step):
    """Compare the sums of the document that was made with what was agreed; of the order, or of its `invoice`.

    Where `company_id` names the company that it is for, whose it is is looked at first. `again`: the document was made
    long ago, and somebody may have corrected it in the ERP since.
    """

    name: ClassVar[str] = "compare_sums"
    agreed: Agreed
    company_id: str | None = None
    invoice: bool = False
    again: bool = False

    def words(self) -> str:
        """Say what is compared."""
        agreed = self.agreed
        including = "" if agreed.total is None else f", {story.money(agreed.total, agreed.currency)} including it"
        what = "the invoice's sums" if self.invoice else "the ERP's sums"
        return (
            f"Compare {what} with what was agreed: {story.money(agreed.net, agreed.currency)} excluding VAT{including}."
        )

    def do(self, attempt: Attempt) -> None:
        """Compare, and tell a difference.

        An ERP that told the sums when it made the document is not asked again.

        Raises:
            UncertainEffectError: The sums differ, the rules say stop, and no person has said yet that they may; or it
                was made for another customer.
            ErpcoreError: The ERP does not answer now.
        """
        document, invoice_number = attempt.document()
        if document is None or (self.invoice and invoice_number is None):
            return
        agreed = _agreed_of(attempt, self.agreed, document)
        made: Made = "convert_to_invoice" if self.invoice else _maker(document)
        intent = attempt.intent(attempt.record, made, document.generation)
        told = ErpSums.told(intent.result)
        corrected = self.again and any(_differences(agreed, told, attempt))
        if corrected or not told.comparable(agreed.sums):
            found = _asked(attempt, intent, document, invoice=self.invoice)
            if isinstance(found, str) and corrected:
                # An order that has become an invoice may be no order any more: what it came to when it was made counts.
                self._judge(attempt, document, intent, told, agreed)
                return
            if isinstance(found, str):
                self._see_whose(attempt, made, document)
                attempt.tell("warning", sum_words.sums_not_compared(found))
                return
            told = ErpSums.told(found.model_dump(mode="json"))
            named = {} if found.customer_name is None else {"customer_name": found.customer_name}
            attempt.note_result(intent, {**named, **told.model_dump(mode="json", exclude_none=True)})
            if not told.comparable(agreed.sums):
                attempt.tell("warning", sum_words.sums_not_compared("it does not tell them."))
        self._see_whose(attempt, made, document)
        self._judge(attempt, document, intent, told, agreed)

    def _see_whose(self, attempt: Attempt, made: Made, document: LinkedDocument) -> None:
        if self.company_id is not None:
            require_own_customer(attempt, self.company_id, attempt.intent(attempt.record, made, document.generation))

    def _judge(self, attempt: Attempt, document: LinkedDocument, intent: Intent, told: ErpSums, agreed: Agreed) -> None:
        rules, number = attempt.sides.rules, str(intent.number or document.number)
        found = [(words, rules.sums_differ) for words in _differences(agreed, told, attempt)]
        if told.added > 0:
            found.append((sum_words.added_by_erp(told.freight, told.fee, told.total, told.currency), rules.erp_adds))
        if words := _vat_abroad(agreed, told, attempt):
            found.append((words, "warn"))
        if agreed.currency is None and told.currency is not None:
            attempt.tell("note", sum_words.currency_told(told.currency))
        for words, _ in found:
            attempt.tell("warning", words, told.model_dump(mode="json", exclude_none=True))
        stops = [words for words, rule in found if rule == "stop"]
        if not stops:
            return
        if person := _accepted(attempt, document, intent, told):
            attempt.tell("note", sum_words.sums_accepted(person, number))
            return
        raise UncertainEffectError(
            sum_words.sums_stop(intent.operation, number, stops),
            cause="sums_differ",
            connection=attempt.sides.erp.name,
            record=attempt.record,
            advice=story.HOW_TO_ANSWER["sums_differ"],
        )


def words_for_source(attempt: Attempt, agreed: Agreed, document: LinkedDocument, *, invoiced: bool) -> str | None:
    """Say what the source is to know of a document's sums; None when they are what was agreed.

    Args:
        attempt: The attempt at work.
        agreed: What was agreed.
        document: The record's.
        invoiced: Whether it has become an invoice.
    """
    agreed = _agreed_of(attempt, agreed, document)
    makers: list[Made] = [_maker(document)] + (["convert_to_invoice"] if invoiced else [])
    words: dict[str, None] = {}
    for made in makers:
        told = ErpSums.told(attempt.intent(attempt.record, made, document.generation).result)
        if not told.comparable(agreed.sums):
            words[sum_words.sums_not_compared("the ERP does not tell them.")] = None
            continue
        words |= dict.fromkeys(_differences(agreed, told, attempt))
        if abroad := _vat_abroad(agreed, told, attempt):
            words[abroad] = None
        if told.added > 0:
            words[sum_words.added_by_erp(told.freight, told.fee, told.total, told.currency)] = None
    return " ".join(words) or None


def _differences(agreed: Agreed, told: ErpSums, attempt: Attempt) -> Iterator[str]:
    if agreed.currency is not None and told.currency not in (None, agreed.currency):
        yield sum_words.other_currency(agreed.net, agreed.currency, str(told.currency))
    for each in not_agreed(agreed.sums, told, attempt.sides.rules):
        words = sum_words.vat_charged if agreed.vat_free and each.name == "vat" else sum_words.sums_differ
        yield words(each, told.currency or agreed.currency)


def _vat_abroad(agreed: Agreed, told: ErpSums, attempt: Attempt) -> str | None:
    """Say that a customer of old is charged VAT that it ought not to be. There may be a reason, so nothing stops."""
    if not agreed.abroad or told.vat is None or abs(told.vat) <= attempt.sides.rules.sum_tolerance:
        return None
    return sum_words.vat_abroad(told.vat, told.currency or agreed.currency)


def _agreed_of(attempt: Attempt, agreed: Agreed, document: LinkedDocument) -> Agreed:
    """Give what was agreed, with what only the attempt that made the document knew: that no VAT is charged."""
    made = attempt.intent(attempt.record, _maker(document), document.generation)
    noted = bool((made.result or {}).get(_VAT_FREE))
    if agreed.vat_free and not noted:
        attempt.note_result(made, {_VAT_FREE: True})
    return Agreed.of(agreed.sums, agreed.currency, vat_free=True) if noted and not agreed.vat_free else agreed


def _maker(document: LinkedDocument) -> Made:
    return "create_order" if document.kind == "order" else "create_invoice"


def _accepted(attempt: Attempt, document: LinkedDocument, intent: Intent, told: ErpSums) -> str | None:
    """Give who has said that the document may stand as it is, or that the order of the same sums may."""
    if intent.operation != "convert_to_invoice":
        return accepted_by(intent)
    order = attempt.intent(attempt.record, "create_order", document.generation)
    same = ErpSums.told(order.result).model_dump(include=set(_SAME)) == told.model_dump(include=set(_SAME))
    return accepted_by(intent) or (accepted_by(order) if same else None)


_SAME = ("net", "vat", "total", "currency")
_VAT_FREE = "vat_free"
"""Under this the intent of a document notes that its customer was made as one that is charged no VAT."""


def _asked(attempt: Attempt, intent: Intent, document: LinkedDocument, *, invoice: bool) -> Document | str:
    """Ask the ERP for the document; or say why it does not tell."""
    erp, wanted = attempt.sides.erp, document.ref
    if invoice:
        wanted = Ref(number=str(intent.number), key=intent.key)
    find: Any = erp.find_invoices if invoice or document.kind == "invoice" else erp.find_orders
    try:
        found = find(DocumentQuery(number=wanted.number, key=wanted.key), attempt.context())
    except ErpcoreError as error:
        if error.retryable:
            raise
        return str(error)
    shown = next((each for each in found if is_record(each, wanted)), None)
    return "it does not show the document." if shown is None else shown
