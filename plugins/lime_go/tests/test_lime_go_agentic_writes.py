"""Writing back over the Agentic API: beside others who write, again after a lost answer, and into the right field."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from erpcore_lime_go.jsonapi import idempotency_key
from erpcore_lime_go.simulator import LimeGoSimulator
from erpcore_lime_go.simulator.records import Company

from erpcore import Context
from erpcore.connection import CrmConnection
from erpcore.errors import ConfigurationError, ConflictError, OutcomeUnknownError
from erpcore.models import WriteBack
from erpcore.simulator import Fault

CONTEXT = Context(correlation_id="run-1")
Connect = Callable[..., CrmConnection]
SCAFFOLDING = 850000


@pytest.mark.parametrize("patch", ["merge", "replace"])
def test_writing_back_keeps_the_other_fields_whatever_patch_does(
    lime: LimeGoSimulator, connect: Connect, patch: str
) -> None:
    lime.switch(custom_fields_patch=patch)
    deal = lime.deal(SCAFFOLDING)
    connection = connect("agentic", message_field="Leveransvillkor")
    told = WriteBack(record_kind="deal", record_id=deal.id, erp_id="7", message=None)
    assert connection.write_back(told, CONTEXT)
    titles = ("ERP ID", "Projekt", "Leveransvillkor")
    assert [lime.custom_field(SCAFFOLDING, title) for title in titles] == ["7", "Etapp 1", None]
    revision = deal.revision
    assert connection.write_back(told, CONTEXT)
    assert deal.revision == revision


def test_what_the_rows_come_to_stands_in_the_field_that_is_named_for_it(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    connection = connect("agentic", rows_sum_field="Leveransvillkor")
    told = WriteBack(record_kind="deal", record_id=lime.deal(SCAFFOLDING).id, net=Decimal("1234.5"))
    assert connection.write_back(told, CONTEXT)
    assert lime.custom_field(SCAFFOLDING, "Leveransvillkor") == "1234.50"


def test_a_record_that_changes_meanwhile_is_read_again_and_nothing_is_overwritten(
    lime: LimeGoSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = lime.deal(SCAFFOLDING)
    connection = connect("agentic")
    client = connection.plugin._adapter._client
    write, races = client.write, iter(["Etapp 2", "Etapp 3"])

    def write_after_somebody_else(*arguments: Any, **named: Any) -> Any:
        if project := next(races, None):
            lime.edit_deal(SCAFFOLDING, custom_fields={"Projekt": project})
        return write(*arguments, **named)

    monkeypatch.setattr(client, "write", write_after_somebody_else)
    assert connection.write_back(WriteBack(record_kind="deal", record_id=deal.id, erp_id="7"), CONTEXT)
    assert lime.custom_field(SCAFFOLDING, "ERP ID") == "7"
    assert lime.custom_field(SCAFFOLDING, "Projekt") == "Etapp 3"
    assert lime.journal.count("PATCH") == 3


def test_a_record_that_never_rests_is_a_conflict(
    lime: LimeGoSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = lime.deal(SCAFFOLDING)
    connection = connect("agentic")
    client = connection.plugin._adapter._client
    write = client.write

    def write_after_somebody_else(*arguments: Any, **named: Any) -> Any:
        lime.edit_deal(SCAFFOLDING, name="Another name")
        return write(*arguments, **named)

    monkeypatch.setattr(client, "write", write_after_somebody_else)
    with pytest.raises(ConflictError, match=f"deals {deal.id}: .* was changed meanwhile"):
        connection.write_back(WriteBack(record_kind="deal", record_id=deal.id, erp_id="7"), CONTEXT)


def test_a_write_whose_answer_is_lost_is_sent_again_under_the_same_key(lime: LimeGoSimulator, connect: Connect) -> None:
    deal = lime.deal(SCAFFOLDING)
    connection = connect("agentic", attempts=2)
    lime.faults.add(Fault("lose_answer", method="PATCH"))
    assert connection.write_back(WriteBack(record_kind="deal", record_id=deal.id, erp_id="7"), CONTEXT)
    assert deal.revision == 1
    assert lime.journal.count("PATCH") == 2


def test_a_process_that_died_after_the_write_finds_it_done(lime: LimeGoSimulator, connect: Connect) -> None:
    deal = lime.deal(SCAFFOLDING)
    told = WriteBack(record_kind="deal", record_id=deal.id, erp_id="7")
    lime.faults.add(Fault("lose_answer", method="PATCH"))
    with pytest.raises(OutcomeUnknownError):
        connect("agentic").write_back(told, CONTEXT)
    assert connect("agentic").write_back(told, CONTEXT)
    assert deal.revision == 1


def test_the_key_of_a_write_is_the_works_the_versions_and_the_contents() -> None:
    key = idempotency_key("a", '"x:1"', {"b": 1})
    assert key == idempotency_key("a", '"x:1"', {"b": 1})
    others = [("b", '"x:1"', {"b": 1}), ("a", '"x:2"', {"b": 1}), ("a", '"x:1"', {"b": 2})]
    assert len({key, *(idempotency_key(*each) for each in others)}) == 4


def test_a_customers_number_is_written_to_the_company(lime: LimeGoSimulator, connect: Connect) -> None:
    connection = connect("agentic", company_erp_number_field="Kundgrupp")
    company = lime.account.get(Company, 100001)
    assert connection.write_back(WriteBack(record_kind="company", record_id=company.id, erp_id="501"), CONTEXT)
    read = connection.fetch_customer(company.id, CONTEXT)
    assert read.erp_number == "501"
    assert read.custom_fields == ()
    assert not connect("agentic").write_back(
        WriteBack(record_kind="company", record_id=company.id, erp_id="501"), CONTEXT
    )


def test_a_field_that_is_not_there_names_the_setting_and_nothing_is_written(
    lime: LimeGoSimulator, connect: Connect
) -> None:
    deal = lime.deal(SCAFFOLDING)
    with pytest.raises(ConfigurationError, match=r"order_number_field: Lime Go has no custom field “Order” .*“ERP ID”"):
        connect("agentic", order_number_field="Order").write_back(
            WriteBack(record_kind="deal", record_id=deal.id, erp_id="7", order_number="7"), CONTEXT
        )
    assert deal.revision == 0


def test_a_new_field_is_found_without_a_restart(lime: LimeGoSimulator, connect: Connect, monkeypatch) -> None:
    deal = lime.deal(SCAFFOLDING)
    connection = connect("agentic", order_number_field="Ordernr")
    told = WriteBack(record_kind="deal", record_id=deal.id, order_number="7")
    with pytest.raises(ConfigurationError):
        connection.write_back(told, CONTEXT)
    lime.account.custom_field("deals", "Ordernr")
    monkeypatch.setattr("erpcore_lime_go.registers._KEPT_AT_LEAST", -1.0)
    assert connection.write_back(told, CONTEXT)
    assert lime.custom_field(SCAFFOLDING, "Ordernr") == "7"
