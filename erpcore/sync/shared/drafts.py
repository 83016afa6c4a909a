"""Whether a sync may have its ERP make invoices. Pure."""

from __future__ import annotations

from erpcore.connection import ErpConnection
from erpcore.errors import ConfigurationError
from erpcore.sync.shared.rules import SyncRules


def require_drafts(sync: str, rules: SyncRules, erp: ErpConnection) -> None:
    """Refuse a sync whose rules want invoice drafts of an ERP that posts invoices at once.

    That a person asks for the invoice of one deal or order is another matter: they ask for an invoice.

    Args:
        sync: Name of the sync.
        rules: Its rules.
        erp: Its ERP.

    Raises:
        ConfigurationError: The ERP posts what it makes, and no rule says that it may.
    """
    wanted = {
        "won_deal": "create_invoice" if rules.won_deal == "invoice" else None,
        "convert_to_invoice": "convert_to_invoice" if rules.convert_to_invoice else None,
    }
    for rule, hook in wanted.items():
        if hook is None or rules.real_invoices or erp.plugin.makes.get(hook, "draft") == "draft":
            continue
        raise ConfigurationError(
            f"{rule} wants invoice drafts, but {erp.plugin.display_name} posts these invoices at once.",
            setting=f"syncs.{sync}.{rule}",
            advice="Leave the rule out, or set real_invoices = true if invoices may be posted unseen.",
        )
