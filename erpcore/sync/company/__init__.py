"""Companies of a CRM that are customers: decide and plan (pure), and the flow that reads and carries out."""
