"""What must be mended, in words for the person who can: by the class of an error, and by a vendor's code.

One table for everybody who tells of a problem: lists, logs, and later mails and pages. A plugin brings the words for
its vendor's codes (`erpcore.plugin.Plugin.remedies`); where it has none, the words here say it by the error's class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from erpcore.languages import Language, translated
from erpcore.languages.details import translated_detail
from erpcore.problem import Problem

Who = Literal["seller", "accounts", "erp_admin", "it", "nobody"]
"""Who can mend it."""

WHO: Mapping[Who, str] = {
    "seller": "the seller, in the CRM",
    "accounts": "accounts, in the ERP",
    "erp_admin": "the ERP's administrator",
    "it": "whoever runs erpcore",
    "nobody": "nobody needs to: it goes on by itself",
}


@dataclass(frozen=True)
class Remedy:
    """The words for one kind of problem. ``{subject}`` stands for what it is about, such as an article's number,
    ``{connection}`` for the connection's name, ``{key}`` for the cause's key.

    Attributes:
        label: In a few words, for a list: “Article missing”.
        meaning: What it means, in a sentence.
        steps: How it is mended, in order.
        who: Who can.
    """

    label: str
    meaning: str
    steps: tuple[str, ...]
    who: Who

    def about(self, problem: Problem, language: Language = "en", words: Mapping[str, str] | None = None) -> Remedy:
        """Give the words for one problem.

        Args:
            problem: The problem.
            language: In which language.
            words: The plugin's own texts in that language, by the English ones.
        """
        facts = {
            "subject": problem.subject or translated(_NAMED, language),
            "connection": problem.connection or translated(_CONNECTION, language),
            "key": problem.key,
        }

        def told(text: str) -> str:
            return translated(text, language, words).format(**facts)

        return Remedy(told(self.label), told(self.meaning), tuple(told(step) for step in self.steps), self.who)


_NAMED = "that the record names"
_CONNECTION = "the connection"
_AGAIN = "Send what waits for it again: erpcore retry --cause {key}"

_BY_SUBJECT: Mapping[tuple[str, str], Remedy] = {
    ("MissingRecordError", "article"): Remedy(
        "Article missing",
        "A row names the article {subject}, which the ERP does not have.",
        ("Make the article {subject} in the ERP, or put another number on the product in the CRM.", _AGAIN),
        "accounts",
    ),
    ("MissingRecordError", "customer"): Remedy(
        "Customer missing",
        "The customer {subject} is not in the ERP.",
        ("Make the customer in the ERP, or correct the customer number in the CRM.", _AGAIN),
        "accounts",
    ),
    ("MissingRecordError", "company"): Remedy(
        "No company",
        "The deal or order names no company that could be invoiced.",
        ("Choose the company in the CRM.", _AGAIN),
        "seller",
    ),
}

_BY_QUESTION: Mapping[str, Remedy] = {
    "made_or_not": Remedy(
        "Waiting for an answer",
        "The answer to a write is lost, and nobody can tell whether it was carried out.",
        ("Look in the ERP for our reference.", "erpcore answer RUN made NUMBER, or: erpcore answer RUN not-made"),
        "accounts",
    ),
    "cleared_number": Remedy(
        "Waiting for an answer",
        "The number was cleared in the CRM, though a document was made.",
        ("erpcore answer RUN new-document, or: erpcore answer RUN restore",),
        "seller",
    ),
    "two_documents": Remedy(
        "Two documents",
        "The ERP has two documents that were made for one wish.",
        ("Annul one of them in the ERP.", "erpcore answer RUN keep NUMBER, with the number of the other"),
        "accounts",
    ),
    "sums_differ": Remedy(
        "Sums differ",
        "The ERP's document does not come to what was agreed in the CRM.",
        (
            "Correct the document in the ERP, then: erpcore answer RUN go-on",
            "Or annul it there, then: erpcore answer RUN stop",
        ),
        "accounts",
    ),
    "other_customer": Remedy(
        "Another customer",
        "The customer number that the company is linked to is another customer in the ERP now, and a document was made "
        "for it.",
        (
            "The company's customer after all, under a new name: erpcore answer RUN go-on",
            "Or annul the document in the ERP, then: erpcore answer RUN stop",
        ),
        "accounts",
    ),
    "customer_shared": Remedy(
        "Customer shared",
        "Another company of the CRM is this customer in the ERP already.",
        (
            "One customer: erpcore link SYNC COMPANY --kind company --to NUMBER",
            "Two: give each its own organisation number in the CRM.",
            _AGAIN,
        ),
        "accounts",
    ),
}

_CREDENTIALS = Remedy(
    "Credentials refused",
    "{connection} does not accept erpcore's credentials.",
    ("erpcore connect {connection}", _AGAIN),
    "it",
)

_CHANGED_MEANWHILE = Remedy(
    "Changed meanwhile", "It exists already, or has changed meanwhile.", ("Look at both sides.", _AGAIN), "accounts"
)

_BY_CLASS: Mapping[str, Remedy] = {
    "ConfigurationError": Remedy(
        "Setting wrong", "A setting does not fit.", ("Correct it, and restart erpcore.", _AGAIN), "it"
    ),
    "UnsupportedOperationError": Remedy(
        "Not possible there",
        "The ERP cannot do what the sync's rules ask for.",
        ("Change the sync's rules.", _AGAIN),
        "it",
    ),
    "InvalidValueError": Remedy(
        "Value wrong", "A value of the record cannot be sent as it is.", ("Correct it in the CRM.", _AGAIN), "seller"
    ),
    "AmbiguousMatchError": Remedy(
        "Several fit",
        "More than one record in the ERP fits.",
        ("Merge them in the ERP, or make all but one inactive.", _AGAIN),
        "accounts",
    ),
    "MissingRecordError": Remedy(
        "Something is missing",
        "The record names something that is not there.",
        ("Make it, or correct the record.", _AGAIN),
        "seller",
    ),
    "FieldLossError": Remedy(
        "Would be lost",
        "A value would not arrive as it is, and the sync's rule says stop.",
        ("Change it in the CRM, or change the rule on_loss.", _AGAIN),
        "seller",
    ),
    "AuthenticationError": _CREDENTIALS,
    "ConsentNeededError": Remedy(
        "Consent needed",
        "The consent to use {connection} is gone.",
        ("erpcore connect {connection}, or erpcore connect {connection} --link for somebody elsewhere", _AGAIN),
        "erp_admin",
    ),
    "PermissionDeniedError": Remedy(
        "Right missing",
        "The account lacks a right, a scope or a licence.",
        ("Give it in the ERP; erpcore check {connection} names what is missing.", _AGAIN),
        "erp_admin",
    ),
    "NotFoundError": Remedy(
        "Not there",
        "The system does not have the record that is named.",
        ("Make it, or correct the number.", _AGAIN),
        "accounts",
    ),
    "ConflictError": _CHANGED_MEANWHILE,
    "ChangedMeanwhileError": _CHANGED_MEANWHILE,
    "GoneMeanwhileError": _CHANGED_MEANWHILE,
    "RejectedError": Remedy(
        "Values refused", "The system refuses the values.", ("Correct what its words name.", _AGAIN), "seller"
    ),
    "RateLimitedError": Remedy("Too fast", "{connection} asked for a pause.", (), "nobody"),
    "UnavailableError": Remedy("Out of reach", "{connection} does not answer.", (), "nobody"),
    "NotSentError": Remedy("Held back", "A write was held back before it left.", (), "nobody"),
    "MalformedReplyError": Remedy(
        "Answer unreadable",
        "{connection} answered in a form that is not its own.",
        ("Check its address.", _AGAIN),
        "it",
    ),
}

_FORESEEN = frozenset({*_BY_CLASS, "OutcomeUnknownError", "UncertainEffectError", "ErpcoreError", "GivenUp"})
"""Errors whose text is erpcore's or a plugin's own, and not a stranger's."""

