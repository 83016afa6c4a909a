"""What a change in Lime CRM means to erpcore. One reading for polling and webhooks, so that both tell the same event.

The statuses are those of the ERP connector (documentation, How it works, Sync and Order): an order goes over when
somebody sets it ``readytobesent``, a company when it is ``readyforfirstsync``, and again at ``updatesmade``.
"""

from __future__ import annotations

from typing import Any, Literal

from erpcore.models import CrmEvent

from .records import Record
from .settings import LimeCrmSettings

Kind = Literal["deal_won", "company_is_customer", "company_changed", "order_ready"]


def event_of(record: Record, settings: LimeCrmSettings) -> CrmEvent | None:
    """Tell what the present state of an object asks for.

    Args:
        record: The object, as a list, a query or a delivery showed it.
        settings: The connection's settings.

    Returns:
        The event, keyed by object and moment of change, so that the same change told twice is one event; None when
        there is nothing to do.
    """
    kind = _kind(record, settings)
    if kind is None:
        return None
    facts: dict[str, Any] = {"limetype": record.limetype}
    shown: dict[str, Any] = {}
    if kind == "order_ready" and (erp_db := record.text(settings.order.erp_db)):
        shown["erp_db"] = erp_db
    if record.updated_by:
        facts["updated_by"] = record.updated_by
    if record.limetype == settings.company.limetype:
        words = {key: word for word, key in dict(settings.company_status_keys).items()}
        # Where companies have no status, one that is told of as changed is in the ERP.
        facts["status"] = (
            words.get(record.text(settings.company.erp_status)) if settings.company.erp_status else "synced"
        )
    return CrmEvent(
        key=key_of(record), kind=kind, record_id=str(record.id), happened_at=record.timestamp, facts=facts, **shown
    )


def key_of(record: Record) -> str:
    """Give the key of a change: limetype, id and timestamp in UTC."""
    at = record.timestamp.isoformat(timespec="microseconds") if record.timestamp else "unknown"
    return f"{record.limetype}:{record.id}:{at}"


def is_own(record: Record, settings: LimeCrmSettings) -> bool:
    """Tell whether erpcore's own API user made this change (Webhooks add-on: our own PUT is delivered to us too)."""
    return settings.api_user_id is not None and record.updated_by == settings.api_user_id


def synced_properties(settings: LimeCrmSettings) -> frozenset[str]:
    """Give the properties of a company whose change goes over: what erpcore reads, without what it writes."""
    if settings.synced_properties:
        return frozenset(settings.synced_properties)
    names = settings.company
    written = {names.erp_id, names.erp_status, names.erp_message, names.first_synced, names.last_synced}
    return frozenset(names.properties.values()) - written


def _kind(record: Record, settings: LimeCrmSettings) -> Kind | None:
    if record.limetype == settings.order.limetype:
        ready = record.text(settings.order.status) == settings.order_status_keys.readytobesent
        return "order_ready" if ready else None
    if record.limetype == settings.company.limetype:
        return _company_kind(record, settings)
    if record.limetype == settings.deal.limetype and settings.watch_deals and not is_own(record, settings):
        return "deal_won" if record.text(settings.deal.status) in settings.won_statuses else None
    return None


def _company_kind(record: Record, settings: LimeCrmSettings) -> Kind | None:
    keys = settings.company_status_keys
    status = record.text(settings.company.erp_status)
    if status == keys.readyforfirstsync:
        return "company_is_customer"
    if status == keys.updatesmade:
        # Mended after its first sending failed: the ERP connector's error goes on to “updatesmade” too.
        never_sent = settings.company.erp_id in record.values and not record.text(settings.company.erp_id).strip()
        return "company_is_customer" if never_sent else "company_changed"
    # Where nothing in Lime CRM sets “updatesmade”, a change of a company that is in the ERP is told all the same, but
    # for our own changes; who made it must be known for that.
    in_erp = status == keys.synced if settings.company.erp_status else bool(record.text(settings.company.erp_id))
    if not in_erp or is_own(record, settings):
        return None
    if record.changed is not None:
        return "company_changed" if record.changed & synced_properties(settings) else None
    return "company_changed" if settings.api_user_id is not None else None
