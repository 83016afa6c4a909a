"""Whose the document is that was made: the company's customer, or somebody else who has its number by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erpcore.errors import UncertainEffectError
from erpcore.fields import Field
from erpcore.models import Ref
from erpcore.plugin import ErpPlugin, PluginSettings
from erpcore.store import Intent
from erpcore.sync.shared import customer_words, story
from erpcore.sync.shared.answered import CUSTOMER_ASKED
from erpcore.sync.shared.identity import KnownAs
from erpcore.sync.shared.sum_words import DOCUMENTS
from erpcore.sync.steps.customer import company_link, cut_company, find_customer, link_customer

if TYPE_CHECKING:
    from erpcore.sync.attempt import Attempt


def require_own_customer(attempt: Attempt, company_id: str, intent: Intent) -> None:
    """Hold the customer that a document names against the one that the company is linked to.

    A system's own key of a customer is never given twice, so this is for customers that are known by their number.
    The ERP is asked for the customer only where the document does not say that it is the same one. The link to what
    surely is another customer is cut, so that no other document goes there meanwhile.

    Args:
        attempt: The attempt at work.
        company_id: The CRM's key of the company.
        intent: What the ledger knows of the document.

    Raises:
        UncertainEffectError: It is another customer, or may be.
        ErpcoreError: The ERP does not answer now.
    """
    result, erp = intent.result or {}, attempt.sides.erp
    name, number = result.get("customer_name"), result.get("customer_organisation_number")
    if asked := result.get(CUSTOMER_ASKED):
        raise _asking(attempt, asked["words"])
    if not (name or number):
        return
    # A name that can be written may be the one that was sent.
    told = KnownAs(name=None if _writes_name(erp.plugin) else name, organisation_number=number)
    with attempt.sides.store.read() as connection:
        link = company_link(connection, attempt.sides.sync, company_id)
    if link is None or link.key is not None:
        return
    if link.known_as is None:
        with attempt.begin() as connection:
            link_customer(connection, attempt.sides.sync, company_id, Ref(number=link.number), known_as=told)
        return
    known = KnownAs.model_validate(link.known_as)
    if known.tells_of(told) and known.judge(told) == "same":
        return
    held = KnownAs.of(find_customer(attempt, Ref(number=link.number))) if erp.can("find_customers") else None
    now, verdict = held or told, known.judge(held or told)
    # The link may have moved to another customer since the document was made.
    if verdict == "same" and (not told.tells_of(now) or told.judge(now) == "same"):
        return
    now = told if verdict == "same" else now
    document, of = DOCUMENTS[intent.operation], str(intent.number)
    words = customer_words.made_for_another(document, of, link.number, known.words(), now.words())
    attempt.note_result(intent, {CUSTOMER_ASKED: {"company": company_id, "number": link.number, "words": words}})
    if held is not None and verdict == "another":
        why = customer_words.number_of_another(link.number, known.words(), now.words())
        cut_company(attempt, company_id, link.number, why)
    raise _asking(attempt, words)


def _asking(attempt: Attempt, words: str) -> UncertainEffectError:
    return UncertainEffectError(
        words,
        cause="other_customer",
        connection=attempt.sides.erp.name,
        record=attempt.record,
        advice=story.HOW_TO_ANSWER["other_customer"],
    )


def _writes_name(plugin: ErpPlugin[PluginSettings]) -> bool:
    """Tell whether a document of the ERP can be told its customer's name, as far as the plugin says."""
    table = plugin.field_maps.get("order")
    if table is None:
        return True
    of_name = (each for each in table.entries if each.name == "customer_name")
    return any(isinstance(each, Field) and each.direction != "read" for each in of_name)
