"""What a user of the CRM reads: what happened and what to do there, and of a stranger's exception its kind alone."""

from __future__ import annotations

import pytest

from erpcore.errors import InvalidValueError, PluginContractError, RejectedError, UncertainEffectError
from erpcore.languages import Language
from erpcore.problem import Problem
from erpcore.remedy import words_in_crm

FAULT = PluginContractError("The plugin “acme” raised RuntimeError in create_order: https://x/?q=UNKNOWN-SECRET")


@pytest.mark.parametrize("error", [FAULT, RuntimeError("https://x/?q=UNKNOWN-SECRET")])
@pytest.mark.parametrize(("language", "log"), [("en", "See erpcore's log."), ("sv", "Se erpcores logg.")])
def test_of_an_unforeseen_error_its_kind_is_shown_and_not_its_text(
    error: Exception, language: Language, log: str
) -> None:
    told = words_in_crm(Problem.of(error), None, language)
    assert "RuntimeError" in told
    assert told.endswith(log)
    assert "SECRET" not in told


def test_english_says_what_it_always_said() -> None:
    error = RejectedError("The values are refused.", connection="books", vendor_text="Nej.", vendor_code="7")
    assert words_in_crm(Problem.of(error)) == "books: The values are refused. [Nej. (7)]"


def test_a_vendor_s_own_words_are_kept_in_every_language() -> None:
    error = RejectedError("The values are refused.", connection="books", vendor_text="Nej.", vendor_code="7")
    told = words_in_crm(Problem.of(error), None, "nb")
    assert told == "Systemet godtar ikke verdiene. Rett det som systemet oppgir. [Nej. (7)]"


def test_a_question_is_told_without_the_command_line() -> None:
    told = words_in_crm(Problem.of(UncertainEffectError("Nobody knows.", connection="books")), None, "sv")
    assert told.startswith("Svaret från affärssystemet kom inte fram")
    assert "erpcore answer" not in told


@pytest.mark.parametrize(
    ("language", "told"), [("sv", "Affären har inget värde."), ("nb", "Salget har ingen verdi."), ("en", "no value")]
)
def test_what_is_wrong_with_the_one_record_is_in_the_user_s_language(language: Language, told: str) -> None:
    assert told in words_in_crm(Problem.of(InvalidValueError("The deal has no value.")), None, language)
