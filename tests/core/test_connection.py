"""The typed face: what the plugin can do, what may come back, and where errors happened."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from erpcore import Context, hookimpl, hookwrapper
from erpcore.connection import ErpConnection
from erpcore.errors import PluginContractError, RejectedError, UnsupportedOperationError
from erpcore.fields import Field, FieldMap, Unsupported, leaf_names
from erpcore.models import ContactPerson, Customer, CustomerQuery, RecordRef
from erpcore.plugin import Effect, EffectKind, ErpPlugin, PluginSettings

CONTEXT = Context(correlation_id="test")


class Books(ErpPlugin[PluginSettings]):
    name: ClassVar[str] = "books"
    display_name: ClassVar[str] = "Books"
    contract_version: ClassVar[int] = 1
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    field_maps: ClassVar = {
        "contact_person": FieldMap(
            ContactPerson,
            [
                Field("email", "Email"),
                *(Unsupported(name, reason="no place") for name in leaf_names(ContactPerson) if name != "email"),
            ],
        )
    }
    effects: ClassVar = {"create_customer": Effect(EffectKind.NONE, 0, "nothing to search for")}
    answer: Any = None

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def books(host) -> Books:
    return Books(PluginSettings(), host("main"))


def test_a_call_goes_through_and_its_answer_comes_back(books: Books) -> None:
    books.answer = RecordRef(number="7")
    assert ErpConnection(books).create_customer(Customer(name="A"), CONTEXT).number == "7"


def test_an_operation_without_a_hook_is_refused_before_anything_is_sent(books: Books) -> None:
    connection = ErpConnection(books)
    assert not connection.can("find_customers")
    with pytest.raises(UnsupportedOperationError, match=r"main: Books .* has no operation find_customers"):
        connection.find_customers(CustomerQuery(), CONTEXT)


@pytest.mark.parametrize("answer", [None, "7", (number for number in "7")])
def test_no_answer_a_wrong_one_or_a_generator_breaks_the_contract(books: Books, answer: Any) -> None:
    books.answer = answer
    with pytest.raises(PluginContractError, match=r"returned .* from create_customer"):
        ErpConnection(books).create_customer(Customer(name="A"), CONTEXT)


def test_an_error_of_the_system_names_the_connection(books: Books) -> None:
    books.answer = RejectedError("The name is refused.", vendor_text="Ogiltigt namn", vendor_code="2000359")
    with pytest.raises(RejectedError) as caught:
        ErpConnection(books).create_customer(Customer(name="A"), CONTEXT)
    assert str(caught.value) == "main: The name is refused. [Ogiltigt namn (2000359)]"


def test_a_fault_of_the_plugin_is_told_as_one(books: Books) -> None:
    books.answer = KeyError("Customer")
    with pytest.raises(PluginContractError, match="raised KeyError in create_customer"):
        ErpConnection(books).create_customer(Customer(name="A"), CONTEXT)


def test_a_misspelt_hook_is_found_when_the_connection_is_built(host) -> None:
    class Misspelt(Books):
        @hookimpl
        def create_custommer(self, customer: Customer, context: Context) -> RecordRef:
            return RecordRef(number="1")

    with pytest.raises(PluginContractError, match="create_custommer"):
        ErpConnection(Misspelt(PluginSettings(), host("main")))


def test_an_argument_that_the_spec_lacks_is_found_when_the_connection_is_built(host) -> None:
    class Greedy(Books):
        @hookimpl
        def create_customer(self, customer: Customer, context: Context, colour: str) -> RecordRef:
            return RecordRef(number=colour)

    with pytest.raises(PluginContractError, match="colour"):
        ErpConnection(Greedy(PluginSettings(), host("main")))


def test_an_installation_bends_one_step_with_a_wrapper(books: Books) -> None:
    class Shout:
        @hookwrapper
        def create_customer(self, customer: Customer) -> Iterator[None]:
            result = yield
            return RecordRef(number=f"{customer.name}-{result.number}")

    books.answer = RecordRef(number="7")
    assert ErpConnection(books, [Shout()]).create_customer(Customer(name="A"), CONTEXT).number == "A-7"


def test_losses_come_from_the_plugins_table(books: Books) -> None:
    (loss,) = ErpConnection(books).losses(ContactPerson(email="a@b.se", phone="1"))
    assert loss.field == "phone"


def test_a_write_without_a_declared_strategy_breaks_the_contract(books: Books) -> None:
    connection = ErpConnection(books)
    assert connection.effect("create_customer").kind is EffectKind.NONE
    with pytest.raises(PluginContractError, match="no effect strategy for create_order"):
        connection.effect("create_order")
