"""What mails look like, in three languages, as approved files; and that every text has its translations.

After a change of a text, look at what ``ERPCORE_APPROVE=1 pytest tests/notify/test_notify_letters.py`` writes.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from erpcore_fortnox.remedies import REMEDIES, REMEDY_WORDS

from erpcore import remedy
from erpcore.engine.trial import plugin_of
from erpcore.errors import ConsentNeededError, MissingRecordError, PermissionDeniedError, UncertainEffectError
from erpcore.languages import LANGUAGES, TABLES, Language
from erpcore.models import RecordKind
from erpcore.notify import letter, trial_letter
from erpcore.problem import Problem
from erpcore.remedy import Remedy
from erpcore.settings import parse_settings
from tests.notify.conftest import SETTINGS

HERE = Path(__file__).parent / "letters"
ROOT = Path(__file__).parents[2]


def record(deal: str, state: str = "failed", **more: Any) -> dict[str, Any]:
    named = {"name": "Specialbeslag <40 st>", "customer": "Åkerlund & Söner HB", "documents": None, "run": 17}
    return {"kind": "deal", "id": deal, "state": state, **named, **more}


def news(kind: str, problem: Problem, records: list[dict[str, Any]], count: int, new: int = 0) -> dict[str, Any]:
    told = problem.model_dump(mode="json", exclude_none=True)
    since = "2026-11-28T07:12:00+00:00"
    shown_of = new or count
    return {
        "kind": kind,
        "cause": problem.key,
        "since": since,
        "problem": told,
        "count": count,
        "new": new,
        "shown_of": shown_of,
        "records": records,
    }


MISSING = Problem.of(
    MissingRecordError("The article “Beslag” (BESLAG-77) of row 1 is not in the ERP.", connection="books").about(
        "article", "BESLAG-77"
    )
)
CONSENT = Problem.of(ConsentNeededError("The consent is gone.", connection="books"))
RIGHT = Problem.of(
    PermissionDeniedError("Not allowed.", connection="books", vendor_text="Saknar behörighet.", vendor_code="2001393")
)
UNCERTAIN = Problem.of(UncertainEffectError("The answer to create_order is missing.", connection="books"))
WELL = record("850004", "done", documents={"order": "1001", "invoice": "77"})
CASES: dict[str, list[dict[str, Any]]] = {
    "one_deal": [news("began", MISSING, [record("850002")], 1, 1)],
    "many_deals": [news("began", CONSENT, [record(str(850000 + n)) for n in range(10)], 412)],
    "several_causes": [
        news("began", UNCERTAIN, [record("850003", "uncertain")], 1, 1),
        news("more", RIGHT, [record("850005"), record("850006")], 9, 2),
        news("over", MISSING, [WELL, record("850007", "set_aside"), record("850008", "nothing")], 3),
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_a_letter_is_as_it_was_looked_at(case: str, language: Language) -> None:
    settings = parse_settings(SETTINGS.format(mail="", mail_to="[]", language=language, more=""), Path("erpcore.toml"))
    written = letter("won", CASES[case], language, "Europe/Stockholm", partial(plugin_of, settings))
    for kind, text in {"txt": f"{written.subject}\n\n{written.text}", "html": written.html}.items():
        file = HERE / f"{case}.{language}.{kind}"
        if os.environ.get("ERPCORE_APPROVE"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8"), f"{file.name} is no longer what the code writes"


def test_what_a_vendor_or_a_person_wrote_is_text_in_html_too() -> None:
    html = (HERE / "one_deal.sv.html").read_text(encoding="utf-8")
    assert "Specialbeslag &lt;40 st&gt;" in html
    assert "<40 st>" not in html


def test_a_trial_says_that_it_is_one() -> None:
    assert "för att prova" in trial_letter("won", "sv").text
    assert trial_letter("won", "en").subject == "[erpcore won] A mail to try it"


def remedy_texts(remedies: Iterable[Remedy]) -> set[str]:
    return {text for each in remedies for text in (each.label, each.meaning, *each.steps)}


def texts_in(*files: str) -> set[str]:
    """Every text of the code in these files."""
    trees = [ast.parse((ROOT / "erpcore" / file).read_text(encoding="utf-8")) for file in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def asked_for() -> set[str]:
    """The texts that are looked up as they stand there."""
    tree = ast.parse((ROOT / "erpcore" / "notify" / "letter.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    asked = [node.args[0] for node in calls if ast.unparse(node.func) in ("translated", "told")]
    return {node.value for node in asked if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_text_is_translated_with_the_same_names_in_braces(language: Language) -> None:
    table = TABLES[language]
    of_core = remedy_texts(each for _, each in remedy.every_remedy()) | asked_for() | set(remedy.WHO.values())
    assert of_core - set(table) == set()
    assert remedy_texts(REMEDIES.values()) - set(table) - set(REMEDY_WORDS[language]) == set()
    for english, other in {**table, **REMEDY_WORDS[language]}.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", other)), english


def test_no_language_has_a_text_that_nobody_uses() -> None:
    of_core = remedy_texts(each for _, each in remedy.every_remedy()) | set(remedy.WHO.values())
    used = (
        of_core
        | texts_in("notify/letter.py", "remedy.py", "sync/shared/story.py")
        | {*get_args(RecordKind), "customer"}
    )
    for language in ("sv", "nb"):
        assert set(TABLES[language]) - used == set()
