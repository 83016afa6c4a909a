"""What the core makes of an error: it does not believe a plugin once something has left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from erpcore import Context, hookimpl
from erpcore.connection import ErpConnection
from erpcore.errors import (
    ConflictError,
    ErpcoreError,
    NotSentError,
    OutcomeUnknownError,
    PluginContractError,
    RejectedError,
    UnavailableError,
)
from erpcore.host import Exchange, Host, asking_before_writes
from erpcore.models import Customer, Order, RecordRef
from erpcore.plugin import ErpPlugin, PluginSettings

CONTEXT = Context(correlation_id="test")
REFUSED = RejectedError("The name is refused.", vendor_text="Ogiltigt namn", vendor_code="2000359", status=400)


class Library(ErpPlugin[PluginSettings]):
    """Talks to its system through a library, not over HTTP; `does` says what a call of it does."""

    name: ClassVar[str] = "library"
    display_name: ClassVar[str] = "Library"
    contract_version: ClassVar[int] = 1
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    field_maps: ClassVar = {}
    effects: ClassVar = {}
    does: Callable[[Host], Any]

    @hookimpl
    def create_customer(self, customer: Customer, context: Context) -> RecordRef:
        return self.does(self.host)

    @hookimpl
    def create_order(self, order: Order, context: Context) -> RecordRef:
        return self.does(self.host)


class StoreAway(Exception):
    """An error of erpcore's own store."""


def library(does: Callable[[Host], Any], **changes: Any) -> ErpConnection:
    plugin = Library(PluginSettings(), Host.in_memory("books", **changes))
    plugin.does = does
    return ErpConnection(plugin)


def create(does: Callable[[Host], Any], **changes: Any) -> RecordRef:
    return library(does, **changes).create_customer(Customer(name="A"), CONTEXT)


def test_a_call_that_writes_and_comes_to_its_end_is_as_before() -> None:
    def does(host: Host) -> RecordRef:
        host.before_write()
        return RecordRef(number="7")

    assert create(does).number == "7"


@pytest.mark.parametrize(
    "later",
    [UnavailableError("The read failed."), REFUSED, ConflictError("Taken."), KeyError("Total"), NotSentError("late")],
    ids=lambda error: type(error).__name__,
)
def test_after_a_write_every_error_means_that_nobody_knows(later: Exception) -> None:
    def does(host: Host) -> None:
        host.before_write()
        raise later

    with pytest.raises(OutcomeUnknownError, match="create_customer had sent something to Library") as caught:
        create(does)
    assert caught.value.__cause__ is later
    assert caught.value.connection == "books"
    assert not caught.value.retryable
    if later is REFUSED:
        kept = caught.value
        assert (kept.vendor_text, kept.vendor_code, kept.status) == ("Ogiltigt namn", "2000359", 400)


@pytest.mark.parametrize("answer", [None, "7"])
def test_after_a_write_a_wrong_answer_means_the_same(answer: Any) -> None:
    def does(host: Host) -> Any:
        host.before_write()
        return answer

    with pytest.raises(OutcomeUnknownError, match="returned"):
        create(does)


def test_what_the_plugin_itself_says_is_unknown_stays_as_it_is() -> None:
    said = OutcomeUnknownError("The answer is lost.")

    def does(host: Host) -> None:
        host.before_write()
        raise said

    with pytest.raises(OutcomeUnknownError) as caught:
        create(does)
    assert caught.value is said


def test_a_write_that_was_refused_leaves_the_plugin_its_word() -> None:
    def does(host: Host) -> None:
        host.before_write()
        host.had_no_effect()
        raise REFUSED

    with pytest.raises(RejectedError) as caught:
        create(does)
    assert caught.value is REFUSED


def test_the_first_of_two_writes_counts_when_the_second_is_refused() -> None:
    def does(host: Host) -> None:
        host.before_write()
        host.before_write()
        host.had_no_effect()
        raise REFUSED

    with pytest.raises(OutcomeUnknownError):
        create(does)


def test_a_write_that_may_be_repeated_does_not_count() -> None:
    def does(host: Host) -> None:
        host.before_write(repeatable_call=True)
        raise REFUSED

    with pytest.raises(RejectedError):
        library(does).create_order(Order(customer_number="1"), CONTEXT)
    # A customer that is found is not made anew, so it is looked at whether it is whole.
    with pytest.raises(OutcomeUnknownError):
        create(does)


def test_a_write_of_one_call_says_nothing_about_the_next() -> None:
    def writes(host: Host) -> RecordRef:
        host.before_write()
        return RecordRef(number="7")

    def fails(host: Host) -> None:
        raise UnavailableError("Out of reach.")

    create(writes)
    with pytest.raises(UnavailableError):
        create(fails)


