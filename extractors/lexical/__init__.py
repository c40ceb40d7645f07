"""The built-in assessor: cue tables instead of a model. No key, no network, same input, same bytes.

Idea: it is honest rather than clever. It proposes a value only as a kind's prior moved by facts that it can
quote, and it is the floor that every model must beat. Invariant: every quote is copied from the documents.
"""

from extractors.lexical.assessor import LexicalAssessor

__all__ = ["LexicalAssessor"]
