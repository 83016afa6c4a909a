"""Lime Go for erpcore: the classic and the Agentic API behind one CRM plugin."""