_UNKNOWN = Remedy(
    "Stopped",
    "Something went wrong that erpcore has no word for.",
    ("Read its story: erpcore status RUN", _AGAIN),
    "it",
)


_SEE_LOG = "See erpcore's log."


def words_in_crm(
    problem: Problem,
    of_plugin: Mapping[str, Remedy] | None = None,
    language: Language = "en",
    words: Mapping[Language, Mapping[str, str]] | None = None,
) -> str:
    """Give what a user of the CRM reads about a problem: what happened, and what to do there.

    Of an error that nobody foresaw only its kind is told: its text may hold anything, and the log has it.

    Args:
        problem: The problem.
        of_plugin: As for `remedy_for`.
        language: The user's.
        words: As for `remedy_for`.
    """
    if problem.cause is None and problem.error_class not in _FORESEEN:
        kind = problem.message.partition(": ")[0].rstrip(".")
        told = "" if language == "en" else f"{translated(_UNKNOWN.meaning, language)} "
        return f"{told}{kind}. {translated(_SEE_LOG, language)}"
    if language == "en":
        return " ".join(filter(None, (problem.text, problem.advice)))
    remedy = remedy_for(problem, of_plugin, language, words)
    steps = [step for step in remedy.steps if "erpcore " not in step]  # what is typed at a command line is not for them
    code = f" ({problem.vendor_code})" if problem.vendor_code else ""
    said = f"[{problem.vendor_text}{code}]" if problem.vendor_text else ""
    # The words are about a kind of problem. What is wrong with this record only erpcore's own sentence tells.
    own = translated_detail(problem.message, language) or f"[{problem.message}]"
    detail = "" if problem.subject or said else own
    return " ".join(filter(None, (remedy.meaning, *steps, said, detail)))


def every_remedy() -> Iterator[tuple[str, Remedy]]:
    """Give each kind of problem that there are words for here, by what it is, for the documentation."""
    yield from ((f"`{name}`", told) for name, told in _BY_CLASS.items())
    yield from ((f"`{name}`, {kind}", told) for (name, kind), told in _BY_SUBJECT.items())
    yield from ((f"question `{question}`", told) for question, told in _BY_QUESTION.items())
    yield "anything else", _UNKNOWN


def remedy_for(
    problem: Problem,
    of_plugin: Mapping[str, Remedy] | None = None,
    language: Language = "en",
    words: Mapping[Language, Mapping[str, str]] | None = None,
) -> Remedy:
    """Give the words for a problem.

    Args:
        problem: The problem.
        of_plugin: The words of the plugin whose connection it happened in, by the vendor's code.
        language: In which language.
        words: What the plugin's words are in other languages (`erpcore.plugin.Plugin.remedy_words`).
    """
    if problem.cause is not None:
        found = _BY_QUESTION[problem.cause]
    elif of_plugin and problem.vendor_code is not None and problem.vendor_code in of_plugin:
        found = of_plugin[problem.vendor_code]
    else:
        by_class = _BY_CLASS.get(problem.error_class, _UNKNOWN)
        found = _BY_SUBJECT.get((problem.error_class, problem.subject_kind or ""), by_class)
    return found.about(problem, language, (words or {}).get(language))
