"""The kinds of steps that plans are made of: one class each, with its words, its hook, and what it does."""
