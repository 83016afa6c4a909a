"""Rules that cannot work beside the other syncs of the same CRM. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from erpcore.errors import ConfigurationError
from erpcore.settings import SyncSettings


def beside_others(sync: str, rules: SyncSettings, syncs: Mapping[str, SyncSettings]) -> Iterator[ConfigurationError]:
    """Give what is wrong with a sync of orders beside the others that take orders of its CRM.

    Args:
        sync: Name of the sync.
        rules: Its rules.
        syncs: All syncs, by name.
    """
    others = [other for name, other in syncs.items() if other.crm == rules.crm and name != sync]
    keys = [other.erp_db for other in others]
    if others and (rules.erp_db is None or None in keys or rules.erp_db in keys):
        yield ConfigurationError(
            f"several syncs take the orders of {rules.crm}, so each needs an erp_db of its own.",
            setting=f"syncs.{sync}.erp_db",
            advice="Write the key that the orders for this ERP database carry in the CRM.",
        )
    whose, mine = rules.customer_number_in_crm, f"syncs.{sync}.customer_number_in_crm"
    if others and whose is None:
        yield ConfigurationError(
            f"several syncs take the orders of {rules.crm}, and nothing says whose customer numbers it keeps.",
            setting=mine,
            advice="Write “this_erp” where the number on a company in the CRM is this ERP's, and “another_erp” where "
            "it is not.",
        )
    theirs = {other.erp for other in others if other.customer_number_in_crm == "this_erp"}
    if whose == "this_erp" and theirs - {rules.erp}:
        yield ConfigurationError(
            f"a company in {rules.crm} has one customer number, and several syncs say that it is their ERP's.",
            setting=mine,
            advice="Write “another_erp” in all syncs but those of one ERP.",
        )
