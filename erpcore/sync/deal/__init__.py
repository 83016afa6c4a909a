"""Won deals of a CRM: decide and plan (pure), and the flow that reads and carries out."""
