"""Visma Administration for erpcore. The plugin is `erpcore_visma_admin.plugin.VismaAdminPlugin`."""
