"""erpcore joins a CRM to a company's accounting program.

The names that a plugin author or an integrator needs are in `erpcore.models`, `erpcore.errors`, `erpcore.fields`,
`erpcore.http`, `erpcore.plugin`, `erpcore.hookspecs`, `erpcore.connection` and `erpcore.registry`.
"""

from erpcore.hookspecs import Context, hookimpl, hookwrapper

__all__ = ["Context", "hookimpl", "hookwrapper"]