def refuse() -> None:
    raise NotSentError("This worker was asleep for too long.")


def test_a_write_is_asked_for_before_it_leaves_and_the_refusal_comes_out_as_it_is() -> None:
    left: list[str] = []

    def does(host: Host) -> RecordRef:
        host.before_write()
        left.append("customer")
        return RecordRef(number="7")

    with asking_before_writes(refuse), pytest.raises(NotSentError, match="asleep"):
        create(does)
    assert left == []
    assert create(does).number == "7"


@pytest.mark.parametrize("swallowed", [True, False])
def test_a_plugin_cannot_hide_that_it_was_held_back(swallowed: bool) -> None:
    def does(host: Host) -> RecordRef:
        try:
            host.before_write()
        except Exception as error:
            if not swallowed:
                raise RejectedError("Something is wrong.") from error
        return RecordRef(number="7")

    with asking_before_writes(refuse), pytest.raises(NotSentError, match="asleep"):
        create(does)


def test_held_back_after_a_write_has_left_nobody_knows() -> None:
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)
        if len(asked) == 2:
            refuse()

    def does(host: Host) -> RecordRef:
        host.before_write()
        host.before_write()
        return RecordRef(number="7")

    with asking_before_writes(ask), pytest.raises(OutcomeUnknownError) as caught:
        create(does)
    assert isinstance(caught.value.__cause__, NotSentError)


def test_who_asks_further_out_is_asked_first() -> None:
    asked: list[str] = []
    with asking_before_writes(lambda: asked.append("outer")), asking_before_writes(lambda: asked.append("inner")):
        create(lambda host: host.before_write() or RecordRef(number="7"))
    assert asked == ["outer", "inner"]


def test_what_may_be_made_again_is_let_through_where_only_the_new_is_held_back() -> None:
    with asking_before_writes(refuse, repeatable=False):
        assert create(lambda host: host.before_write(repeatable_call=True) or RecordRef(number="7")).number == "7"
        with pytest.raises(NotSentError, match="asleep"):
            create(lambda host: host.before_write() or RecordRef(number="7"))


def test_an_error_of_erpcore_s_own_store_is_no_fault_of_the_plugin() -> None:
    away = StoreAway("database is locked")

    def does(host: Host) -> None:
        raise away

    with pytest.raises(StoreAway) as caught:
        create(does, own_errors=(StoreAway,))
    assert caught.value is away
    with pytest.raises(PluginContractError, match="raised StoreAway"):
        create(does)


def test_an_error_of_erpcore_s_own_store_after_a_write_means_that_nobody_knows() -> None:
    def does(host: Host) -> None:
        host.before_write()
        raise StoreAway("database is locked")

    with pytest.raises(OutcomeUnknownError):
        create(does, own_errors=(StoreAway,))


def test_a_request_that_is_no_http_is_told_like_any_other(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Exchange] = []
    exchange = Exchange(
        connection="books",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        method="SaveInvoice",
        path="1001",
        write=True,
        left=True,
        ok=False,
        status="E17",
        milliseconds=12,
    )

    def does(host: Host) -> RecordRef:
        host.tell(exchange)
        return RecordRef(number="7")

    caplog.set_level("INFO", "erpcore.exchange")
    create(does, observer=told.append)
    assert told == [exchange]
    assert exchange.words == "books: SaveInvoice 1001 was answered with E17."
    assert caplog.messages == ["books: SaveInvoice 1001 -> E17 in 12 ms"]


class WithKey(PluginSettings):
    key: SecretStr


def test_a_secret_that_a_plugin_raises_is_hidden_before_anybody_sees_it() -> None:
    def raises(error: Exception) -> str:
        plugin = Library(WithKey(key="PLANTEDCLIENTSECRET"), Host.in_memory("books"))
        plugin.does = lambda host: (_ for _ in ()).throw(error)
        with pytest.raises(ErpcoreError) as caught:
            ErpConnection(plugin).create_customer(Customer(name="A"), CONTEXT)
        return f"{caught.value} {caught.value.args} {vars(caught.value)}"

    for error in (
        RuntimeError("cannot reach https://x/?q=PLANTEDCLIENTSECRET"),
        RejectedError("No PLANTEDCLIENTSECRET.", vendor_text="key PLANTEDCLIENTSECRET", record="PLANTEDCLIENTSECRET"),
    ):
        told = raises(error)
        assert "PLANTED" not in told
        assert "[hidden]" in told
