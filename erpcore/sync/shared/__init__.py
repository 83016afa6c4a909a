"""What the flows share: rules, words and pure translations; `reading` and `history` are the two that look something up."""
