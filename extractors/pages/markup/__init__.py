"""From bytes to blocks of visible text: one file a form of page."""
