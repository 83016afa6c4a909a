"""What a sync's settings choose out of the ERP's registers, such as the terms of payment of new customers.

Looked at when a worker starts and by ``erpcore check``: a wrong choice is told before the first customer needs it.
"""

from __future__ import annotations

from erpcore.engine.assembly import Assembly
from erpcore.errors import ConfigurationError, ErpcoreError, InvalidValueError
from erpcore.hookspecs import Context
from erpcore.models import Customer
from erpcore.sync.shared.registers import KnownRegisters


def wrong_choices(assembly: Assembly, erp_name: str) -> list[ConfigurationError]:
    """Give what the ERP's registers do not have of what its syncs choose.

    Args:
        assembly: The connections.
        erp_name: Name of the ERP's connection. One that cannot be asked now has nothing wrong.
    """
    found: list[ConfigurationError] = []
    for name, rules in assembly.settings.syncs.items():
        chosen = {field: value for field, value in rules.customer_defaults if value is not None}
        if rules.erp != erp_name or not chosen:
            continue
        registers, context = KnownRegisters(assembly.clock.monotonic), Context(correlation_id=f"choices:{name}")
        try:
            registers.require(assembly.erp(erp_name), [Customer(**chosen)], f"sync {name}", context)
        except InvalidValueError as error:
            wrong = ConfigurationError(
                error.message,
                setting=f"syncs.{name}.customer_defaults.{error.field}",
                advice="Choose one that the ERP has; “erpcore connect” offers them.",
            )
            found.append(assembly.settings.locate(wrong))
        except ErpcoreError:
            continue
    return found
