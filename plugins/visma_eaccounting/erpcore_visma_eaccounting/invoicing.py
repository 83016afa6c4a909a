"""Turning an order into an invoice.

Visma's own way books at once (``orders/{id}/convert``; a booked invoice can only be credited), and there is none from
an order to a draft. So a draft is made of what the order says, which names the order in a row of text; Visma's own way
is taken only where the setting ``order_becomes`` asks for it.
"""

from __future__ import annotations

import logging
from typing import Any

from erpcore.errors import ConflictError, InvalidValueError, NotFoundError, PermissionDeniedError, RejectedError
from erpcore.http import path_of
from erpcore.models import RecordRef, Ref
from erpcore_visma_eaccounting import documents, finding, marks, orders, values
from erpcore_visma_eaccounting.client import Record, VismaClient
from erpcore_visma_eaccounting.invoices import DRAFT_DECIMALS, REVERSED, Invoices, require_currency
from erpcore_visma_eaccounting.settings import VismaEAccountingSettings

_LOG = logging.getLogger(__name__)
_DRAFT, _INVOICED = 1, 4
_COPIED = (
    "CustomerId",
    "EuThirdParty",
    "RotReducedInvoicingType",
    "YourReference",
    "OurReference",
    "BuyersOrderReference",
    "TermsOfPaymentId",
    "InvoiceAddress1",
    "InvoiceAddress2",
    "DeliveryCustomerName",
    "DeliveryAddress1",
    "DeliveryAddress2",
    "DeliveryPostalCode",
    "DeliveryCity",
    "DeliveryCountryCode",
    "DeliveryMethodName",
    "DeliveryMethodCode",
    "DeliveryTermName",
    "DeliveryTermCode",
    "DeliveryDate",
)
_COPIED_OF_ROW = (
    "IsTextRow",
    "ArticleId",
    "Text",
    "UnitPrice",
    "Quantity",
    "DiscountPercentage",
    "CostCenterItemId1",
    "CostCenterItemId2",
    "CostCenterItemId3",
    "ProjectId",
)
_LONGEST_DELIVERY_NAME = 50


def convert_to_invoice(
    client: VismaClient, invoices: Invoices, settings: VismaEAccountingSettings, order_ref: Ref
) -> RecordRef:
    """Turn an order into an invoice; see `ErpHooks.convert_to_invoice`.

    An order whose draft is there, and that was not marked as invoiced, is marked.

    Raises:
        NotFoundError: No such order.
        ConflictError: It was turned into an invoice before.
        InvalidValueError: It is a draft itself, or a draft of an invoice cannot say what it says.
    """
    order_number = order_ref.number
    order = finding.order(client, order_number, order_ref.key)
    marks_orders = settings.order_becomes != "invoice" and settings.order_after_draft == "invoiced"
    if (invoice := invoices.of_order(order)) is not None or order.get("Status") == _INVOICED:
        if marks_orders:
            _mark_invoiced(client, order)
        raise _already(order_number, invoice)
    if order.get("Status") == _DRAFT:
        raise _by_hand(order, "is a draft still")
    if settings.order_becomes == "invoice":
        return _booked(client, invoices, order, order_number)
    customer = client.get(path_of("customers", str(order["CustomerId"])))
    made = invoices.draft(_draft_of(order, customer))
    if marks_orders:
        _mark_invoiced(client, order)
    return made


def _booked(client: VismaClient, invoices: Invoices, order: Record, order_number: str) -> RecordRef:
    place = path_of("orders", str(order["Id"]))
    if order.get("Status") == orders.ONGOING:
        # Whether an order that was not delivered can be invoiced is unconfirmed; delivered ones surely can.
        client.act(f"{place}/completed")
    try:
        record = client.post(f"{place}/convert", {})
    except (RejectedError, ConflictError) as error:
        if (invoice := invoices.of_order(client.get(place))) is None:
            raise
        raise _already(order_number, invoice) from error
    number = str(record["InvoiceNumber"])
    return documents.document_ref(
        number,
        record,
        total="TotalAmountInvoiceCurrency",
        vat="TotalVatAmountInvoiceCurrency",
        rounding="TotalRoundings",
    )


def _draft_of(order: Record, customer: Record) -> dict[str, Any]:
    """Give the draft that says what an order says.

    Raises:
        InvalidValueError: It cannot: reduced tax for house work, another currency than the customer's, a quantity with
            more decimals than a draft keeps, or a delivery in part.
    """
    if order.get("RotReducedInvoicingType"):
        raise _by_hand(order, "has reduced tax for house work")
    require_currency(order.get("CurrencyCode"), customer)
    rows = []
    for row in documents.rows_in_order(order):
        quantity, delivered = (values.number(row.get(name) or 0) for name in ("Quantity", "DeliveredQuantity"))
        if delivered not in (0, quantity):
            raise _by_hand(order, "is delivered in part")
        if round(quantity, DRAFT_DECIMALS) != quantity:
            raise _by_hand(order, f"has a quantity of {quantity}, and a draft keeps two decimals")
        copied = {name: row[name] for name in _COPIED_OF_ROW if row.get(name) is not None}
        rows.append({**copied, REVERSED: row.get(orders.REVERSED) is True})
    rows.append(documents.text_row(marks.order_text(finding.number_of(order)), REVERSED))
    payload = {name: order[name] for name in _COPIED if order.get(name) is not None}
    if name := payload.get("DeliveryCustomerName"):
        payload["DeliveryCustomerName"] = str(name)[:_LONGEST_DELIVERY_NAME].rstrip()
    return {**payload, "Rows": rows}


def _mark_invoiced(client: VismaClient, order: Record) -> None:
    """Set the order's state, so that nobody invoices it again. The draft stands whether Visma lets us or not.

    Raises:
        RemoteError: Whether Visma lets us is not known.
    """
    if order.get("Status") == _INVOICED:
        return
    try:
        client.change(path_of("orders", str(order["Id"])), {"Status": _INVOICED})
    except (ConflictError, NotFoundError, PermissionDeniedError, RejectedError) as error:
        _LOG.warning("A draft was made of order %s, but the order is not marked: %s", finding.number_of(order), error)


def _already(order_number: str, invoice: str | None) -> ConflictError:
    what = "an invoice that cannot be found" if invoice is None else f"invoice {invoice}"
    return ConflictError(
        f"Order {order_number} was made into {what} before.",
        record=f"order {order_number}",
        advice="Nothing needs to be done; go on with that invoice.",
    )


def _by_hand(order: Record, why: str) -> InvalidValueError:
    number = finding.number_of(order)
    return InvalidValueError(
        f"Order {number} {why}, so it is not turned into an invoice from here.",
        record=f"order {number}",
        advice="Do it in Visma eAccounting.",
    )
