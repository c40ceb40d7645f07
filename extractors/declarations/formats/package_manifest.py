"""Package manifests: what the product is called, in which version, and which of its dependencies say something; what a
dependency shows that a program is built to do, and why, is in `data/tools/dependencies.toml`.

Invariants: a name says something only by the table, with a source each; a package that its manifest keeps private is
no subject, nor is one with a variable for its name; in XML no entity is resolved and nothing is loaded.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from extractors.declarations.facts import Declarations, Dependency, Launch, RunsAt, Subject, SubjectKind
from extractors.declarations.located import NOTHING, Document, Located
from extractors.declarations.subjects import named, package, repository_at, stated_repository

TABLE = Path(__file__).parents[3] / "data/tools/dependencies.toml"
MAX_DEPENDENCIES = 600
_ASIDE = re.compile(
    r"(?i)(?:^|/)(?:docs?|examples?|samples?|tests?|__tests__|e2e|evals?|bench(?:mark)?s?|website|fixtures|scripts|\.github)/"
    r"|(?:^|/)[\w.]*\.tests?\.[cf]sproj$"
)
"""Folders whose manifests are not those of what is shipped."""


@cache
def table() -> dict[tuple[str, str], str]:
    """{(ecosystem, name): what it says}; a name ending in `*` is a beginning."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {
        (ecosystem, name): says
        for says, row in rows.items()
        for ecosystem, names in row.items()
        if isinstance(names, list)
        for name in names
    }


