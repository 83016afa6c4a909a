"""What people have answered about a document, as the ledger keeps it with the document's intent. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from erpcore.store import Intent

ACCEPTED, STOPPED = "sums_accepted_by", "sums_stopped_by"
CUSTOMER_ASKED = "customer_asked"
"""Under this stands, while a person is asked whose a document is: ``company`` of the CRM, ``number`` of the customer
that it was made for, and in ``words`` what is asked."""


def accepted_by(intent: Intent) -> str | None:
    """Give who has said that the document may stand with other sums than agreed."""
    return _said(intent, ACCEPTED)


def stopped_by(intent: Intent) -> str | None:
    """Give who has said that the document does not count, because it is not what was agreed."""
    return _said(intent, STOPPED)


def _said(intent: Intent, name: str) -> str | None:
    result = intent.result if isinstance(intent.result, Mapping) else {}
    return str(result[name]) if result.get(name) else None
