"""Programs that run a file, and programs and packages that stand for something else: what is behind them is run.

Invariant: tables of names and options, and no reading of a command line but the address that a bridge is given.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assay_check.command_lines import package_specifiers
from assay_check.command_lines.options import Grammar, option_names
from assay_check.endpoints import is_url


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A program that runs a file: which options hold code or a module, and which words it skips."""

    name: str
    grammar: Grammar = field(default_factory=Grammar)
    code_options: tuple[str, ...] = ()
    module_option: tuple[str, ...] = ()
    file_option: tuple[str, ...] = ()
    skipped_words: tuple[str, ...] = ()


_NODE_VALUES = option_names(
    "-r --require --import --loader --experimental-loader -C --conditions --env-file --env-file-if-exists --input-type "
    "--title --icu-data-dir --tsconfig --config -P --project --preload --define --cwd --watch-path --inspect-port"
)
_DENO_VALUES = option_names("-c --config --import-map --lock --cert --location --seed --env-file -L --log-level --ext")
_PYTHON_VALUES = option_names("-W -X -m -c --check-hash-based-pycs")


_NODE_CODE = ("-e", "--eval", "-p", "--print")
_NODE = Interpreter("node", Grammar(_NODE_VALUES.union(_NODE_CODE)), _NODE_CODE)
_TSX = Interpreter("tsx", Grammar(_NODE_VALUES), ("-e", "--eval"), skipped_words=("watch",))
_INTERPRETERS: dict[str, Interpreter] = {
    "node": _NODE,
    "nodejs": _NODE,
    "tsx": _TSX,
    "ts-node": _TSX,
    "nodemon": _TSX,
    "deno": Interpreter("deno", Grammar(_DENO_VALUES), skipped_words=("run",)),
    "python": Interpreter("python", Grammar(_PYTHON_VALUES), ("-c",), ("-m",)),
    "ruby": Interpreter("ruby", Grammar(option_names("-I -r -e -C -E")), ("-e",)),
    "perl": Interpreter("perl", Grammar(option_names("-e -E -I -M")), ("-e", "-E")),
    "php": Interpreter("php", Grammar(option_names("-r -d -c -f")), ("-r",), file_option=("-f",)),
    "julia": Interpreter("julia", Grammar(option_names("-e -E -J -L -t -p")), ("-e", "-E")),
    "java": Interpreter("java", Grammar(option_names("-cp -classpath --class-path -jar -m")), file_option=("-jar",)),
    "rscript": Interpreter("rscript", Grammar(option_names("-e")), ("-e",)),
    "lua": Interpreter("lua", Grammar(option_names("-e -l")), ("-e",)),
    "elixir": Interpreter("elixir", Grammar(option_names("-e -r -S")), ("-e",)),
}
_PYTHON = re.compile(r"(?:python|pypy)w?(?:\d(?:\.\d+)?)?\Z|py\Z")

INTERPRETERS_AS_PACKAGES: dict[str, Interpreter] = {
    f"pkg:npm/{name}": _TSX
    for name in ("tsx", "ts-node", "ts-node-esm", "nodemon", "esno", "vite-node", "jiti", "babel-node")
} | {"pkg:npm/node": _NODE}

BRIDGES = frozenset(
    (
        "pkg:npm/mcp-remote",
        "pkg:npm/supergateway",
        "pkg:npm/mcp-proxy",
        "pkg:pypi/mcp-proxy",
        "pkg:npm/mcp-remote-client",
        "pkg:npm/%40pyroprompts/mcp-stdio-to-streamable-http-adapter",
    )
)
"""Packages that only carry the messages of a client to an address: the address is what is run."""

INSTALLED_BRIDGES = frozenset(("mcp-remote", "mcp-proxy", "supergateway"))
"""The same as programs on PATH."""

FILE_SERVERS = frozenset(("pkg:pypi/mcp", "pkg:pypi/fastmcp"))
"""Packages whose `run FILE` serves the content of the file."""


def interpreter(name: str) -> Interpreter | None:
    return _INTERPRETERS["python"] if _PYTHON.match(name) else _INTERPRETERS.get(name)


def bridged_address(rest: Sequence[str]) -> str | None:
    """The address that a bridge is given, also as the value of an option; a variable counts as one."""
    for place, word in enumerate(rest):
        value = word.partition("=")[2] if word.startswith("--") and "=" in word else word
        after_option = place > 0 and rest[place - 1] in ("--header", "-H", "--allow-origin", "--auth-server-url")
        if is_url(value) and not after_option:
            return value
    first = next((word for word in rest if not word.startswith("-")), "")
    return (
        first if package_specifiers.is_variable(first) or package_specifiers.has_variable(first.split("/")[0]) else None
    )
