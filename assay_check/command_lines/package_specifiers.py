"""What a package runner is asked for, as a subject: npm, PyPI, NuGet, Go and image references in their own grammars.

Invariant: a version is one only if it is exact; a tag stays a tag, a range a range; a variable is not resolved.
"""

import re
from collections.abc import Callable
from functools import partial

from assay_check import purl
from assay_check.errors import BadInput
from assay_check.subjects import Subject, SubjectKind, image, local, package, repository, unmatchable, variable

_VARIABLE = re.compile(r"\$\{|\$[A-Za-z_(]|\$env:|%[A-Za-z_]\w*%|\{\{|^<[^>]*>$|^\{[^}]*\}$|<[A-Za-z][\w -]*>")
_NPM = re.compile(r"(?P<name>(?:@[a-z0-9~_][\w.~-]*/)?[a-z0-9~_][\w.~-]*)(?:@(?P<version>.*))?\Z", re.IGNORECASE)
_SEMVER = re.compile(r"[v=]?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)\Z")
_TAG = re.compile(r"[A-Za-z][\w.-]*\Z")
_PYPI = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*+)(?<![._-])\s*+(?:\[[^\]]*+\])?+\s*+"
    r"(?:@\s*+(?P<at>\S*+)|(?P<range>(?:===?|~=|[<>!]=?)[^;#@]*+))?+\s*+(?:;.*+)?+\Z"
)
_PYPI_VERSION = re.compile(
    r"v?\d+(?:\.\d+)*(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|post|dev)[-_.]?\d*)*(?:\+[\w.]+)?\Z", re.I
)
_GIT = re.compile(
    r"(?:git\+)?(?:https?|ssh|git)://(?:[^@/\s]*@)?(?P<host>[^/:\s]+)(?::\d+)?/(?P<owner>[^/\s]+)/(?P<name>[^/\s@#?]+?)"
    r"(?:\.git)?/?(?:@(?P<at>[^#?\s]+))?(?:\?[^#\s]*)?(?:#(?P<hash>.*))?\Z"
)
_SCP = re.compile(r"git@(?P<host>[^:\s]+):(?P<owner>[^/\s]+)/(?P<name>[^/\s#]+?)(?:\.git)?(?:#(?P<hash>.*))?\Z")
_SHORTHAND = re.compile(
    r"(?:(?P<forge>github|gitlab|bitbucket):)?(?P<owner>[A-Za-z0-9][\w-]*)/(?P<name>[\w.-]+?)"
    r"(?:\.git)?(?:#(?P<hash>.*))?\Z"
)
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_PATH = re.compile(r"(?:\.{1,2}(?:[/\\]|$)|[/\\~]|[A-Za-z]:[/\\]|file:|link:|workspace:|portal:)")
_SCRIPT = re.compile(
    r"\.(?:[cm]?[jt]sx?|py|pyz|rb|php|pl|sh|ps1|jar|dll|exe|csproj|cs|go|rs|wasm|json)\Z", re.IGNORECASE
)
_IMAGE = re.compile(
    r"(?P<repository>(?:(?:[A-Za-z0-9][\w.-]*(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-f]{32,128}))?\Z"
)
_NUGET = re.compile(r"(?P<name>[A-Za-z0-9_][\w.-]*)(?:@(?P<version>.*))?\Z")
_CRATE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_GO = re.compile(r"(?P<module>[\w.-]+\.[a-z]+(?:/[\w.~-]+)+)(?:@(?P<version>\S+))?\Z")


def has_variable(text: str) -> bool:
    return _VARIABLE.search(text) is not None


def is_variable(word: str) -> bool:
    """Whether a word is one variable and nothing else, but for a version behind it."""
    return re.match(r"(?:\$\{[^}]*\}|\$\w+|%\w+%|\{\{[^}]*\}\}|<[^>]*>)(?:@.*)?\Z", word) is not None


def is_path(text: str) -> bool:
    """Whether a word is written as a path, in any system's spelling."""
    return _PATH.match(text) is not None


def is_file(text: str) -> bool:
    """Whether a word names a file: a path, or a word with the ending of a program text."""
    return is_path(text) or _SCRIPT.search(text) is not None


def _in_version(named: Callable[[str | None], str], requested: str, exact: str | None, *, tag: bool = True) -> Subject:
    """A package in a version, under a tag, or in a range. `named`: its purl with or without a version."""
    if has_variable(requested):
        return package(named(None), range_="variable")
    if exact:
        return package(named(exact), version=exact)
    is_tag = tag and _TAG.match(requested)
    return package(named(None), tag=requested if is_tag else None, range_=None if is_tag else requested or None)


def npm(specifier: str) -> Subject:
    """What `npx SPECIFIER` installs."""
    if is_path(specifier):
        return local(specifier)
    alias = re.match(r"(?:@?[\w.~/-]+@)?npm:(.+)\Z", specifier)
    if alias:
        specifier = alias.group(1)
    match = _NPM.match(specifier)
    if match is None:
        return _elsewhere(specifier)
    name, requested = match.group("name").lower(), match.group("version") or ""
    if re.match(r"(?:git\+|git:|git@|github:|gitlab:|bitbucket:|https?:|[\w-]+/[\w.-]+(?:#|\Z))", requested):
        return _elsewhere(requested)
    exact = _SEMVER.match(requested)
    is_tag = not re.fullmatch(r"[vx](?:[\d.]|$).*", requested)
    return _in_version(partial(purl.npm, name), requested, exact and exact.group(1), tag=is_tag)


