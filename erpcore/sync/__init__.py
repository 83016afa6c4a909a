"""What a sync does with a record: read it, decide, plan (pure), and carry the plan out, each step safe to repeat."""
