"""Structured readers: what a product's manifests, cards, documents and program text declare.

`read_declarations(files)` gives typed facts, each with the line that carries it; nothing is run, fetched or judged.
"""

from extractors.declarations.facts import Declarations, Place, SourceFile
from extractors.declarations.reader import read_declarations

__all__ = ["Declarations", "Place", "SourceFile", "read_declarations"]
