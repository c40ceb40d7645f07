"""Tools that a README lists."""
