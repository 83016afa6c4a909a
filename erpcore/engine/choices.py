"""What a sync's settings choose out of the ERP's registers, such as the terms of payment of new customers.

Looked at when a worker starts and by ``erpcore check``: a wrong choice is told before the first record needs it.
"""

from __future__ import annotations

from collections.abc import Iterator

from erpcore.engine.assembly import Assembly
from erpcore.errors import ConfigurationError, ErpcoreError, InvalidValueError
from erpcore.hookspecs import Context
from erpcore.models import CanonicalModel, Customer, Order, OrderRow
from erpcore.settings import SyncSettings
from erpcore.sync.shared.registers import KnownRegisters


def wrong_choices(assembly: Assembly, erp_name: str) -> list[ConfigurationError]:
    """Give what the ERP's registers do not have of what its syncs choose.

    Args:
        assembly: The connections.
        erp_name: Name of the ERP's connection. One that cannot be asked now has nothing wrong.
    """
    found: list[ConfigurationError] = []
    registers = KnownRegisters(assembly.clock.monotonic)
    for name, rules in assembly.settings.syncs.items():
        context = Context(correlation_id=f"choices:{name}")
        for rule, chosen in _chosen(rules) if rules.erp == erp_name else ():
            try:
                registers.coded(assembly.erp(erp_name), chosen, f"sync {name}", context)
            except InvalidValueError as error:
                wrong = ConfigurationError(
                    error.message.partition(": ")[2] if error.message.startswith("Row ") else error.message,
                    setting=f"syncs.{name}.{rule}",
                    advice="Choose one that the ERP has; “erpcore connect” offers terms of payment.",
                )
                found.append(assembly.settings.locate(wrong))
            except ErpcoreError:
                continue
    return found


def _chosen(rules: SyncSettings) -> Iterator[tuple[str, CanonicalModel]]:
    """Give what the rules choose, each as a record that would be sent with it."""
    for field, value in rules.customer_defaults:
        if value is not None and field in Customer.model_fields:
            yield f"customer_defaults.{field}", Customer(**{field: value})
    shown = rules.currency_not_shown
    for currency in rules.currencies:
        yield "currencies", Order(currency=currency)
    if shown not in ("own", "stop", *rules.currencies):
        yield "currency_not_shown", Order(currency=shown)
    for rule, units in (("default_unit", [rules.default_unit]), ("units", list(rules.units.values()))):
        for unit in units:
            if unit is not None:
                yield rule, Order(rows=(OrderRow(unit=unit),))
