"""Every sentence of the sources about invoices and their colours, for every ERP and both CRMs.

The sources: Lime Go's “How the new ERP sync works” (1), and the order pages of Lime CRM's connectors to PowerOffice Go
(4) and to Visma Administration (5).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from time import sleep

import pytest
from erpcore_visma_admin.simulator.library import compiler

from tests.e2e.home_systems import (
    Books,
    FortnoxBooks,
    LimeCrmSales,
    LimeGoSales,
    PowerOfficeBooks,
    Sales,
    VismaAdminBooks,
    VismaEAccountingBooks,
)
from tests.e2e.home_world import HomeWorld, home_world

ERPS: dict[str, type[Books]] = {
    "fortnox": FortnoxBooks,
    "poweroffice": PowerOfficeBooks,
    "visma_eaccounting": VismaEAccountingBooks,
    "visma_admin": VismaAdminBooks,
}
CRMS: dict[str, type[Sales]] = {"lime_crm": LimeCrmSales, "lime_go": LimeGoSales}
PAIRS = [(erp, crm) for erp in ERPS for crm in CRMS]


def books_of(erp: str) -> Books:
    if erp == "visma_admin" and compiler() is None:
        pytest.skip("the simulated Visma Administration needs a C compiler")
    return ERPS[erp]()


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: "-".join(pair))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeWorld]:
    erp, crm = request.param
    with home_world(tmp_path_factory.mktemp("home"), books_of(erp), CRMS[crm]()) as made:
        yield made


def total_of(world: HomeWorld, number: str) -> Decimal:
    total = world.in_the_erp(number).total
    assert total
    return Decimal(total)


def test_as_soon_as_the_invoice_is_created_in_the_erp_it_should_be_created_in_the_crm(world: HomeWorld) -> None:
    """Source 1, When is an invoice created; and How do I know that an invoice has been created: you see it."""
    customer, company = world.customer()
    number, record = world.invoice(customer, company)
    assert world.sales.left(record) is None
    world.look()
    assert world.sales.left(record) == total_of(world, number)
    assert world.mirrored(number).invoice.total == total_of(world, number)


def test_if_the_invoice_is_yellow_it_is_still_not_paid_but_the_due_date_has_not_passed(world: HomeWorld) -> None:
    """Source 1, How does it work."""
    customer, company = world.customer()
    number, record = world.invoice(customer, company)
    world.look()
    assert world.sales.colour(record) == "yellow"
    world.books.pay(number, "100")
    world.look()
    assert world.sales.colour(record) == "yellow"
    assert world.sales.left(record) == total_of(world, number) - 100


def test_if_it_is_green_the_invoice_is_paid(world: HomeWorld) -> None:
    """Source 1, How does it work."""
    customer, company = world.customer()
    number, record = world.invoice(customer, company)
    world.look()
    world.books.pay(number)
    world.look()
    assert world.sales.colour(record) == "green"
    assert world.sales.left(record) == 0
    assert world.mirrored(number).invoice.payment_date is not None


def test_what_is_paid_comes_home_though_our_clock_is_two_hours_ahead_of_the_erp(world: HomeWorld) -> None:
    if isinstance(world.books, VismaAdminBooks):
        pytest.skip("its agent does nothing for a machine whose clock is wrong, and says so")
    customer, company = world.customer()
    number, record = world.invoice(customer, company)
    world.days(2 / 24)
    try:
        world.look()
        world.books.pay(number)
        world.look()
        assert world.sales.colour(record) == "green"
    finally:
        world.ahead[0] = timedelta()


def test_if_the_invoice_is_red_the_customer_has_not_paid_and_it_has_passed_the_due_date(world: HomeWorld) -> None:
    """Source 1, How does it work. No request to the ERP is needed for it."""
    customer, company = world.customer()
    number, record = world.invoice(customer, company)
    world.look()
    due = world.mirrored(number).invoice.due_date
    assert due is not None
    assert world.sales.colour(record) == "yellow"
    world.books.asked()
    world.days((due - world.assembly.invoices("home").today()).days)
    world.look(ask=False)
    assert world.sales.colour(record) == "yellow"
    world.days(1)
    world.look(ask=False)
    assert world.sales.colour(record) == "red"
    assert world.books.asked() == []
    world.ahead[0] = timedelta()


def test_an_invoice_is_not_editable_only_visible_if_it_needs_changing_it_has_to_be_done_in_the_erp(
    world: HomeWorld,
) -> None:
    """Source 1, When is an invoice created: bringing invoices home writes nothing to the ERP."""
    customer, company = world.customer()
    number, _ = world.invoice(customer, company)
    before = world.in_the_erp(number)
    world.books.asked()
    world.look()
    world.books.pay(number)
    world.look()
    assert {"POST", "PUT", "PATCH", "DELETE"}.isdisjoint(_beside_questions(world))
    after = world.in_the_erp(number)
    assert (after.total, after.invoice_date, after.rows) == (before.total, before.invoice_date, before.rows)


def _beside_questions(world: HomeWorld) -> list[str]:
    # The agent of Visma Administration is asked by POST, whatever it is asked.
    return [] if isinstance(world.books, VismaAdminBooks) else world.books.asked()


def test_a_draft_of_an_invoice_is_in_the_mirror_alone(world: HomeWorld) -> None:
    """Source 1 makes drafts; sources 4 and 5 store an invoice in Lime CRM when it is booked."""
    if isinstance(world.books, PowerOfficeBooks):
        pytest.skip("an order becomes a booked invoice at once in PowerOffice Go")
    customer, company = world.customer()
    draft, record = world.invoice(customer, company, book=False)
    world.look()
    assert world.mirrored(draft).invoice.booked is False
    assert world.sales.colour(record) is None
    number = world.books.book(draft)
    world.look()
    assert world.sales.colour(record) == "yellow"
    assert [each.invoice.number for each in world.mirror(customer)] == [number]
    assert world.mirrored(number).invoice.booked


def test_a_draft_that_is_deleted_in_the_erp_is_gone_here_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Source 1 makes drafts, and what needs changing has to be done in the ERP: such as deleting one."""
    books = VismaEAccountingBooks()
    with home_world(tmp_path_factory.mktemp("gone"), books, LimeGoSales(), time_zone="UTC") as world:
        customer, company = world.customer()
        draft, _ = world.invoice(customer, company, book=False)
        world.look()
        assert not world.mirrored(draft).gone
        books.simulator.delete_draft(draft)
        world.look()
        world.days(1.1)
        world.look()
        assert world.mirrored(draft).gone


