"""Lists that people write: parts, names, layouts."""
