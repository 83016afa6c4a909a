"""Fortnox for erpcore. The plugin is `erpcore_fortnox.plugin.FortnoxPlugin`; importing this package loads nothing."""
