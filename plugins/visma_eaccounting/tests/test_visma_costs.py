"""What each operation costs in requests, as the README says."""

from __future__ import annotations

from decimal import Decimal

from erpcore.hookspecs import Context
from erpcore.models import (
    Article,
    ContactPerson,
    Customer,
    CustomerQuery,
    DocumentQuery,
    Invoice,
    InvoiceRow,
    Order,
    OrderRow,
    Ref,
)
from plugins.visma_eaccounting.tests.conftest import Company


def test_the_readme_s_numbers_of_requests(company: Company) -> None:
    visma, context = company.connection, Context("t", reference="k-1")
    row = {"article_number": "S-1", "quantity": Decimal(1), "unit_price": Decimal(1)}
    order = Order(customer_number="1", rows=(OrderRow(**row),))
    draft = Invoice(customer_number="1", rows=(InvoiceRow(**row),))
    company.simulator.seed({"customers": [{"Name": "Anna Ek", "CustomerNumber": "2", "IsPrivatePerson": True}]})

    def cost(act: object) -> int:
        company.asked()
        assert callable(act)
        act()
        return len(company.asked())

    assert cost(lambda: visma.find_customers(CustomerQuery(number="1"), context)) == 1
    assert cost(lambda: visma.create_customer(Customer(name="Ny AB"), context)) == 2
    assert cost(lambda: visma.update_customer(Ref(number="1"), Customer(phone="1"), context)) == 3
    assert cost(lambda: visma.update_customer(Ref(number="1"), Customer(phone="1"), context)) == 2
    assert cost(lambda: visma.create_contact_person(Ref(number="1"), ContactPerson(first_name="Bo"), context)) == 3
    assert cost(lambda: visma.create_article(Article(number="A", description="B"), context)) == 3
    assert cost(lambda: visma.sync_articles([Article(number="A", description="C")], context)) == 4
    assert cost(lambda: visma.create_invoice(draft, context)) == 3
    assert cost(lambda: visma.create_invoice(draft.model_copy(update={"customer_number": "2"}), context)) == 5
    assert cost(lambda: visma.create_order(order, context)) == 3
    # The lists that this simulator cannot filter by rows were asked in vain once; from now on they are not.
    visma.find_invoices(DocumentQuery(reference="k-1"), context)
    assert cost(lambda: visma.find_orders(DocumentQuery(number="1"), context)) == 3
    assert cost(lambda: visma.convert_to_invoice(Ref(number="1"), context)) == 7
