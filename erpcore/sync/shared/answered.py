"""What people have answered about a document, as the ledger keeps it with the document's intent. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from erpcore.store import Intent

ACCEPTED, STOPPED = "sums_accepted_by", "sums_stopped_by"
CUSTOMER_OF = "customer_of"
"""Under this stands the company of the CRM whose document was made for another customer, while a person is asked."""


def accepted_by(intent: Intent) -> str | None:
    """Give who has said that the document may stand with other sums than agreed."""
    return _said(intent, ACCEPTED)


def stopped_by(intent: Intent) -> str | None:
    """Give who has said that the document does not count, because it is not what was agreed."""
    return _said(intent, STOPPED)


def _said(intent: Intent, name: str) -> str | None:
    result = intent.result if isinstance(intent.result, Mapping) else {}
    return str(result[name]) if result.get(name) else None
