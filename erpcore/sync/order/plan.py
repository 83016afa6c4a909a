"""The plan of an order that is ready to be sent. Pure.

The rows of the source tables (Lime's documentation on orders to PowerOffice Go and Visma Administration) that concern
its head and rows are in `erpcore.sync.shared.mapping.order_fields` and `erpcore.sync.shared.rows`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from erpcore.errors import InvalidValueError, MissingRecordError
from erpcore.models import CrmOrder, Customer, Order, OrderRow, Ref
from erpcore.sync.customer import customer_step
from erpcore.sync.draft import Draft
from erpcore.sync.losing import TellLosses
from erpcore.sync.order.decide import OrderView, invoice_pending
from erpcore.sync.plan import Decision, Plan
from erpcore.sync.shared import mapping, story
from erpcore.sync.shared.customer import one_match, require_active, require_known_number, require_own_number
from erpcore.sync.shared.discount import placed
from erpcore.sync.shared.forms import Hold, as_invoice_too, as_they_are
from erpcore.sync.shared.identity import KnownAs
from erpcore.sync.shared.rows import CrmRow, require_sendable, require_value, row_fields
from erpcore.sync.shared.rules import SyncRules
from erpcore.sync.shared.sums import Reconciled, reconciled, sums_of
from erpcore.sync.shared.view import ErpView, History
from erpcore.sync.steps.comparing import Agreed as AgreedSums, CompareSums
from erpcore.sync.steps.customer import CreateCustomer, UpdateCustomer, UseCustomer, WriteBackCustomer
from erpcore.sync.steps.document import ConvertToInvoice, CreateOrder, SettleDocument
from erpcore.sync.steps.telling import WriteBackNumber


@dataclass(frozen=True)
class Agreed:
    """What an order of the CRM says of the one to make, proven as far as the CRM alone can tell.

    Attributes:
        rows: Its rows.
        head: Fields of its head.
        against_sums: The rows held against the sums that the order shows.
    """

    rows: tuple[CrmRow, ...]
    head: dict[str, Any]
    against_sums: Reconciled


def agreed_by(crm: OrderView, linked: ErpView, rules: SyncRules) -> Agreed:
    """Give what an order says; what is wrong with it stops here, before the ERP is asked for anything.

    Args:
        crm: What the CRM shows of the order, and of its company where that is needed.
        linked: What the links alone tell.
        rules: The sync's rules.

    Raises:
        RecordError: The order cannot be sent as it is; says what to mend.
    """
    rows = order_rows(crm.order)
    require_value(rows, rules, "order", f"order {crm.order.id}")
    head = mapping.order_fields(crm.order, rules, linked.own_currency)
    _customer(crm, linked, rules)
    return Agreed(rows, head, _against_sums(crm.order, rules))


def _against_sums(order: CrmOrder, rules: SyncRules) -> Reconciled:
    shown = {"net": order.net, "vat": order.vat, "total": order.total}
    return reconciled(order.rows or (), shown, order.currency, rules, f"order {order.id}")


def money_agreed(order: CrmOrder, erp: ErpView, rules: SyncRules) -> AgreedSums:
    """Give what the ERP's order should come to.

    Args:
        order: The order as the CRM shows it.
        erp: What is known of the company whose books they are.
        rules: The sync's rules.

    Raises:
        InvalidValueError: The order cannot be sent as it is.
    """
    currency = mapping.order_fields(order, rules, erp.own_currency).get("currency")
    return AgreedSums.of(sums_of((*(order.rows or ()), *_against_sums(order, rules).extra), rules), currency)


def plan_ready_order(
    decision: Decision,
    crm: OrderView,
    agreed: Agreed | None,
    erp: ErpView,
    history: History,
    rules: SyncRules,
    today: date,
    losses: TellLosses = lambda record, clearing: (),
    hold: Hold = as_they_are,
) -> Plan:
    """Plan an order.

    Args:
        decision: From `erpcore.sync.order.decide.decide_order`.
        crm: What the CRM shows of the order, and of its company where that is needed.
        agreed: What it says of the order to make; None where none is to be made.
        erp: What the ERP has; only needed when the order is to be made.
        history: What erpcore remembers of the order.
        rules: The sync's rules.
        today: Today's date where the company is.
        losses: What the ERP would lose of a record, from the plugin's field maps.
        hold: What the ERP makes of a row, from the plugin's field maps.

    Returns:
        The plan. Its losses with the policy `block` are for the caller to stop at.

    Raises:
        RecordError: The order cannot be sent as it is; says what to mend.
    """
    draft = Draft("order", crm.order.id)
    if decision.action == "settle" and decision.operation is not None:
        draft.steps += [
            SettleDocument(
                operation=decision.operation,
                generation=decision.generation,
                number_in_crm=crm.order.order_number or None,
            ),
            WriteBackNumber(again=True),
        ]
    elif decision.action == "complete" and history.document is not None:
        untold, convert = history.document.told_digest is None, invoice_pending(crm, history)
        # Somebody may have changed the order in the CRM before setting it ready again, which is not sent any more.
        again = decision.reason in ("order_in_erp_again", "order_cleared_restored")
        sums = money_agreed(crm.order, erp, rules) if untold or convert or again else None
        if sums is not None:
            draft.steps.append(CompareSums(agreed=sums, company_id=None if again else crm.company_id, again=again))
        if convert and sums is not None:
            if untold:
                draft.steps.append(WriteBackNumber(status="inprocess", agreed=sums))
            draft.steps += [
                ConvertToInvoice(generation=history.document.generation),
                CompareSums(agreed=sums, invoice=True),
            ]
        # A wish that comes after the ERP has become the order's master is not carried out, and nobody would know.
        late = decision.reason == "order_in_erp_again" and crm.order.create_invoice and history.invoice_number is None
        message = story.invoice_wished_too_late(history.document.number, rules.language) if late else None
        draft.steps.append(WriteBackNumber(again=True, message=message, agreed=sums, **_beside(crm, rules)))
    elif agreed is not None:
        _plan_order(draft, crm, agreed, erp, rules, decision, today, hold)
    return draft.finished(decision, rules, losses)


def order_rows(order: CrmOrder) -> tuple[CrmRow, ...]:
    """Give the rows of an order.

    Raises:
        InvalidValueError: It has none, or one that no ERP could take.
    """
    if not order.rows:
        raise InvalidValueError(
            "The order has no rows." if order.shown("rows") else "The CRM does not show the order's rows.",
            field="rows",
            record=f"order {order.id}",
            advice="Add a row to the order in the CRM and set it ready again.",
        )
    require_sendable(order.rows, "order", f"order {order.id}")
    return order.rows


def _plan_order(
    draft: Draft,
    crm: OrderView,
    agreed: Agreed,
    erp: ErpView,
    rules: SyncRules,
    decision: Decision,
    today: date,
    hold: Hold,
) -> None:
    order, rows, fields, extra = crm.order, agreed.rows, agreed.head, agreed.against_sums.extra
    currency = fields.get("currency")
    draft.notes += agreed.against_sums.notes
    draft.note_currency(order.currency, fields, rules)
    draft.lose_references(order.coworker, None, fields, rules)
    customer = _customer(crm, erp, rules)
    draft.add_customer(customer, crm.company, erp, rules)
    fields = {**fields, **draft.own_address(crm.company, rules)}
    if rules.owns_customer_number and crm.company is not None and _is_news(crm, customer):
        draft.steps.append(WriteBackCustomer(company_id=customer.company_id, seen=crm.company))
    put = placed(rows, extra, currency, erp, rules)
    draft.notes += put.notes
    built, new_articles = draft.add_rows(put.rows, currency, erp, rules)
    built += [row_fields(row, rules) for row in put.extra]
    sums = draft.agreed((*rows, *extra), currency, crm.company, erp, rules)
    convert = bool(order.create_invoice) or rules.convert_to_invoice
    draft.steps += [
        CreateOrder(
            company_id=customer.company_id,
            generation=decision.generation,
            order=Order(
                order_date=order.order_date or today,
                rows=draft.fit(
                    built, new_articles, OrderRow, currency, as_invoice_too(hold) if convert else hold, rules
                ),
                **fields,
            ),
            new_articles=new_articles,
            replaces=decision.replaces,
            convert=convert,
        ),
        CompareSums(agreed=sums, company_id=customer.company_id),
    ]
    if convert:
        draft.steps += [
            WriteBackNumber(status="inprocess", agreed=sums),
            ConvertToInvoice(generation=decision.generation),
            CompareSums(agreed=sums, invoice=True),
        ]
    # Whatever the CRM was told before, the status that it shows now is another one.
    draft.steps.append(WriteBackNumber(again=True, agreed=sums, **_beside(crm, rules)))


def _beside(crm: OrderView, rules: SyncRules) -> dict[str, str | None]:
    """Give what the CRM's order is told beside the numbers of its documents."""
    company = crm.company_id if rules.owns_customer_number else None
    return {"company_id": company, "erp_db": rules.erp_db}


