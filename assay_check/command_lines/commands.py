"""What a command line starts: the package, image, address or file behind runners, shells and wrappers.

    cmd /c npx -y @scope/server@1.2.3     → pkg:npm/%40scope/server@1.2.3
    docker run -i -e TOKEN mcp/time       → pkg:oci/time?repository_url=docker.io%2Fmcp%2Ftime
    npx mcp-remote https://host/mcp       → https://host/mcp

A launcher or shell gives way to its command, a bridge to its address, an interpreter to its file; any other program
that starts a second one stays the subject, and the second is listed beside it. An unknown program is local.
Invariant: what is returned holds names of programs, files and packages, and no other argument.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from assay_check.command_lines import interpreters, package_specifiers, runners
from assay_check.command_lines.options import grammar_of, positionals
from assay_check.command_lines.package_specifiers import has_variable, is_file, is_path
from assay_check.endpoints import is_url
from assay_check.errors import BadInput
from assay_check.subjects import Subject, SubjectKind, local, of_url, unmatchable, variable

MOST_WORDS = 2_000
MOST_WORD = 4_000
MOST_WRAPPERS = 8

_SHELLS = frozenset(("sh", "bash", "zsh", "dash", "ksh", "fish", "ash"))
_POWERSHELLS = frozenset(("pwsh", "powershell"))
_LAUNCHERS = frozenset(
    (
        "env",
        "sudo",
        "doas",
        "exec",
        "nohup",
        "nice",
        "ionice",
        "time",
        "timeout",
        "stdbuf",
        "setsid",
        "caffeinate",
        "command",
        "arch",
        "wsl",
        "cross-env",
        "unbuffer",
        "start",
    )
)
_LAUNCHERS_BEFORE_DASHES = frozenset(
    (
        "op",
        "doppler",
        "infisical",
        "dotenv",
        "dotenvx",
        "aws-vault",
        "mise",
        "rtx",
        "direnv",
        "chamber",
        "teller",
        "sops",
        "vault",
        "envchain",
        "asdf",
        "varlock",
        "secretspec",
        "nix-shell",
        "env-cmd",
        "with-secrets",
        "volta",
        "fnm",
        "nvm",
        "conda",
        "mamba",
        "micromamba",
        "pixi",
        "poetry",
        "pdm",
        "pipenv",
        "hatch",
        "rye",
    )
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SHELL_MARKS = re.compile(r"[;|&<>()`\n{}]|\$\(|(?<![\w])\*")


@dataclass(frozen=True, slots=True)
class Command:
    """The subject of a command line, the runner that fetches it, and the further packages that it runs."""

    subject: Subject
    runner: str | None
    also: tuple[str, ...] = ()


def program_name(word: str) -> str:
    """`/usr/bin/npx`, `C:\\…\\npx.cmd` and `npx` are one program."""
    return re.sub(r"\.(?:exe|cmd|bat|ps1|sh)\Z", "", re.split(r"[/\\]", word.strip().strip("\"'"))[-1].lower())


def read_command(words: Sequence[str]) -> Command:
    """The command behind these words. Never raises, never runs anything."""
    try:
        return _read([word[:MOST_WORD] for word in words[:MOST_WORDS]], 0)
    except BadInput:
        return Command(unmatchable(SubjectKind.NONE, "no package name"), None)


def split_line(line: str) -> list[str]:
    """The words of a command line; the line itself where its quotes do not close."""
    try:
        return shlex.split(line, posix="\\" not in line)
    except ValueError:
        return line.split()


def words_of(command: str, arguments: Sequence[str]) -> list[str]:
    """Program and arguments; a program that is a whole command line with a known runner is split."""
    if " " in command.strip() and not is_known(program_name(command)):
        words = split_line(command)
        if words and is_known(program_name(words[0])):
            return [*words, *arguments]
    return [command, *arguments]


def is_known(name: str) -> bool:
    return bool(name) and (
        name in runners.RUNNERS
        or name in _SHELLS
        or name in _POWERSHELLS
        or name in _LAUNCHERS
        or name in _LAUNCHERS_BEFORE_DASHES
        or name == "cmd"
        or interpreters.interpreter(name) is not None
    )


def _read(words: list[str], depth: int) -> Command:
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    if not words or not words[0].strip():
        return Command(unmatchable(SubjectKind.NONE, "empty command"), None)
    program, name = words[0], program_name(words[0])
    if depth > MOST_WRAPPERS:
        return Command(local(None, "too many programs that start each other"), None)
    if package_specifiers.is_variable(program.strip()):
        return Command(variable(), None)
    inner = _unwrapped(name, words[1:])
    if isinstance(inner, Command):
        return inner
    if inner is not None:
        return _read(inner, depth + 1)
    if name in runners.RUNNERS:
        found = runners.RUNNERS[name](words[1:])
        return _resolved(name, found, depth)
    kind = interpreters.interpreter(name)
    if kind is not None:
        return _interpreted(kind, words[1:], depth)
    if name in interpreters.INSTALLED_BRIDGES and (address := interpreters.bridged_address(words[1:])) is not None:
        return Command(variable() if has_variable(address.split("?")[0]) else of_url(address), name)
    if "CLAUDE_PLUGIN_ROOT" in program or "extensionPath" in program:
        return Command(local(program, "file shipped inside the plugin"), None)
    if is_path(program) or has_variable(program) or "/" in program or "\\" in program:
        return Command(local(program), None)
    return Command(local(program, "a program on PATH"), None)


def _unwrapped(name: str, rest: list[str]) -> list[str] | Command | None:
    """The command inside a shell or launcher; a `Command` where the shell line is no simple one; None for others."""
    if name == "cmd":
        while rest and re.fullmatch(r"/[a-z](?::\w+)?", rest[0], re.IGNORECASE):
            rest = rest[1:]
        return words_of(rest[0], rest[1:]) if rest else Command(local("cmd", "a shell without a command"), name)
    if name in _SHELLS or name in _POWERSHELLS:
        return _shell(name, rest)
    if name in _LAUNCHERS:
        grammar = grammar_of(name)
        first = positionals(rest, grammar).first
        return rest[(len(rest) if first is None else first) + grammar.leading_words :]
    if name in _LAUNCHERS_BEFORE_DASHES:
        if "--" in rest:
            return rest[rest.index("--") + 1 :]
        verb = next((place for place, word in enumerate(rest) if word in ("run", "exec", "x")), len(rest))
        return next((rest[place:] for place in range(verb + 1, len(rest)) if is_known(program_name(rest[place]))), None)
    return None


def _shell(name: str, rest: list[str]) -> list[str] | Command:
    flag = re.compile(r"-(?:c|command|commandwithargs)\Z" if name in _POWERSHELLS else r"-[a-z]*c\Z", re.IGNORECASE)
    place = next((i for i, word in enumerate(rest) if flag.match(word)), None)
    if place is None:
        file = next(iter(positionals(rest, grammar_of(name)).words), None)
        return Command(local(file) if file else local(name, "a shell without a command"), name)
    line = " ".join(rest[place + 1 :]) if name in _POWERSHELLS else (rest[place + 1] if place + 1 < len(rest) else "")
    if not line.strip() or _SHELL_MARKS.search(re.sub(r"\$\{\w+\}", "", line)):
        return Command(local(name, "a shell line that is no simple command"), name)
    return split_line(line)


def _interpreted(kind: interpreters.Interpreter, rest: list[str], depth: int) -> Command:
    found = positionals(rest, kind.grammar)
    if kind.module_option and (module := found.option(*kind.module_option)):
        name = module.split("=")[0]
        if name in ("uv", "pipx", "pip", "npx"):
            place = rest.index(module) if module in rest else 0
            return _read([name, *rest[place + 1 :]], depth + 1)
        why = "python -m names a module, which need not be the name of a distribution"
        return Command(unmatchable(SubjectKind.PYTHON_MODULE, why, name), kind.name)
    if kind.code_options and found.option(*kind.code_options) is not None:
        return Command(local(kind.name, "code on the command line"), kind.name)
    words = list(found.words)
    if kind.skipped_words and words and words[0] in kind.skipped_words:
        words = positionals(words[1:], kind.grammar).words
    file = (kind.file_option and found.option(*kind.file_option)) or next(iter(words), None)
    if file is None:
        return Command(local(kind.name, "a program on PATH"), kind.name)
    remote = re.match(r"(npm|jsr):/?((?:@[^/]+/)?[^/]+)", file)
    if remote and remote.group(1) == "npm":
        return _resolved(kind.name, runners.Found(package_specifiers.npm(remote.group(2))), depth)
    if remote or is_url(file):
        return Command(local(kind.name, "program text from an address, in no registry with package URLs"), kind.name)
    if re.fullmatch(r"\$\{[^}/]*\}|\$\w+", file):
        return Command(variable(), kind.name)
    installed = installed_package(file)
    shipped = "CLAUDE_PLUGIN_ROOT" in file or "extensionPath" in file
    subject = local(file, "file shipped inside the plugin") if shipped else local(file)
    return Command(subject, kind.name, (installed,) if installed else ())


def installed_package(path: str) -> str | None:
    """The npm package that a path below `node_modules` shows; nothing proves it, so it is only listed beside."""
    match = re.search(r"node_modules[/\\]((?:@[\w.-]+[/\\])?[\w.-]+)[/\\]", path)
    return None if match is None else package_specifiers.npm(match.group(1).replace("\\", "/")).purl


def _resolved(runner: str, found: runners.Found, depth: int) -> Command:
    """A runner's package, unless that package only interprets a file or bridges to an address."""
    subject, rest = found.subject, list(found.rest)
    also = list(found.also)
    if subject.purl and subject.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE):
        bare = subject.purl.split("?")[0].partition("@")[0]
        if bare in interpreters.INTERPRETERS_AS_PACKAGES:
            inner = _interpreted(interpreters.INTERPRETERS_AS_PACKAGES[bare], rest, depth)
            return Command(inner.subject, runner, (subject.purl, *inner.also))
        if bare in interpreters.FILE_SERVERS and rest[:1] in (["run"], ["dev"]):
            operand = next((word for word in rest[1:] if is_url(word) or is_file(word)), None)
            if operand is not None:
                return Command(of_url(operand) if is_url(operand) else local(operand), runner, (subject.purl, *also))
        if bare in interpreters.BRIDGES:
            address = interpreters.bridged_address(rest)
            if address is not None:
                behind = variable() if has_variable(address.split("?")[0]) else of_url(address)
                return Command(behind, runner, (subject.purl, *also))
    if depth < MOST_WRAPPERS:
        also += _second_program(rest, depth)
    return Command(subject, runner, tuple(dict.fromkeys(also)))


def _second_program(rest: list[str], depth: int) -> list[str]:
    """Packages that the arguments start in turn: a known runner as a word, or a whole command line as one word."""
    for place, word in enumerate(rest):
        if word in runners.PACKAGE_RUNNERS:
            inner = _read(rest[place:], depth + 1)
        elif " " in word and word.split(" ", 1)[0] in runners.PACKAGE_RUNNERS and not _SHELL_MARKS.search(word):
            inner = _read(split_line(word), depth + 1)
        else:
            continue
        if inner.subject.purl:
            return [inner.subject.purl, *inner.also]
    return []
