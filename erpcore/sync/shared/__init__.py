"""What the flows share: rules, words and pure translations. Only `reading` and `history` look something up."""
