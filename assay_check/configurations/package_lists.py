"""Plain text with one subject a line: package lists, requirements and Dockerfiles."""

import json
import re
from collections.abc import Iterator
from functools import partial

from assay_check import purl
from assay_check.command_lines import package_specifiers
from assay_check.command_lines.commands import read_command, split_line
from assay_check.command_lines.options import Grammar, option_names, positionals
from assay_check.configurations import lock_files
from assay_check.configurations.configuration import Form
from assay_check.endpoints import is_url
from assay_check.errors import BadInput
from assay_check.redaction import shown
from assay_check.subjects import Entry, Subject, SubjectKind, of_url, package, repository, unmatchable

MOST_LINE = 4_000
MOST_RESOLVED = 20_000
"""Characters of a line whose variables are replaced, before and after: a line of variables must not multiply."""


def listed(text: str, *, requirements: bool) -> list[Entry]:
    """One subject a line: a purl, an address, `npm:NAME@VERSION`, `pypi:NAME==VERSION`, `oci:IMAGE`, or a requirement.

    A bare name is a requirement of PyPI only in a file whose name says `requirements`; elsewhere it names no registry.
    """
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line[:MOST_LINE]
        word = re.sub(r"(?:^|(?<=\s))#.*", "", line).strip().removesuffix("\\").strip()
        word = re.sub(r"^(?:-e|--editable)[\s=]+|(?<!\s)\s++--\w.*", "", word)
        if not word or word.startswith(("-", "//")):
            continue
        subject = of_line(word, requirements=requirements)
        name = subject.purl or subject.endpoint or (subject.value or "")
        found.append(Entry(shown(name) or f"line {number}", number, "package", subject, path=f"line.{name}"))
    return found


def of_line(word: str, *, requirements: bool = False) -> Subject:
    """The subject of one line of a list."""
    if word.startswith("pkg:"):
        return of_purl(word)
    if is_url(word):
        found = package_specifiers.git(word)
        if found.purl and "github.com" in word:
            return found
        return package_specifiers.safely("pypi", word) if requirements else of_url(word)
    registry, colon, rest = word.partition(":")
    if colon and registry in package_specifiers.READERS:
        return package_specifiers.safely(registry, rest)
    if requirements or re.match(r"[\w.\[\]-]+\s*==", word):
        return package_specifiers.safely("pypi", word)
    if word.startswith("@"):
        return package_specifiers.safely("npm", word)
    return unmatchable(SubjectKind.NONE, "a bare name names no registry: write npm:, pypi:, oci: or a package URL")


def of_purl(text: str) -> Subject:
    """A subject given as a package URL."""
    try:
        made = purl.public(purl.looked_up(text))
        purl.without_version(made)
    except BadInput as error:
        return unmatchable(SubjectKind.NONE, error.problem)
    version = purl.version_of(made)
    if made.startswith("pkg:oci/"):
        return Subject(SubjectKind.IMAGE, True, purl=made, version=version)
    return (
        repository(made, version) if made.startswith(("pkg:github/", "pkg:gitlab/")) else package(made, version=version)
    )


_FROM = re.compile(r"from\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+as\s+(?P<stage>\S+))?", re.IGNORECASE)
_COPY = re.compile(r"(?:copy|add)\s+(?:--\S+\s+)*?--from=(?P<image>\S+)", re.IGNORECASE)
_INSTALL = re.compile(
    r"(?P<npm>(?:npm|pnpm)\s+(?:install|i|add)\s+(?:-g|--global)|(?:yarn\s+global|bun)\s+add(?:\s+-g)?)\s+(?P<n>.+)"
    r"|(?P<pypi>(?:pip3?|uv\s+pip)\s+install|uv\s+tool\s+install|pipx\s+install)\s+(?P<p>.+)"
    r"|(?P<other>go|cargo)\s+install\s+(?P<o>.+)"
)
_OPTIONS = Grammar(
    option_names(
        "-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links -t --target --prefix "
        "--python -p --registry --cache --loglevel --root --path --branch --tag --rev --features -ldflags -tags"
    ),
    ends_at_operand=False,
)


