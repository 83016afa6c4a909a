"""A person's answer to the question whether a cleared ERP ID was meant (rule ``on_cleared_erp_id = "ask"``).

The run waits as uncertain until one of these is called; then it is sent again.
"""

from __future__ import annotations

from erpcore.errors import MissingRecordError
from erpcore.store import Link, Store, cut_link, links_from, put_link
from erpcore.sync import story
from erpcore.sync.history import NOT_TOLD


def new_document(store: Store, sync: str, deal_id: str, person: str) -> int:
    """Answer that a new document is wanted: the deal's earlier document no longer counts for it.

    Args:
        store: The store.
        sync: Name of the sync.
        deal_id: The CRM's key of the deal.
        person: Who answers.

    Returns:
        How many links were cut.

    Raises:
        MissingRecordError: The deal has no document.
    """
    with store.begin() as connection:
        links = [link for link in links_from(connection, sync=sync, kind="deal", crm_id=deal_id) if not link.cut_at]
        _require(links, deal_id)
        return sum(cut_link(connection, link.id, reason=story.new_document_wanted(person)) for link in links)


def restore(store: Store, sync: str, deal_id: str) -> str:
    """Answer that the field was cleared by mistake: the number is written back by the next run.

    Args:
        store: The store.
        sync: Name of the sync.
        deal_id: The CRM's key of the deal.

    Returns:
        The number.

    Raises:
        MissingRecordError: The deal has no document.
    """
    with store.begin() as connection:
        links = [link for link in links_from(connection, sync=sync, kind="deal", crm_id=deal_id) if not link.cut_at]
        _require(links, deal_id)
        for link in links:
            put_link(
                connection,
                sync=sync,
                kind="deal",
                crm_id=deal_id,
                erp_kind=link.erp_kind,
                erp_number=link.erp_number,
                generation=link.generation,
                sent_digest=NOT_TOLD,
            )
    return links[0].erp_number


def _require(links: list[Link], deal_id: str) -> None:
    if not links:
        raise MissingRecordError(
            "No document was made for the deal.", record=f"deal {deal_id}", advice="Send the deal instead."
        )
