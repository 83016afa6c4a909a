"""The key of what must be mended, and the words for it."""

from __future__ import annotations

import pytest

from erpcore import errors
from erpcore.errors import ErpcoreError
from erpcore.problem import Problem
from erpcore.remedy import WHO, Remedy, remedy_for


def key(error: Exception) -> str:
    return Problem.of(error).key


def rejected(text: str = "", code: str | None = None, **more: str) -> ErpcoreError:
    return errors.RejectedError("It said no.", connection="fortnox", vendor_text=text, vendor_code=code, **more)


def test_a_key_is_made_of_what_is_known_and_never_of_a_text() -> None:
    assert key(rejected("Artikel 3012 saknas", "2001302")) == key(rejected("Article is missing", "2001302"))
    assert key(rejected(code="2001302")) != key(rejected(code="2000432"))
    assert key(rejected(code="1").about("article", "3012")) == key(
        rejected(code="1", record="deal 4").about("article", "3012")
    )
    assert key(rejected(code="1").about("article", "3012")) != key(rejected(code="1").about("article", "3013"))
    assert key(ValueError("a")).startswith("v1:")


def test_a_fault_of_a_connection_is_one_cause_whatever_was_asked() -> None:
    one = errors.UnavailableError("GET /3/orders failed.", connection="fortnox", status=503)
    other = errors.UnavailableError("POST /3/customers failed.", connection="fortnox")
    one.operation, other.operation = "find_orders", "create_customer"
    assert key(one) == key(other)
    assert key(one) != key(errors.UnavailableError("no", connection="lime"))
    assert Problem.of(one).is_of_the_connection
    assert not Problem.of(rejected()).is_of_the_connection


def test_where_the_subject_is_not_known_field_and_operation_tell_causes_apart() -> None:
    second, third = (errors.InvalidValueError("x", field=f"rows[{index}].unit_price") for index in (2, 3))
    assert key(second) == key(third), "which row it is makes no other mistake of it"
    assert key(second) != key(errors.InvalidValueError("x", field="value"))
    order, customer = rejected(), rejected()
    order.operation, customer.operation = "create_order", "create_customer"
    assert key(order) != key(customer)
    asks = errors.UncertainEffectError("Two.", cause="two_documents")
    assert key(asks) != key(errors.UncertainEffectError("Made?"))


def test_every_class_of_error_that_ends_a_run_has_words() -> None:
    def all_of(base: type[Exception]) -> set[str]:
        return {base.__name__}.union(
            *(all_of(each) for each in base.__subclasses__() if each.__module__ == base.__module__)
        )

    without = {
        name for name in all_of(ErpcoreError) if remedy_for(Problem(error_class=name, message="x")).label == "Stopped"
    }
    assert without == {
        "ErpcoreError",
        "RecordError",
        "RemoteError",
        "OutcomeUnknownError",
        "UncertainEffectError",
        "TurnLostError",
        "WebhookRefusedError",
        "PluginError",
        "PluginNotFoundError",
        "PluginDependencyError",
        "PluginLoadError",
        "PluginConflictError",
        "IncompatiblePluginError",
        "PluginContractError",
    }, "these are bases, end no run, or are told by the story"


@pytest.mark.parametrize("question", ["made_or_not", "cleared_number", "two_documents"])
def test_every_question_has_words(question: str) -> None:
    told = remedy_for(
        Problem.model_validate({"error_class": "UncertainEffectError", "message": "x", "cause": question})
    )
    assert any("erpcore answer RUN" in step for step in told.steps)


def test_the_words_name_the_subject_and_a_plugin_s_own_go_first() -> None:
    problem = Problem.of(errors.MissingRecordError("x").about("article", "3012"))
    assert remedy_for(problem).meaning == "A row names the article 3012, which the ERP does not have."
    own = {"2000432": Remedy("Unit missing", "The unit {subject} is not there.", ("Make {subject}.",), "accounts")}
    unit = Problem.of(rejected(code="2000432").about("unit", "flak"))
    assert remedy_for(unit, own) == Remedy("Unit missing", "The unit flak is not there.", ("Make flak.",), "accounts")
    assert remedy_for(unit).label == "Values refused"
    assert remedy_for(unit).who in WHO
