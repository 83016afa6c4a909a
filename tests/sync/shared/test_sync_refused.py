"""What a refusal is about, where the ERP names only the kind of thing."""

from __future__ import annotations

from datetime import date

import pytest

from erpcore.errors import RejectedError
from erpcore.models import Document, Invoice, Order
from erpcore.sync.shared.refused import refused_values


@pytest.mark.parametrize(
    ("document", "vendor_text", "told"),
    [
        (
            Order(order_date=date(2019, 5, 1)),
            "Det finns inget räkenskapsår för datumet.",
            "The order date is 2019-05-01.",
        ),
        (Invoice(invoice_date=date(2019, 5, 1)), "Perioden är låst.", "The invoice date is 2019-05-01."),
        (Order(order_date=date(2019, 5, 1)), "Kunden är spärrad.", None),
        (Order(), "Perioden är låst.", None),
    ],
)
def test_a_refused_day_is_named(document: Document, vendor_text: str, told: str | None) -> None:
    assert refused_values(document, RejectedError("The values are refused.", vendor_text=vendor_text)) == told
