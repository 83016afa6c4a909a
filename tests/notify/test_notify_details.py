"""What erpcore itself says of one record is told in Swedish and Norwegian: every sentence that an error is made of."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpcore import errors
from erpcore.errors import ErpcoreError
from erpcore.languages import LANGUAGES, Language
from erpcore.languages.details import DETAILS, translated_detail

ROOT = Path(__file__).parents[2] / "erpcore"
WORDS = {"story", "words", "customer_words", "sum_words", "note_words", "loss_words"}
SAID_TO_A_PERSON = {
    "ConfigurationError",  # settings, told where they are read, in English like all of the command line
    "ComeBackLater",  # nobody is told: it goes on by itself
    "TurnLostError",
    "NotSentError",
    "PluginContractError",
}
AT_THE_COMMAND_LINE = ("answers.py", "linking.py", "matching.py", "proposing.py", "accounts.py")
"""Their errors are printed for who has typed the command, and become no run."""
HTTP = ("http/status_errors.py", "http/token_endpoint.py", "http/reply.py", "http/oauth2.py", "connection.py")
OTHERS = {language for language in LANGUAGES if language != "en"}


def shape(node: ast.expr) -> Iterator[str]:
    """Give the texts that an expression may be, with empty braces for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from map("".join, itertools.product(*(list(part_of(each)) for each in node.values)))
    elif isinstance(node, ast.IfExp):
        yield from (*shape(node.body), *shape(node.orelse))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        module = node.func.value
        if isinstance(module, ast.Name) and module.id in WORDS:
            yield from said_by(node.func.attr)


def part_of(node: ast.expr) -> Iterator[str]:
    """Give the texts that a part of a text may be, such as one that is only there if something is known."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.IfExp):
        yield from list(shape(node.value)) or ["{}"]
    else:
        yield "{}"


def said_by(function: str) -> Iterator[str]:
    """Give what a function of words returns."""
    for file in (ROOT / "sync").rglob("*.py"):
        if file.stem not in WORDS:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == function:
                for each in ast.walk(node):
                    if isinstance(each, ast.Return) and each.value is not None:
                        yield from shape(each.value)


def sentences() -> dict[str, str]:
    """Every message of an error that a run may end with: text, and where it is made."""
    files = [*(ROOT / "sync").rglob("*.py"), *(ROOT / name for name in HTTP)]
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ErpcoreError) and name not in SAID_TO_A_PERSON
    }
    found = {}
    for file in files:
        if file.name in AT_THE_COMMAND_LINE:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2] in kinds:
                for text in shape(node.args[0]):
                    if text.strip("{} "):
                        found[text] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return found


@pytest.mark.parametrize("language", sorted(OTHERS))
def test_every_sentence_that_an_error_is_made_of_is_translated(language: Language) -> None:
    every = sentences()
    assert len(every) > 50
    missing = {}
    for text, where in every.items():
        # A sentence of its own before it is one of the others.
        filled_in = re.sub(r"^\{\} (?=[A-Z])", "", text).replace("{}", "7")
        if translated_detail(filled_in, language) is None:
            missing[text] = where
    assert missing == {}


@pytest.mark.parametrize("language", sorted(OTHERS))
def test_what_a_sentence_names_stands_in_its_translation(language: Language) -> None:
    for english, other in DETAILS[language].items():
        here, there = (set(re.findall(r"\{(\w+)\}", text)) for text in (english, other))
        # A kind of record has another gender in each language; where the sentence is clear without it, it is left out.
        assert there <= here, english
        assert here - there <= {"kind", "documents"}, english


def test_a_message_of_several_sentences_and_what_they_name_are_told_apart() -> None:
    message = (
        "Order 7 was made, but does not come to what was agreed. The ERP computed 1000.00 SEK as the sum excluding "
        "VAT; 990.00 SEK was agreed in the CRM. The ERP computed 250.00 SEK as the VAT; 247.50 SEK was agreed in the "
        "CRM."
    )
    assert translated_detail(message, "sv") == (
        "Order 7 skapades, men summan blev inte vad som avtalats. Affärssystemet räknade fram 1000.00 SEK som summan "
        "exklusive moms; i CRM-systemet avtalades 990.00 SEK. Affärssystemet räknade fram 250.00 SEK som momsen; i "
        "CRM-systemet avtalades 247.50 SEK."
    )


def test_what_people_wrote_stays_as_they_wrote_it() -> None:
    told = translated_detail("Row 2 (“The deal has no value. {x} (1) [2]*”) has the quantity 0.", "sv")
    assert told == "Rad 2 (”The deal has no value. {x} (1) [2]*”) har antalet 0."


def test_a_sentence_that_nobody_knows_is_no_half_translation() -> None:
    assert translated_detail("The deal has no value. And something of a plugin's own.", "nb") is None
    assert translated_detail("Anything.", "en") == "Anything."