def test_a_credit_note_counts_for_its_deal_and_its_company_settled_or_not(world: HomeWorld) -> None:
    """Fortnox settles it with its invoice at once; in eAccounting, here, nobody has yet."""
    customer, company = world.customer()
    number, record = world.invoice(customer, company)
    world.look()
    note = world.books.credit(number)
    if note is None:
        pytest.skip("people's crediting is not simulated for it")
    world.look()
    assert world.mirrored(note).owner == world.mirrored(number).owner
    if isinstance(world.sales, LimeGoSales):
        assert (world.sales.colour(record), world.sales.left(record)) == ("green", 0)
        assert Decimal(world.sales.shown(record, "Fakturasumma")) == 0
        assert Decimal(world.sales.company_shows(company, "Skuld")) == 0
    else:
        assert isinstance(world.sales, LimeCrmSales)
        assert world.sales.invoice(record).values["invoice_number"] == number, (
            "the order's invoice, not its credit note"
        )


def test_an_invoice_made_by_hand_in_the_erp_is_its_customer_s(world: HomeWorld) -> None:
    """Source 1: the payment status can be seen on the company card."""
    customer, company = world.customer()
    number, _ = world.invoice(customer, None)
    world.look()
    assert world.mirrored(number).owner.company_id == company
    if isinstance(world.sales, LimeGoSales):
        assert world.sales.company_shows(company, "Betalningsläge") == "yellow"
        assert Decimal(world.sales.company_shows(company, "Skuld")) == total_of(world, number)
        world.books.pay(number)
        world.look()
        assert world.sales.company_shows(company, "Betalningsläge") == "green"
        assert Decimal(world.sales.company_shows(company, "Skuld")) == 0
    else:
        assert isinstance(world.sales, LimeCrmSales)
        (stored,) = [each for each in world.sales.invoices() if each.values["invoice_number"] == number]
        assert str(stored.values["company"]) == company


