"""Articles of the CRM and of the ERP made equal: compare (pure), and the flow that reads, compares and writes."""
