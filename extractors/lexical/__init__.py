"""The built-in assessor: sentences weighed by the support stage instead of a model. No key, no network, same bytes.

Idea: it is honest rather than clever. It makes only claims that a sentence carries, by weights of its own, and the
support stage judges them as those of every assessor; it is the floor that a model must beat. Invariant: every quote is
a whole sentence of the documents.
"""

from extractors.lexical.assessor import LexicalAssessor

__all__ = ["LexicalAssessor"]