def test_amount_payment_status_responsible_coworker_and_contact_person_come_over(world: HomeWorld) -> None:
    """Source 1, What information is transferred to Lime Go."""
    customer, company = world.customer()
    number, record = world.invoice(customer, company, your_reference="Kim Kund")
    world.look()
    held = world.mirrored(number).invoice
    shown = world.in_the_erp(number)
    for name in ("number", "invoice_date", "due_date", "net", "vat", "total", "balance", "currency", "kind", "rows"):
        assert getattr(held, name) == getattr(shown, name), name
    assert held.your_reference == shown.your_reference == "Kim Kund"
    assert (held.our_reference, held.currency_rate) == (shown.our_reference, shown.currency_rate)
    if isinstance(world.sales, LimeGoSales):
        assert world.sales.shown(record, "Fakturor") == number
        assert Decimal(world.sales.shown(record, "Fakturasumma")) == held.total
        assert world.sales.shown(record, "Förfaller") == str(held.due_date)
    else:
        assert isinstance(world.sales, LimeCrmSales)
        values = world.sales.invoice(record).values
        assert (values["invoice_total_sum"], values["customer_reference"]) == (held.total, "Kim Kund")
        rows = world.sales.simulator.account.all("invoicerow")
        assert [each.values["units"] for each in rows if each.values["invoice"] == world.sales.invoice(record).id] == [
            10
        ]


def test_the_relation_is_set_when_the_resulting_invoice_is_booked_and_thereby_created_in_lime_crm(
    world: HomeWorld,
) -> None:
    """Sources 4 and 5, Order, Invoice."""
    if not isinstance(world.sales, LimeCrmSales):
        pytest.skip("Lime Go has no orders")
    customer, company = world.customer()
    number, order = world.invoice(customer, company)
    assert world.sales.invoice(order) is None
    world.look()
    invoice = world.sales.invoice(order)
    assert (invoice.values["invoice_number"], str(invoice.values["company"])) == (number, company)
    world.look()
    assert [each.values["invoice_number"] for each in world.sales.invoices()].count(number) == 1


@pytest.mark.parametrize("stamps", [True, False], ids=["moves-the-stamp", "does-not"])
@pytest.mark.parametrize("erp", ["fortnox", "visma_admin", "visma_eaccounting"])
def test_a_payment_comes_home_whether_or_not_it_moves_the_invoice_s_change_stamp(
    tmp_path_factory: pytest.TempPathFactory, erp: str, stamps: bool
) -> None:
    """Not published of any of them: so payments can be asked for besides."""
    books = books_of(erp)
    if isinstance(books, FortnoxBooks):
        books = FortnoxBooks(payment_moves_lastmodified=stamps)
    elif isinstance(books, VismaAdminBooks):
        books = VismaAdminBooks(stamps_invoice=stamps)
    else:
        books = VismaEAccountingBooks(payment_moves_modified=stamps)
    books.overlap_seconds = 0
    with home_world(tmp_path_factory.mktemp("stamps"), books, LimeGoSales()) as world:
        customer, company = world.customer()
        number, record = world.invoice(customer, company)
        world.look()
        sleep(1.1)  # change stamps are whole seconds
        world.look()
        world.books.pay(number)
        world.look()
        assert world.sales.colour(record) == "green"
