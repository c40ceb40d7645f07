"""Options and operands of a command line, told apart by what each program says of its options.

Invariant: linear; a word after `--` is never an option; an unknown option takes no value, unless the program's
grammar says that all but its switches do (`docker run`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Grammar:
    """`valued` options take the next word; with `switches` set, every option that is none of them does."""

    valued: frozenset[str] = frozenset()
    switches: frozenset[str] | None = None
    leading_words: int = 0
    assignments: bool = False
    ends_at_operand: bool = True

    def takes_value(self, option: str) -> bool:
        if self.switches is None:
            return option in self.valued
        if option.startswith("--"):
            return option not in self.switches
        # `-it` are two switches, `-ie X` waits for X, `-eX` has its value
        waiting = (place for place, letter in enumerate(option) if place and f"-{letter}" not in self.switches)
        return next(waiting, 0) == len(option) - 1


def option_names(text: str) -> frozenset[str]:
    """Options with spaces between them."""
    return frozenset(text.split())


@dataclass(slots=True)
class Words:
    """Operands from the first on, the place of the first, and each option with its values."""

    words: list[str] = field(default_factory=list)
    first: int | None = None
    options: dict[str, list[str]] = field(default_factory=dict)

    def option(self, *names: str) -> str | None:
        """The first value of the first of these options that is given."""
        return next((self.options[name][0] for name in names if self.options.get(name)), None)

    def all(self, *names: str) -> list[str]:
        return [value for name in names for value in self.options.get(name, ())]


def positionals(rest: Sequence[str], grammar: Grammar) -> Words:
    """Reads options up to the first operand; that and all after it are the operands."""
    found = Words()
    place = 0
    while place < len(rest):
        word = rest[place]
        if word == "--":
            place += 1
            break
        if grammar.assignments and "=" in word and not word.startswith("-"):
            place += 1
            continue
        if not word.startswith("-") or word == "-":
            if grammar.ends_at_operand:
                break
            found.words.append(word)
            place += 1
            continue
        option, equals, value = word.partition("=")
        if equals and (word.startswith("--") or option in grammar.valued):
            found.options.setdefault(option, []).append(value)
        elif grammar.takes_value(word) and place + 1 < len(rest):
            place += 1
            found.options.setdefault(word, []).append(rest[place])
        else:
            found.options.setdefault(word, [])
        place += 1
    if grammar.ends_at_operand or place < len(rest):
        found.first = place if place < len(rest) else None
        found.words += rest[place:]
    return found


_LAUNCHER_VALUES = {
    "env": "-u --unset -C --chdir -S --split-string",
    "sudo": "-u --user -g --group -p -h -C -r -t",
    "nice": "-n --adjustment",
    "ionice": "-c -n -p",
    "timeout": "-s --signal -k --kill-after",
    "stdbuf": "-i -o -e",
    "wsl": "-d --distribution -u --user --cd",
    "time": "-f -o",
    "bash": "--rcfile --init-file -o -O",
    "pwsh": "-executionpolicy -ExecutionPolicy -ep -WorkingDirectory",
    "powershell": "-executionpolicy -ExecutionPolicy -ep -WorkingDirectory -Version",
}


def grammar_of(name: str) -> Grammar:
    """Of a launcher or shell."""
    return Grammar(
        option_names(_LAUNCHER_VALUES.get(name, "")),
        leading_words=1 if name == "timeout" else 0,
        assignments=name in ("env", "cross-env"),
    )
