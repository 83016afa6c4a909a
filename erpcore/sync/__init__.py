"""What a sync does with a won deal: a pure plan, then its steps, each safe to repeat."""
