"""Visma eAccounting, sold as Spiris today, for erpcore: `erpcore_visma_eaccounting.plugin.VismaEAccountingPlugin`."""
