"""What nobody has confirmed about PowerOffice, each position run through the whole life of an order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erpcore.hookspecs import Context
from erpcore.models import Address, Article, Customer, CustomerQuery, DocumentQuery, Order, OrderRow, Ref

OSLO = Address(street="Gata 1", postal_code="0150", city="Oslo")
POSITIONS: list[dict[str, Any]] = [
    {},
    {"retry_after": True, "throttle_code_as_text": True},
    {"bare_refusals": "problem"},
    {"model_errors": "detail"},
    {"unknown_members": "refused"},
    {"member_case": "any"},
    {"archived": "taken"},
    {"patch_as_json": "accepted"},
    {"null_members": "left_out"},
    {"page_size_above_limit": "capped"},
    {"last_page": "no_link"},
    {"last_page": "no_header"},
    {"created_product_status": 200},
    {"product_codes_unique": False},
    {"customer_email_checked": False},
    {"order_reference_length": None},
    {"duplicate_order_detail": "without_id"},
    {"references_outlive_invoicing": False},
    {"line_without_product": "no_amount"},
    {"allowance_decimals": 2, "price_decimals": 2},
    {"rounding": "order"},
    {"send_twice": "accepted"},
    {"sent_state_form": "object"},
    {"unsent_state": "no_content"},
    {"invoiced_order": "shown"},
    {"allow_send_shown": False},
]


@pytest.mark.parametrize("position", POSITIONS, ids=str)
def test_an_order_lives_to_be_a_paid_invoice_in_every_position(connect: Any, position: dict[str, Any]) -> None:
    company = connect()
    company.simulator.seed({"behaviour": {"sending_seconds": 0.02, **position}})
    poweroffice, context = company.connection, Context("test", reference="key-1")
    assert poweroffice.check_connection(context).ok
    customer = Customer(name="Fjord AS", email="post@example.com", delivery_address=OSLO)
    number = poweroffice.create_customer(customer, context).number
    assert poweroffice.create_customer(customer, context).number == number
    poweroffice.update_customer(Ref(number=number), Customer(phone="1", invoice_address=OSLO), context)
    assert [held.phone for held in poweroffice.find_customers(CustomerQuery(name="Fjord AS"), context)] == ["1"]
    article = Article(number="S-1", description="Stol", price=Decimal(100))
    assert poweroffice.create_article(article, context).key == poweroffice.create_article(article, context).key
    rows = (
        OrderRow(description="Tekst"),
        OrderRow(article_number="S-1", quantity=Decimal(2), unit_price=Decimal(100), discount_amount=Decimal(25)),
    )
    order = Order(customer_number=number, rows=rows)
    made = poweroffice.create_order(order, context)
    assert made.total == Decimal("218.75")
    assert poweroffice.create_order(order, context).number == made.number
    ref = poweroffice.convert_to_invoice(Ref(number=made.number), context)
    (found,) = poweroffice.find_orders(DocumentQuery(reference="key-1"), context)
    assert (found.number, found.invoices) == (made.number, (Ref(number=ref.number),))
    company.pay(ref.number, None, date(2026, 11, 30))
    page = poweroffice.fetch_invoices(None, None, context)
    assert [(paid.number, paid.balance, paid.payment_date) for paid in page.items] == [
        (ref.number, Decimal(0), date(2026, 11, 30))
    ]
