"""What the plans of deals, orders and companies are built with: rows with their articles, and losses. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast

from erpcore.errors import InvalidValueError, MissingRecordError
from erpcore.fields import Loss, LossKind
from erpcore.models import Company, Coworker, CurrencyCode, DocumentRow, Person, RecordKind, Ref
from erpcore.sync.losing import LeftOut, TellLosses, planned_losses
from erpcore.sync.plan import Decision, Plan
from erpcore.sync.shared import customer_words, mapping, note_words, rows as crm_rows, story, sum_words
from erpcore.sync.shared.forms import Hold, fitted
from erpcore.sync.shared.known_articles import on_rows
from erpcore.sync.shared.rows import CrmRow
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.sums import sums_of
from erpcore.sync.shared.vat import vat_of
from erpcore.sync.shared.view import ErpView
from erpcore.sync.steps.article import CreateArticle
from erpcore.sync.steps.base import Step
from erpcore.sync.steps.comparing import Agreed
from erpcore.sync.steps.customer import CreateCustomer, UpdateCustomer, UseCustomer

R = TypeVar("R", bound=DocumentRow)

_TOLD_ROWS = 10
"""Rows that are told one by one, where many cannot be held."""


@dataclass
class Draft:
    """A plan that is being made.

    Attributes:
        kind: What the record is.
        record_id: The CRM's key of it.
        steps: So far.
        notes: So far.
        left_out: What the CRM shows and the plan leaves out, so far.
        of_articles: What the rows' articles say, so far.
    """

    kind: RecordKind
    record_id: str
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    of_articles: dict[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def record(self) -> str:
        """The record in words."""
        return f"{self.kind} {self.record_id}"

    def add_customer(
        self,
        step: UseCustomer | UpdateCustomer | CreateCustomer,
        company: Company | None,
        erp: ErpView,
        rules: SyncRules,
    ) -> None:
        """Add the step that sees to the customer.

        Args:
            step: From `customer_step`.
            company: The company, where it was read.
            erp: What the ERP has.
            rules: The sync's rules.
        """
        self.steps.append(step)
        if erp.unknown_number is not None:
            self.notes.append(note_words.unknown_customer_number(erp.unknown_number))
        if erp.given_away is not None:
            self.notes.append(customer_words.number_given_away(erp.given_away))
        if isinstance(step, UseCustomer) and step.shared_with is not None:
            self.notes.append(customer_words.customer_shared(step.number, step.shared_with))
        if company is not None and step.sends is not None:
            unread = mapping.unread_countries(company, rules)
            told = {name for name in unread if not step.changes or step.sends.shown(name.partition(".")[0])}
            self._lose_countries("customer", {name: unread[name] for name in told})
        if company is not None and isinstance(step, CreateCustomer):
            vat = vat_of(company, erp.country)
            if vat.treatment is not None:
                self.notes.append(note_words.vat_treatment(vat.treatment, vat.number))
            elif vat.undecided is not None:
                self.notes.append(note_words.vat_undecided(vat.undecided))

    def agreed(
        self, rows: Sequence[CrmRow], currency: str | None, company: Company | None, erp: ErpView, rules: SyncRules
    ) -> Agreed:
        """Give what the document should come to.

        Args:
            rows: All that is agreed.
            currency: Of the document, as it is sent.
            company: The company, where it was read.
            erp: What the ERP has.
            rules: The sync's rules.
        """
        free = company is not None and vat_of(company, erp.country).treatment is not None
        new = any(isinstance(step, CreateCustomer) for step in self.steps)
        return Agreed.of(sums_of(rows, rules), currency, vat_free=free and new, abroad=free and not new)

    def own_address(self, company: Company | None, rules: SyncRules) -> dict[str, Any]:
        """Give the fields of a document that carries its own company's name and address, because the customer in the
        ERP is kept as another company.

        Args:
            company: The document's company, where it was read.
            rules: The sync's rules.
        """
        shared = any(isinstance(step, UseCustomer) and step.shared_with is not None for step in self.steps)
        if not shared or company is None:
            return {}
        self._lose_countries("document", mapping.unread_countries(company, rules))
        return mapping.own_address(company, rules)

    def _lose_countries(self, record: Literal["customer", "document"], unread: Mapping[str, str]) -> None:
        for name, word in unread.items():
            self.left_out.append(
                LeftOut(record, Loss(name, LossKind.DROPPED, word, None, customer_words.COUNTRY_NOT_READ), (name,))
            )

    def note_currency(self, shown: str | None, fields: Mapping[str, Any], rules: SyncRules) -> None:
        """Note that the CRM does not show the document's currency, and which one is sent.

        Args:
            shown: What the CRM shows.
            fields: Of the document's head, from `erpcore.sync.shared.mapping`.
            rules: The sync's rules.
        """
        if not shown and rules.currency_not_shown == "own":
            self.notes.append(note_words.currency_not_shown(self.kind, fields.get("currency")))

    def lose_references(
        self, coworker: Coworker | None, contact: Person | None, fields: Mapping[str, Any], rules: SyncRules
    ) -> None:
        """Note whom the document does not name, because the CRM shows nothing of them that it could.

        Args:
            coworker: The responsible one, as the CRM shows it.
            contact: The customer's contact person, as the CRM shows it.
            fields: Of the document's head, from `erpcore.sync.shared.mapping`.
            rules: The sync's rules.
        """
        shown = {
            "our_reference": (coworker, rules.our_reference, "coworker"),
            "your_reference": (contact, ("name",), "contact person"),
        }
        for name, (person, parts, kind) in shown.items():
            if person is not None and name not in fields and any(dict(person).values()):
                who, why = note_words.person_in_words(dict(person), kind), note_words.not_shown(parts, kind)
                self.left_out.append(LeftOut("document", Loss(name, LossKind.DROPPED, who, None, why), (name,)))

    def add_rows(
        self, rows: Sequence[CrmRow], currency: CurrencyCode | None, erp: ErpView, rules: SyncRules
    ) -> tuple[list[dict[str, Any]], dict[int, str]]:
        """Translate rows, with a step for each article that is to be created first.

        Args:
            rows: As the CRM shows them.
            currency: Of the prices.
            erp: What the ERP has.
            rules: The sync's rules.

        Returns:
            The fields of the document's rows and, per index, the key of the article whose number is not known yet.

        Raises:
            MissingRecordError: An article is not in the ERP, and the rules say stop or it cannot be created.
        """
        built: list[dict[str, Any]] = []
        new_articles: dict[int, str] = {}
        created: dict[str, Mapping[str, str]] = {}
        for index, shown in enumerate(rows):
            row = crm_rows.with_unit(shown, erp.units, rules)
            found = crm_rows.row_fields(row, rules)
            words = crm_rows.row_words(row)
            if row.quantity is None and "quantity" in found:
                self.notes.append(note_words.assumed_quantity(index + 1, words))
            built.append(found)
            if crm_rows.row_is_text(row):
                continue
            if row.unit_price is None:
                self.notes.append(note_words.price_not_shown(index + 1, words))
            self._has_from(erp.article_of_free_rows, index, row)
            if crm_rows.row_is_free(row) and rules.free_row == "row":
                continue
            key = crm_rows.article_key(row)
            linked = Ref(number=row.article_number) if row.article_number else erp.article_links.get(key)
            number = None if linked is None else linked.number
            half_made = crm_rows.article_record(key) in erp.unanswered
            if linked is not None and linked.number in erp.inactive_articles and rules.missing_article != "text_row":
                raise MissingRecordError(
                    customer_words.article_inactive(index + 1, words, linked.number),
                    record=self.record,
                    advice=f"Make it active in the ERP, or choose another product on the {self.kind}, and send it "
                    "again.",
                ).about("article", linked.number)
            there = linked is not None and linked.number not in erp.missing_articles | erp.inactive_articles
            if linked is not None and there and not half_made:
                article = erp.known_articles.get(linked.number, linked)
                if linked.number != article.number and linked.number.upper() == article.number.upper():
                    self.notes.append(note_words.article_spelt(index + 1, words, linked.number, article.number))
                found["article_number"] = article.number
                if article.key is not None:
                    found["article_key"] = article.key
                if not row.article_number:
                    self._see_renamed(index, row, linked.number, erp)
                self._has_from(erp.article_values.get(linked.number, {}), index, row)
                continue
            if rules.missing_article == "stop" and not half_made:
                raise MissingRecordError(
                    story.article_missing(index + 1, words, number),
                    record=self.record,
                    advice="Create it in the ERP and put its number on the product in the CRM, then send the "
                    f"{self.kind} again.",
                ).about("article", number or words)
            if rules.missing_article == "text_row" and not half_made:
                found.setdefault("description", words)
                place, article_number = f"rows[{index}].article_number", row.article_number or words
                lost = Loss(place, LossKind.DROPPED, article_number, None, note_words.ROW_WITHOUT_ARTICLE)
                self.left_out.append(LeftOut("document", lost, ("rows.article_number",), chosen=True))
                continue
            text = mapping.text_of(row.description) or ""
            begun = half_made or key in created
            offered = [] if begun else self._offered(index + 1, words, text, row, erp, rules)
            if offered:
                found["article_number"] = offered[0].number
                found |= {} if offered[0].key is None else {"article_key": offered[0].key}
                self._has_from(erp.article_values.get(offered[0].number, {}), index, row)
                continue
            new_articles[index] = key
            if key not in created:
                own, rate = erp.own_currency, erp.rate
                new = crm_rows.article_from(row, currency, own, rules, self.kind, self.record, rate)
                created[key] = on_rows(new)
                if new.price is None and row.unit_price is not None:
                    lost = Loss("price", LossKind.DROPPED, row.unit_price, None, note_words.not_priced(words, currency))
                    self.left_out.append(LeftOut("article", lost, ("price",), chosen=True))
                elif new.price is not None and own not in (None, currency) and currency is not None:
                    self.notes.append(note_words.converted_price(words, row.unit_price, currency, new.price, own, rate))
                of = tuple(
                    place
                    for place, each in enumerate(rows, 1)
                    if not crm_rows.row_is_text(each) and crm_rows.article_key(each) == key
                )
                self.steps.append(CreateArticle(key=key, article_id=row.article_id, article=new, rows=of))
            self._has_from(created[key], index, row)
        return built, new_articles

    def _see_renamed(self, index: int, row: CrmRow, number: str, erp: ErpView) -> None:
        """Tell that the article that was made for a row's product is called otherwise: it may be another one by now."""
        before, now = erp.articles_before.get(number), erp.article_texts.get(number)
        if before is None or now is None or crm_rows.same_text(now, before) or crm_rows.same_text(now, row.description):
            return
        why = note_words.article_renamed(number)
        lost = Loss(f"rows[{index}].article_number", LossKind.REPLACED, before, now, why)
        self.left_out.append(LeftOut("document", lost, ("rows.article_number",), chosen=True))

    def _has_from(self, article: Mapping[str, str], index: int, row: CrmRow) -> None:
        """Note what a row's article says of what the CRM shows of the row; a default of the rules is nobody's loss."""
        self.of_articles[index] = {name: value for name, value in article.items() if getattr(row, name, None)}

    def _offered(self, place: int, words: str, text: str, row: CrmRow, erp: ErpView, rules: SyncRules) -> Sequence[Ref]:
        """Give an article that the ERP has and that may be the row's, where the rules say so and there is one."""
        if row.article_number:
            refs, rule = erp.like_articles.get(row.article_number, ()), "article_of_like_number"
        else:
            refs, rule = erp.named_articles.get(text, ()), "article_of_same_name"
        if not refs:
            return ()
        numbers = " and ".join(ref.number for ref in refs)
        if row.article_number:
            said = note_words.article_of_like_number(place, words, row.article_number, numbers)
        else:
            said = note_words.articles_of_same_name(place, words, numbers)
        if getattr(rules, rule) == "stop" or len(refs) > 1:
            raise MissingRecordError(
                said,
                record=self.record,
                advice=f"Put the number of the right one on the product in the CRM, or set {rule} = “create”, and send "
                f"the {self.kind} again.",
            ).about("article", row.article_number or words)
        self.notes.append(f"{said} It is used.")
        return refs

    def fit(
        self,
        built: Sequence[dict[str, Any]],
        new_articles: Collection[int],
        kind: type[R],
        currency: CurrencyCode | None,
        hold: Hold,
        rules: SyncRules,
    ) -> tuple[R, ...]:
        """Give the document's rows the form in which the ERP keeps what they come to.

        Args:
            built: Their fields.
            new_articles: Indexes of rows whose article is not there yet.
            kind: Of the document that they are of.
            currency: Of the document; None when the ERP chooses it.
            hold: What the ERP makes of a row.
            rules: The sync's rules.

        Raises:
            InvalidValueError: The ERP would make another sum of them, and the rules say stop.
        """
        rows = [kind.model_validate(row) for row in built]
        articles = {index for index, row in enumerate(built) if "article_number" in row} | set(new_articles)
        found = fitted(rows, hold, lambda index: index not in articles)
        for each in found.changed:
            of = (f"rows.{name}" for name in each.fields)
            self.left_out.append(LeftOut("document", sum_words.in_other_form(each, currency), tuple(of)))
        ours, theirs = (sum((getattr(each, name) for each in found.misfits), Decimal(0)) for name in ("ours", "theirs"))
        most = max((abs(each.ours - each.theirs) for each in found.misfits), default=Decimal(0))
        if max(most, abs(ours - theirs)) > rules.sum_tolerance:
            words = [
                sum_words.row_comes_to(
                    each.row, each.text, story.money(each.ours, currency), story.money(each.theirs, currency)
                )
                for each in found.misfits[:_TOLD_ROWS]
            ]
            if rules.sums_differ == "stop":
                raise InvalidValueError(
                    " ".join(words),
                    field=f"rows[{found.misfits[0].row - 1}].unit_price",
                    record=self.record,
                    advice="Nothing was sent. Give the row a quantity, price and discount that the ERP can hold in the "
                    f"CRM, such as one piece that costs the sum, and send the {self.kind} again; or set sums_differ = "
                    "“warn”.",
                )
            self.notes += words
        return tuple(cast("list[R]", found.rows))

    def finished(self, decision: Decision, rules: SyncRules, losses: TellLosses) -> Plan:
        """Give the plan.

        Args:
            decision: Why it is what it is.
            rules: The sync's rules.
            losses: What the ERP would lose of a record.
        """
        return Plan(
            record_kind=self.kind,
            record_id=self.record_id,
            reason=decision.reason,
            why=decision.why,
            steps=tuple(self.steps),
            losses=tuple(planned_losses(self.steps, self.left_out, self.of_articles, rules, losses)),
            notes=tuple(self.notes),
        )
