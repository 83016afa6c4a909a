"""Orders that a CRM keeps: decide and plan (pure), and the flow that reads and carries out."""
