"""The tools of a product in its record, and what changed between two lists of them."""
