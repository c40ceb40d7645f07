"""Plain text with one subject a line: package lists, requirements, Dockerfiles, `yarn.lock`, `go.mod` and `go.sum`."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

from assay_check import purl
from assay_check.command_lines import specifiers
from assay_check.command_lines.commands import read_command, split_line
from assay_check.command_lines.specifiers import has_variable
from assay_check.configurations.configuration import TextReader
from assay_check.endpoints import is_url
from assay_check.errors import BadInput
from assay_check.redaction import shown
from assay_check.subjects import Entry, Subject, SubjectKind, of_url, package, repository, unmatchable

MOST_LINE = 4_000


class PackageList:
    """One subject a line: a purl, an address, `npm:NAME@VERSION`, `pypi:NAME==VERSION`, `oci:IMAGE`, or a requirement.

    A bare name is a requirement of PyPI only in a file whose name says `requirements`; elsewhere it names no registry.
    """

    form = "list of packages"

    def recognises(self, name: PurePath, text: str) -> bool:
        return name.suffix in (".txt", ".list", ".in", "") and "dockerfile" not in name.name.lower()

    def entries(self, text: str) -> list[Entry]:
        return listed(text, requirements=False)


class Requirements:
    """A pip requirements file."""

    form = "requirements.txt"

    def recognises(self, name: PurePath, text: str) -> bool:
        return name.suffix in (".txt", ".in") and re.search(r"requirements|constraints", name.name) is not None

    def entries(self, text: str) -> list[Entry]:
        return listed(text, requirements=True)


def listed(text: str, *, requirements: bool) -> list[Entry]:
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
        found = specifiers.git(word)
        return found if found.purl and "github.com" in word else of_url(word)
    registry, colon, rest = word.partition(":")
    if colon and registry in ("npm", "pypi", "nuget", "golang", "oci", "docker"):
        return specifiers.safely("oci" if registry == "docker" else registry, rest)
    if requirements or re.match(r"[\w.\[\]-]+\s*==", word):
        return specifiers.safely("pypi", word)
    if word.startswith("@"):
        return specifiers.safely("npm", word)
    return unmatchable(SubjectKind.NONE, "a bare name names no registry: write npm:, pypi:, oci: or a package URL")


def of_purl(text: str) -> Subject:
    """A subject given as a package URL."""
    try:
        made = purl.looked_up(text)
        purl.without_version(made)
    except BadInput as error:
        return unmatchable(SubjectKind.NONE, error.problem)
    version = purl.version_of(made)
    if made.startswith("pkg:oci/"):
        return Subject(SubjectKind.IMAGE, True, purl=made, version=version)
    return (
        repository(made, version) if made.startswith(("pkg:github/", "pkg:gitlab/")) else package(made, version=version)
    )


class Dockerfile:
    """Images that a Dockerfile starts from, packages that it installs by a plain command, and what its image starts."""

    form = "Dockerfile"
    _FROM = re.compile(r"from\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+as\s+(?P<stage>\S+))?", re.IGNORECASE)
    _COPY = re.compile(r"(?:copy|add)\s+(?:--\S+\s+)*?--from=(?P<image>\S+)", re.IGNORECASE)
    _INSTALL = re.compile(
        r"(?P<npm>(?:npm|pnpm)\s+(?:install|i|add)\s+(?:-g|--global)|(?:yarn\s+global|bun)\s+add(?:\s+-g)?)\s+(?P<n>.+)"
        r"|(?P<pypi>(?:pip3?|uv\s+pip)\s+install|uv\s+tool\s+install|pipx\s+install)\s+(?P<p>.+)"
    )

    def recognises(self, name: PurePath, text: str) -> bool:
        lowered = name.name.lower()
        return "dockerfile" in lowered or "containerfile" in lowered

    def entries(self, text: str) -> list[Entry]:
        found: list[Entry] = []
        stages: set[str] = set()
        arguments: dict[str, str] = {}
        for number, line in _instructions(text):
            word, _, rest = line.partition(" ")
            if word.upper() == "ARG" and "=" in rest:
                key, _, value = rest.strip().partition("=")
                arguments[key] = value.strip("\"'")
            elif match := self._FROM.match(line) or self._COPY.match(line):
                image = _resolved(match.group("image"), arguments)
                if image.lower() not in stages and image.lower() != "scratch" and not image.isdigit():
                    found.append(_entry(specifiers.container(image), number, "image", image))
                stage = match.groupdict().get("stage")
                stages |= {stage.lower()} if stage else set()
            elif word.upper() == "RUN":
                found += self._installed(rest, number)
            elif word.upper() in ("CMD", "ENTRYPOINT"):
                found += _started(rest.strip(), number)
        return found

    def _installed(self, rest: str, number: int) -> list[Entry]:
        found = []
        for part in re.split(r"&&|;|\|\|", rest):
            match = self._INSTALL.search(part.strip())
            if match is None:
                continue
            registry = "npm" if match.group("npm") else "pypi"
            for word in split_line(match.group("n") or match.group("p")):
                if not word.startswith("-") and not has_variable(word) and not specifiers.is_file(word) and word != ".":
                    found.append(_entry(specifiers.safely(registry, word), number, "package", word))
        return found


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
    return re.sub(
        r"\$\{?(\w+)(?::-[^}]*)?\}?", lambda match: arguments.get(match.group(1), match.group()), word.strip("\"'")
    )


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


class YarnLock:
    """`yarn.lock` of either version: a header line with the names, then the version."""

    form = "yarn.lock"
    _HEADER = re.compile(r"\"?(@?[^@\s\",]+)@[^\n]*:\s*$")
    _VERSION = re.compile(r"\s+version:?\s+\"?([^\s\"]+)\"?\s*$")

    def recognises(self, name: PurePath, text: str) -> bool:
        return name.name == "yarn.lock"

    def entries(self, text: str) -> list[Entry]:
        found: list[Entry] = []
        name, line = "", 0
        for number, content in enumerate(text.split("\n"), 1):
            header = self._HEADER.match(content)
            version = self._VERSION.match(content) if name else None
            if header:
                name, line = header.group(1), number
            elif version:
                subject = specifiers.safely("npm", f"{name}@{version.group(1)}")
                found.append(Entry(shown(name), line, "package", subject, path=f"{name}"))
                name = ""
        return found


class GoModules:
    """`go.mod` requirements and `go.sum` lines."""

    form = "go.mod"
    _LINE = re.compile(r"\s*+(?:require\s++)?([^\s\"/]++/[^\s\"]++)\s++(v\d[^\s/]*+)(?:\s|$)")

    def recognises(self, name: PurePath, text: str) -> bool:
        return name.name in ("go.mod", "go.sum")

    def entries(self, text: str) -> list[Entry]:
        found: dict[str, Entry] = {}
        for number, content in enumerate(text.split("\n"), 1):
            match = self._LINE.match(content)
            if match and "=>" not in content:
                specifier = f"{match.group(1)}@{match.group(2)}"
                subject = specifiers.safely("golang", specifier)
                found.setdefault(specifier, Entry(shown(specifier), number, "package", subject, path=specifier))
        return list(found.values())


TEXT_READERS: tuple[TextReader, ...] = (Dockerfile(), YarnLock(), GoModules(), Requirements(), PackageList())
