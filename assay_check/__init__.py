"""Assay Check: what the AI configurations of a buyer run, what is published about it, and what a policy says of it.

    configuration file → entries → subjects → records → advice → table, JSON, SARIF, allow lists

Idea: the buyer's own files decide what is looked up; nothing is executed, nothing of a file is sent.
Invariant: a subject is what the file states, never a guess; a name alone matches no record; a value that may be
a secret never reaches an output. This package imports no other room of the project, so that it installs alone.
"""

__version__ = "0.1.0"