def _customer(crm: OrderView, erp: ErpView, rules: SyncRules) -> UseCustomer | UpdateCustomer | CreateCustomer:
    """Find the customer: by the order's customer number, which is the key; else as any company's."""
    number, company_id = mapping.text_of(crm.order.customer_number), crm.company_id
    record = f"order {crm.order.id}"
    if company_id is None:
        raise MissingRecordError(
            "The order has neither a customer number nor a company.",
            record=record,
            advice="Choose the company on the order in the CRM and set the order ready again.",
        ).about("company")
    link = erp.customer_link
    if link is not None and number in (None, link.number):
        known = Ref(number=link.number, key=link.key)
        return UseCustomer(company_id=company_id, customer_ref=known, found_by="link", shared_with=erp.shared_with)
    if number is not None and not erp.looked_up:
        # As long as nobody asked the ERP, the number is believed.
        return UseCustomer(company_id=company_id, customer_ref=Ref(number=number), found_by="customer_number")
    if erp.matched_by == "customer_number" and (match := one_match(record, erp)):
        require_own_number(crm.company, match, record)
        require_active(match, rules, record)
        matched = Ref(number=str(match.number), key=match.key)
        if match.active is False:
            again = Customer(active=True)
            return UpdateCustomer(
                company_id=company_id,
                customer_ref=matched,
                found_by="customer_number",
                known_as=KnownAs.of(match),
                customer=again,
                digest=mapping.digest(again),
            )
        return UseCustomer(
            company_id=company_id,
            customer_ref=matched,
            found_by="customer_number",
            known_as=KnownAs.of(match),
            shared_with=erp.shared_with,
        )
    require_known_number(erp, rules, record)
    if erp.looked_up and not erp.matches and link is None and rules.missing_customer == "stop":
        raise MissingRecordError(
            "The order's customer is not in the ERP.",
            record=record,
            advice="Create it there and put its number on the company in the CRM, then set the order ready again, or "
            "set missing_customer = “create”.",
        ).about("customer", number or company_id)
    if crm.company is None:
        raise MissingRecordError(
            f"The ERP has no customer {number}, and the order names no company to create it from."
            if number
            else "The CRM does not show the order's company.",
            record=record,
            advice="Choose the company on the order in the CRM and set the order ready again.",
        ).about("company")
    return customer_step(crm.company, erp, rules)


def _is_news(crm: OrderView, customer: UseCustomer | UpdateCustomer | CreateCustomer) -> bool:
    """Tell whether the CRM does not know the company's customer number yet."""
    if isinstance(customer, UseCustomer) and customer.shared_with is not None:
        return False  # the number stands on the company whose customer it was first
    known = crm.company.erp_number if crm.company else None
    return isinstance(customer, CreateCustomer) or customer.number != (known or crm.order.customer_number)