def says(ecosystem: str, name: str) -> str:
    known = table()
    folded = re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "pypi" else name
    if (ecosystem, folded) in known:
        return known[(ecosystem, folded)]
    parts = re.split(r"(?<=[/.-])", folded)
    beginnings = ("".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next((known[(ecosystem, f"{start}*")] for start in beginnings if (ecosystem, f"{start}*") in known), "")


def dependency(
    ecosystem: str, name: str, development: bool, document: Document, at: Located, optional: bool = False
) -> Dependency:
    """`development`: declared as such; the manifest of tests or examples brings nothing else."""
    return Dependency(
        name=name,
        says=says(ecosystem, name),
        development=development or _ASIDE.search(document.path) is not None,
        optional=optional,
        place=document.place(at),
    )


_PYTHON = re.compile(r"\A\s*([A-Za-z0-9][\w.-]*)")
_GO = re.compile(
    r"^[ \t]*(?:require[ \t]+)?((?:[\w-]+\.)+[a-z]{2,}/[\w./~-]+)[ \t]+(v[\w.+-]+)([ \t]*//[ \t]*indirect)?[ \t]*$",
    re.MULTILINE,
)
_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
_REQUIREMENTS = re.compile(r"\Arequirements[\w.-]*\.txt$")
_FOR_DEVELOPMENT = re.compile(r"dev|test|doc|lint|build|bench|example|\bci\b|typing|mypy")


def applies(document: Document) -> bool:
    return (
        document.name in _READERS
        or document.name.endswith((".csproj", ".fsproj"))
        or bool(_REQUIREMENTS.match(document.name))
    )


def read(document: Document) -> Declarations:
    reader = _xml if document.name.endswith((".csproj", ".fsproj")) else _requirements
    return _READERS.get(document.name, reader)(document)


def _npm(document: Document) -> Declarations:
    value, by = document.json, "package.json"
    name, version = value.string("name"), value.text("version")
    own = package("npm", name.value, version, by, document.place(name)) if name and not value.flag("private") else ()
    registered = value.string("mcpName")
    subjects = (
        *own,
        *named(SubjectKind.REGISTRY_NAME, registered, version, "mcp_registry", by, document),
        *stated_repository(value, by, document, value.text("gitHead")),
    )
    programs = value.get("bin")
    launches: tuple[Launch, ...] = ()
    if programs and name:
        command = next((key for key, _ in programs.items()), name.value.rpartition("/")[2])
        launches = (_start(command, own, by, document, programs),)
    free = {key for key, entry in value.items("peerDependenciesMeta") if entry.flag("optional")}
    dependencies = [
        dependency(
            "npm",
            key,
            section == "devDependencies",
            document,
            entry,
            section == "optionalDependencies" or (section == "peerDependencies" and key in free),
        )
        for section in ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies")
        for key, entry in value.items(section)
        if isinstance(entry.value, str)
    ]
    return Declarations(subjects=subjects, launches=launches, dependencies=tuple(dependencies[:MAX_DEPENDENCIES]))


def _start(command: str, own: Sequence[Subject], stated_by: str, document: Document, at: Located) -> Launch:
    started = own[0].value if own else ""
    place = document.place(at)
    return Launch(command=command, package=started, runs_at=RunsAt.LOCAL, stated_by=stated_by, place=place)


def _python(document: Document) -> Declarations:
    value, by = document.toml, "pyproject.toml"
    project = value.get("project") or value.at("tool", "poetry") or NOTHING
    name = project.string("name")
    private = any("Do Not Upload" in str(each.value) for each in project.members("classifiers"))
    private = private or project.flag("package-mode") is False
    own = package("pypi", name.value, project.text("version"), by, document.place(name)) if name and not private else ()
    subjects = list(own)
    for key, entry in project.items("urls"):
        if key.lower() in ("repository", "source", "github", "source code") and isinstance(entry.value, str):
            subjects += repository_at(entry.value, by, document.place(entry))
    starts = [_start(key, own, by, document, entry) for key, entry in islice(project.items("scripts"), 1)]
    dependencies = [*_requirement_list(document, project.members("dependencies"))]
    dependencies += [
        dependency("pypi", key, False, document, entry, bool(entry.flag("optional")))
        for key, entry in project.items("dependencies")
        if key != "python"
    ]
    for _, group in project.items("optional-dependencies"):
        dependencies += _requirement_list(document, group.members(), optional=True)
    for _, group in value.items("dependency-groups") if project is not NOTHING else ():
        dependencies += _requirement_list(document, group.members(), development=True)
    return Declarations(
        subjects=tuple(subjects), launches=tuple(starts), dependencies=tuple(dependencies[:MAX_DEPENDENCIES])
    )


def _requirement_list(
    document: Document, listed: Iterable[Located], development: bool = False, optional: bool = False
) -> Iterator[Dependency]:
    for each in listed:
        found = _PYTHON.match(each.value) if isinstance(each.value, str) else None
        if found:
            yield dependency("pypi", found.group(1), development, document, each, optional)


def _requirements(document: Document) -> Declarations:
    development = _FOR_DEVELOPMENT.search(document.name) is not None
    lines = re.finditer(r"^[ \t]*([A-Za-z0-9][^\n]*)$", document.text, re.MULTILINE)
    listed = (Located(line.group(1), line.start(1), line.end(1)) for line in lines if "://" not in line.group(1))
    found = _requirement_list(document, listed, development, document.name != "requirements.txt")
    return Declarations(dependencies=tuple(islice(found, MAX_DEPENDENCIES)))


def _cargo(document: Document) -> Declarations:
    value = document.toml
    crate = value.get("package") or NOTHING
    name = crate.string("name")
    subjects: tuple[Subject, ...] = ()
    if name and crate.flag("publish") is not False:
        subjects = package("cargo", name.value, crate.text("version"), "Cargo.toml", document.place(name))
    dependencies = [
        dependency("cargo", key, section != "dependencies", document, entry, bool(entry.flag("optional")))
        for section in ("dependencies", "dev-dependencies", "build-dependencies")
        for key, entry in value.items(section)
    ]
    return Declarations(subjects=subjects, dependencies=tuple(dependencies[:MAX_DEPENDENCIES]))


def _go(document: Document) -> Declarations:
    found = _MODULE.search(document.text)
    subjects: tuple[Subject, ...] = ()
    if found:
        at = Located("", found.start(1), found.end(1))
        subjects = package("golang", found.group(1), None, "go.mod", document.place(at))
    dependencies = [
        dependency("golang", match.group(1), False, document, Located("", match.start(1), match.end(2)))
        for match in list(_GO.finditer(document.text))[:MAX_DEPENDENCIES]
        if not match.group(3)
    ]
    return Declarations(subjects=subjects, dependencies=tuple(dependencies))


def _xml(document: Document) -> Declarations:
    text = document.text.lstrip("\ufeff \r\n\t")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return Declarations()
    if root is None:
        return Declarations()
    skipped = document.text[: len(document.text) - len(text)].count("\n")
    lines = [0, *(match.end() for match in re.finditer("\n", document.text))]

    def at(element: etree._Element) -> Located:
        line = min(max((element.sourceline or 1) - 1 + skipped, 0), len(lines) - 1)
        end = document.text.find("\n", lines[line])
        return Located("", lines[line], max(len(document.text) if end < 0 else end, lines[line] + 1))

    read_root = _pom if document.name == "pom.xml" else _csproj
    subjects, dependencies = read_root(document, root, at)
    return Declarations(subjects=tuple(subjects), dependencies=tuple(dependencies)[:MAX_DEPENDENCIES])


_Found = tuple[Iterable[Subject], list[Dependency]]


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _csproj(document: Document, root: etree._Element, at: Callable[[etree._Element], Located]) -> _Found:
    def first(*names: str) -> etree._Element | None:
        found = (each for name in names for each in root.iter("{*}" + name) if each.text and "$(" not in each.text)
        return next(found, None)

    subjects: list[Subject] = []
    identifier, url = first("PackageId"), first("RepositoryUrl")
    version = _text(first("Version", "PackageVersion", "VersionPrefix"))
    if identifier is not None and _text(first("IsPackable")).lower() != "false":
        subjects += package("nuget", _text(identifier), version, "project file", document.place(at(identifier)))
    if url is not None:
        subjects += repository_at(url.text, "project file", document.place(at(url)))

    def brought(each: etree._Element) -> bool:  # for the build only
        return (each.get("PrivateAssets") or _text(each.find("{*}PrivateAssets"))).strip().lower() == "all"

    return subjects, [
        dependency("nuget", each.get("Include", ""), brought(each), document, at(each))
        for each in root.iter("{*}PackageReference")
        if each.get("Include")
    ]


def _pom(document: Document, root: etree._Element, at: Callable[[etree._Element], Located]) -> _Found:
    def named(element: etree._Element, name: str) -> str:
        """Of the artifact, or of its parent."""
        own = element.find("{*}" + name)
        return _text(own if own is not None else element.find("{*}parent/{*}" + name))

    def coordinates(element: etree._Element) -> str:
        group, artifact = named(element, "groupId"), _text(element.find("{*}artifactId"))
        return f"{group}:{artifact}" if group and artifact else ""

    subjects: tuple[Subject, ...] = ()
    if own := coordinates(root):
        here = document.place(at(root.find("{*}artifactId")))
        subjects = package("maven", own, named(root, "version"), "pom.xml", here)
    return subjects, [
        dependency(
            "maven",
            name,
            named(each, "scope").lower() in ("test", "provided"),
            document,
            at(each.find("{*}artifactId")),
            named(each, "optional").lower() == "true",
        )
        for each in root.iter("{*}dependency")
        if (name := coordinates(each))
    ]


_READERS = {
    "package.json": _npm,
    "pyproject.toml": _python,
    "cargo.toml": _cargo,
    "go.mod": _go,
    "pom.xml": _xml,
}
"""By the name of the file."""
