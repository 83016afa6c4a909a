"""Lime CRM for erpcore: orders, companies, deals, invoices and articles of one installation."""
