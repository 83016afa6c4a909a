"""Carrying out the steps of a plan, whatever record it is for."""

from __future__ import annotations

from typing import Any

from erpcore.sync import customers, documents
from erpcore.sync.handling import Handling
from erpcore.sync.plan import (
    CompareSums,
    ConvertToInvoice,
    CreateArticle,
    CreateCustomer,
    CreateInvoice,
    CreateOrder,
    MarkInProcess,
    SettleDocument,
    Step,
    UpdateCustomer,
    UseCustomer,
    WriteBackCustomer,
    WriteBackNumber,
)

NO_OPERATION = frozenset(
    {
        "mark_in_process",
        "use_customer",
        "settle_document",
        "compare_sums",
        "write_back",
        "write_back_customer",
    }
)
"""Steps that need no hook of the ERP of their own."""


def carry_out_step(at: Handling, step: Step) -> dict[str, Any]:
    """Do one step.

    Args:
        at: The run at work.
        step: Of its plan.

    Returns:
        What was done, as JSON: ``step``, and ``number`` of a record that was made, found or told.

    Raises:
        ErpcoreError: See the step's own function.
    """
    match step:
        case MarkInProcess():
            done = customers.mark_in_process(at)
        case UseCustomer():
            done = customers.use_customer(at, step)
        case UpdateCustomer():
            done = customers.update_customer(at, step)
        case CreateCustomer():
            done = customers.create_customer(at, step)
        case CreateArticle():
            done = customers.create_article(at, step)
        case CreateOrder():
            done = documents.create_order(at, step)
        case CreateInvoice():
            done = documents.create_invoice(at, step)
        case ConvertToInvoice():
            done = documents.convert_to_invoice(at, step)
        case SettleDocument():
            done = documents.settle_document(at, step)
        case CompareSums():
            done = documents.compare_sums(at, step)
        case WriteBackNumber():
            done = documents.write_back(at, step)
        case WriteBackCustomer():
            done = customers.write_back_customer(at, step)
    return {"step": step.step, **done}
