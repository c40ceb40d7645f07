"""A configuration as read, and what a reader of one form of configuration is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Generic, TypeVar

from assay_check.configurations.tree import Node, Problem
from assay_check.subjects import Entry


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file, what kind of file it is, its entries in their order, what could not be read, and the file's digest."""

    path: str
    form: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    sha256: str = ""

    @property
    def unread(self) -> bool:
        """Whether a part of the file could not be read, so that entries may be missing."""
        return any(not problem.harmless for problem in self.problems)


Content = TypeVar("Content", Node, str)


@dataclass(frozen=True, slots=True)
class Form(Generic[Content]):
    """A form of configuration, as a tree or as plain text: what people call it, whether a file is of it by its name and
    content, and every entry, switched off ones too, each with the line of its name."""

    form: str
    recognises: Callable[[PurePath, Content], bool]
    entries: Callable[[Content], Iterable[Entry]]


def form_of(form: str, *names: str, entries: Callable[[Content], Iterable[Entry]]) -> Form[Content]:
    """A form that is known by the names of its files alone."""
    return Form(form, lambda name, content: name.name in names, entries)