def _dockerfile(text: str) -> list[Entry]:
    """Images that it starts from, packages that it installs by a plain command, and what its image starts."""
    found: list[Entry] = []
    stages: set[str] = set()
    arguments: dict[str, str] = {}
    for number, line in _instructions(text):
        word, _, rest = line.partition(" ")
        if word.upper() in ("ARG", "ENV"):
            assignments = split_line(rest if "=" in rest else rest.strip().replace(" ", "=", 1))
            arguments |= {
                key: value
                for key, equals, value in (assignment.partition("=") for assignment in assignments)
                if equals and len(value) < 300
            }
        elif match := _FROM.match(line) or _COPY.match(line):
            image = _resolved(match.group("image").strip("\"'"), arguments)
            if image.lower() not in stages and image.lower() != "scratch" and not image.isdigit():
                found.append(_entry(package_specifiers.container(image), number, "image", image))
            stages.add((match.groupdict().get("stage") or "scratch").lower())
        elif word.upper() == "RUN":
            found += _installed(_resolved(rest, arguments), number)
        elif word.upper() in ("CMD", "ENTRYPOINT"):
            found += _started(rest.strip(), number)
    return found


def _installed(rest: str, number: int) -> Iterator[Entry]:
    for part in re.split(r"&&|;|\|\|", rest):
        match = _INSTALL.search(part.strip())
        if match is None:
            continue
        other = {"go": "golang", "cargo": "cargo"}.get(match.group("other") or "")
        registry = other or ("npm" if match.group("npm") else "pypi")
        for word in positionals(split_line(match.group("n") or match.group("p") or match.group("o")), _OPTIONS).words:
            if not word.startswith("$") and not package_specifiers.is_path(word) and word not in (".", ">", "2>&1"):
                yield _entry(package_specifiers.safely(registry, word), number, "package", word)


def _started(rest: str, number: int) -> list[Entry]:
    try:
        words = json.loads(rest) if rest.startswith("[") else split_line(rest)
    except (ValueError, RecursionError):
        words = split_line(rest)
    command = read_command([str(word) for word in words]) if isinstance(words, list) else None
    if command is None or not command.subject.matchable:
        return []
    return [Entry(shown(command.subject.purl or ""), number, "stdio", command.subject, command.runner, command.also)]


def _entry(subject: Subject, number: int, transport: str, word: str) -> Entry:
    name = shown(subject.purl or word)
    return Entry(name, number, transport, subject, path=f"{transport}.{name}")


def _resolved(word: str, arguments: dict[str, str]) -> str:
    """The variables whose values the file states, else their defaults, else as they are."""

    def value(match: re.Match[str]) -> str:
        default = match.group(2)
        return arguments.get(match.group(1), match.group() if default is None else default)

    if len(word) > MOST_RESOLVED:
        return word
    made = re.sub(r"\$\{?(\w+)(?::-([^}]*))?\}?", value, word)
    return made if len(made) <= MOST_RESOLVED else word


def _instructions(text: str) -> list[tuple[int, str]]:
    """Instructions with their continuation lines joined, each with the line on which it begins."""
    found: list[tuple[int, str]] = []
    pending, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#") or (not line.strip() and pending):
            continue
        start = start or number
        pending += line.strip().removesuffix("\\") + " "
        if not line.rstrip().endswith("\\"):
            if pending.strip():
                found.append((start, pending.strip()))
            pending, start = "", 0
    return [*found, (start, pending.strip())] if pending.strip() else found


TEXTS: tuple[Form[str], ...] = (
    Form(
        "Dockerfile",
        lambda name, text: "dockerfile" in name.name.lower() or "containerfile" in name.name.lower(),
        _dockerfile,
    ),
    *lock_files.TEXTS,
    Form(
        "requirements.txt",
        lambda name, text: (
            name.suffix in (".txt", ".in") and re.search("requirements|constraints", name.name) is not None
        ),
        partial(listed, requirements=True),
    ),
    Form(
        "list of packages",
        lambda name, text: name.suffix in (".txt", ".list", ".in", ""),
        partial(listed, requirements=False),
    ),
)
