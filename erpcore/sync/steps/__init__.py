"""The kinds of steps that plans are made of: one class each, with its words, the hook that it needs, and what it does."""
