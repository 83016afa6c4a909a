"""Keeping out of messages what is nobody's business: secrets, and personal data beyond company and deal."""

from __future__ import annotations

import re

from erpcore.problem import Problem
from erpcore.redaction import HIDDEN, hidden_everywhere

# An organisation number has 20 or more where a personal number has its month.
_PERSONAL = re.compile(
    r"[^\s@<>\"“”(),;:]+@[^\s@<>\"“”(),;:]+\.\w+"  # e-mail
    r"|(?<![\w-])(?:19|20)?\d\d(?:0[1-9]|1[0-2])\d\d[-+ ]?\d{4}(?![\w-])"  # Swedish personal number
    r"|(?<![\w-])\d{6} ?\d{5}(?![\w-])"  # Norwegian
    r"|(?<![\w-])(?:\+|00)\d[\d -]{7,14}\d(?![\w-])"  # telephone, international
    r"|(?<![\w-])0\d{1,3}[ -]\d[\d -]{4,10}\d(?![\w-])"  # telephone, national
)


def discreet_text(text: str) -> str:
    """Hide secrets, e-mail addresses, telephone numbers and personal numbers in a text.

    Args:
        text: What a system or a person wrote.
    """
    return _PERSONAL.sub(HIDDEN, hidden_everywhere(text))


def discreet(problem: Problem) -> Problem:
    """Give a problem as it may leave the house.

    Args:
        problem: As it is kept.
    """
    told = {
        name: discreet_text(value)
        for name in ("message", "advice", "vendor_text", "subject", "record")
        if (value := getattr(problem, name)) is not None
    }
    return problem.model_copy(update=told)
