"""Invoices: brought home from the ERP, with what is paid and what is not."""
