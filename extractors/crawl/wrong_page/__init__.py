"""Whether an answer is the page that was asked for."""
