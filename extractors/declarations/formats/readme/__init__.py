"""Tools that a README lists."""

from extractors.declarations.formats.readme.readme import applies, read

__all__ = ["applies", "read"]
