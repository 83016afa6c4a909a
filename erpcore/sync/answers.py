"""A person's answer to the question whether a cleared ERP ID, or order number, was meant.

The rules ``on_cleared_erp_id`` and ``on_cleared_order_number`` ask it. The run waits as uncertain until one of
these is called; then it is sent again.
"""

from __future__ import annotations

from erpcore.errors import MissingRecordError
from erpcore.store import Link, Store, cut_link, links_from, put_link
from erpcore.sync import story
from erpcore.sync.history import NOT_TOLD, ledger_record


def new_document(store: Store, sync: str, kind: str, record_id: str, person: str) -> int:
    """Answer that a new document is wanted: the record's earlier document no longer counts for it.

    Args:
        store: The store.
        sync: Name of the sync.
        kind: ``deal`` or ``order``.
        record_id: The CRM's key of it.
        person: Who answers.

    Returns:
        How many links were cut.

    Raises:
        MissingRecordError: It has no document.
    """
    with store.begin() as connection:
        links = [link for link in links_from(connection, sync=sync, kind=kind, crm_id=record_id) if not link.cut_at]
        _require(links, kind, record_id)
        return sum(cut_link(connection, link.id, reason=story.new_document_wanted(person)) for link in links)


def restore(store: Store, sync: str, kind: str, record_id: str) -> str:
    """Answer that the field was cleared by mistake: the number is written back by the next run.

    Args:
        store: The store.
        sync: Name of the sync.
        kind: ``deal`` or ``order``.
        record_id: The CRM's key of it.

    Returns:
        The number.

    Raises:
        MissingRecordError: It has no document.
    """
    with store.begin() as connection:
        links = [link for link in links_from(connection, sync=sync, kind=kind, crm_id=record_id) if not link.cut_at]
        _require(links, kind, record_id)
        for link in links:
            put_link(
                connection,
                sync=sync,
                kind=kind,
                crm_id=record_id,
                erp_kind=link.erp_kind,
                erp_number=link.erp_number,
                generation=link.generation,
                sent_digest=NOT_TOLD,
            )
    return links[0].erp_number


def _require(links: list[Link], kind: str, record_id: str) -> None:
    if not links:
        raise MissingRecordError(
            f"No document was made for the {kind}.",
            record=ledger_record(kind, record_id),
            advice=f"Send the {kind} instead.",
        )