def pypi(specifier: str) -> Subject:
    """What `uvx SPECIFIER` or `pip install SPECIFIER` installs."""
    if is_path(specifier) or re.fullmatch(r"[^:]+\.(?:whl|tar\.gz|zip|txt)", specifier):
        return local(specifier)
    match = _PYPI.match(specifier.strip())
    if match is None:
        return _elsewhere(specifier)
    name, at, requested = match.group("name"), match.group("at"), (match.group("range") or "").strip()
    if at and not has_variable(at) and ("://" in at or at.startswith("git@")):
        return _elsewhere(at)
    exact = _PYPI_VERSION.match(at) if at else re.fullmatch(r"={2,3}\s*([^\s*,]+)", requested)
    version = exact and (exact.group().removeprefix("v") if at else exact.group(1))
    return _in_version(partial(purl.pypi, name), at or requested, version, tag=bool(at))


def nuget(specifier: str, version: str | None = None) -> Subject:
    """What `dnx SPECIFIER [--version X]` runs."""
    match = _NUGET.match(specifier)
    if match is None:
        return _elsewhere(specifier)
    requested = version or match.group("version") or ""
    name = match.group("name")
    exact = re.fullmatch(r"\d+(?:\.\d+){1,3}(?:-[0-9A-Za-z.-]+)?", requested)
    return _in_version(lambda version: purl.build("nuget", name, version=version), requested, exact and requested)


def golang(specifier: str) -> Subject:
    """What `go run SPECIFIER` builds."""
    match = _GO.match(specifier)
    if match is None or is_path(specifier):
        return _elsewhere(specifier)
    requested = match.group("version") or ""
    module = match.group("module")
    if re.fullmatch(r"v\d+\.\d+\.\d+(?:[-+].*)?", requested):
        return package(purl.golang(module, requested), version=requested)
    return package(purl.golang(module), tag=requested or None)


def container(reference: str) -> Subject:
    """What `docker run REFERENCE` starts, with the registry filled in; never a tag that is not stated."""
    tail = ""
    if has_variable(reference):
        # A variable as tag leaves the repository known; anywhere else it leaves nothing known.
        reference, colon, tail = reference.rpartition(":")
        if not colon or has_variable(reference) or "/" in re.sub(r"\$\{[^}]*\}", "", tail):
            return variable()
    match = _IMAGE.match(reference.strip())
    if match is None:
        return unmatchable(SubjectKind.NONE, "this is no image reference")
    name = match.group("repository")
    first, slash, rest = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif not ("." in first or ":" in first or first == "localhost"):
        if first != first.lower():
            return unmatchable(SubjectKind.NONE, "this is no image reference")
        name = f"docker.io/{name}"
    elif first in ("index.docker.io", "registry-1.docker.io"):
        name = f"docker.io/{rest}" if "/" in rest else f"docker.io/library/{rest}"
    elif first == "docker.io" and "/" not in rest:
        name = f"docker.io/library/{rest}"
    found = image(purl.Image(name.lower(), match.group("tag"), match.group("digest")))
    if first.partition(":")[0] in ("localhost", "127.0.0.1", "[::1]") and slash:
        return found.because("an image of the buyer's own machine")
    return found


def git(address: str, reference: str | None = None) -> Subject:
    """A repository by address or as OWNER/NAME of GitHub; the version only if it is a commit."""
    match = _GIT.match(address) or _SCP.match(address) or _SHORTHAND.match(address)
    if match is None:
        return unmatchable(SubjectKind.NONE, "no repository that can be named")
    parts = match.groupdict()
    requested = reference or parts.get("at") or re.split(r"[&]", (parts.get("hash") or ""))[0]
    version = requested if requested and _COMMIT.match(requested) else None
    host = (parts.get("host") or parts.get("forge") or "github").lower().removeprefix("www.")
    kinds = {"github.com": "github", "bitbucket.org": "bitbucket", "gitlab.com": "gitlab"}
    kinds |= {kind: kind for kind in kinds.values()}
    if host not in kinds:
        return unmatchable(SubjectKind.REPOSITORY, "a repository on another host than the public ones", host)
    found = repository(purl.build(kinds[host], parts["name"], namespace=parts["owner"], version=version), version)
    if version or not requested or "=" in requested:
        return found
    return Subject(found.kind, True, purl=found.purl, tag=requested)


def _elsewhere(specifier: str) -> Subject:
    if has_variable(specifier):
        return variable()
    if is_file(specifier) and "://" not in specifier:
        return local(specifier)
    found = git(specifier)
    if found.purl is not None:
        return found
    if "://" in specifier:
        return unmatchable(SubjectKind.NONE, "an archive by its address: no package or repository that can be named")
    return unmatchable(SubjectKind.NONE, "no package name")


def cargo(specifier: str) -> Subject:
    """What `cargo install SPECIFIER` builds."""
    name, _, requested = specifier.partition("@")
    if not _CRATE.match(name):
        return variable() if has_variable(specifier) else unmatchable(SubjectKind.NONE, "no package name")
    version = requested if _SEMVER.match(requested) else None
    return package(
        purl.build("cargo", name, version=version), version=version, range_=None if version else requested or None
    )


READERS: dict[str, Callable[[str], Subject]] = {
    "npm": npm,
    "pypi": pypi,
    "nuget": nuget,
    "golang": golang,
    "cargo": cargo,
    "oci": container,
    "docker": container,
}


def safely(read: str, specifier: str) -> Subject:
    """A package list's line by the grammar of its registry; a name that makes no purl matches nothing."""
    try:
        return READERS[read](specifier)
    except BadInput:
        return unmatchable(SubjectKind.NONE, "no package name")
