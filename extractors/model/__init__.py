"""Any OpenAI-compatible endpoint behind the completion seam: its dialect, its limits, its money."""
