"""Package manifests: what the product is called, in which version, and which of its dependencies say something.

Idea: a dependency shows what a program is built to do; which ones, and why, stands in `data/tools/dependencies.toml`
with a source each. Invariant: a package that its manifest keeps private is no subject.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, Dependency, Launch, RunsAt, Subject, SubjectKind
from extractors.declarations.located import Located
from extractors.declarations.subjects import named, package, stated_repository

TABLE = Path(__file__).parents[3] / "data/tools/dependencies.toml"
MAX_DEPENDENCIES = 600
_PYTHON = re.compile(r"\A\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#]*)")
_GO = re.compile(
    r"^[ \t]*(?:require[ \t]+)?((?:[\w-]+\.)+[a-z]{2,}/[\w./~-]+)[ \t]+(v[\w.+-]+)([ \t]*//[ \t]*indirect)?[ \t]*$",
    re.MULTILINE,
)
_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
_REQUIREMENTS = re.compile(r"\Arequirements[\w.-]*\.txt$")


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


def applies(document: Document) -> bool:
    return (
        document.name in ("package.json", "pyproject.toml", "cargo.toml", "go.mod", "pom.xml")
        or document.name.endswith((".csproj", ".fsproj"))
        or bool(_REQUIREMENTS.match(document.name))
    )


def read(document: Document) -> Declarations:
    if document.name == "package.json":
        return _npm(document)
    if document.name == "pyproject.toml":
        return _python(document)
    if document.name == "cargo.toml":
        return _cargo(document)
    if document.name == "go.mod":
        return _go(document)
    if document.name.endswith((".xml", ".csproj", ".fsproj")):
        return _xml(document)
    return Declarations(dependencies=tuple(_requirements(document))[:MAX_DEPENDENCIES])


def _dependency(
    ecosystem: str, name: str, version: str, development: bool, document: Document, at: Located
) -> Dependency:
    return Dependency(
        name=name,
        version=version.strip()[:60],
        ecosystem=ecosystem,
        says=says(ecosystem, name),
        development=development,
        place=document.place(at),
    )


def _npm(document: Document) -> Declarations:
    value = document.json
    if value is None:
        return Declarations()
    subjects: list[Subject] = []
    launches: list[Launch] = []
    name, private = value.get("name"), value.get("private")
    if name is not None and isinstance(name.value, str) and not (private is not None and private.value is True):
        made = package("npm", name.value, value.text("version"), "package.json", document.place(name))
        subjects += [made] if made else []
    registered = value.get("mcpName")
    if registered is not None and isinstance(registered.value, str):
        subjects.append(
            named(
                SubjectKind.REGISTRY_NAME,
                registered.value,
                value.text("version"),
                "mcp_registry",
                "package.json",
                document.place(registered),
            )
        )
    holder = value.get("repository")
    url = holder.get("url") if holder is not None and isinstance(holder.value, dict) else holder
    if url is not None and isinstance(url.value, str):
        made = stated_repository(url.value, "package.json", document.place(url))
        subjects += [made] if made else []
    programs = value.get("bin")
    if programs is not None and name is not None and isinstance(name.value, str):
        command = next((key for key, _ in programs.items()), name.value.rpartition("/")[2])
        launches.append(
            Launch(
                command=command,
                package=subjects[0].value if subjects and subjects[0].kind is SubjectKind.PACKAGE else "",
                runs_at=RunsAt.LOCAL,
                stated_by="package.json",
                place=document.place(programs),
            )
        )
    dependencies = [
        _dependency("npm", key, str(entry.value), section == "devDependencies", document, entry)
        for section in ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies")
        for key, entry in (value.get(section) or Located({}, 0, 0)).items()
        if isinstance(entry.value, str)
    ]
    return Declarations(
        subjects=tuple(subjects), launches=tuple(launches), dependencies=tuple(dependencies[:MAX_DEPENDENCIES])
    )


def _python(document: Document) -> Declarations:
    value = document.toml
    if value is None:
        return Declarations()
    project = value.get("project") or value.at("tool", "poetry")
    if project is None:
        return Declarations()
    subjects: list[Subject] = []
    launches: list[Launch] = []
    name = project.get("name")
    classifiers = project.get("classifiers")
    private = classifiers is not None and any("Do Not Upload" in str(each.value) for each in classifiers.members())
    package_mode = project.get("package-mode")
    if package_mode is not None and package_mode.value is False:
        private = True
    if name is not None and isinstance(name.value, str) and not private:
        made = package("pypi", name.value, project.text("version"), "pyproject.toml", document.place(name))
        subjects += [made] if made else []
    for key, entry in (project.get("urls") or Located({}, 0, 0)).items():
        if key.lower() in ("repository", "source", "github", "source code") and isinstance(entry.value, str):
            made = stated_repository(entry.value, "pyproject.toml", document.place(entry))
            subjects += [made] if made else []
    for key, entry in (project.get("scripts") or Located({}, 0, 0)).items():
        launches.append(
            Launch(
                command=key,
                package=subjects[0].value if subjects and subjects[0].kind is SubjectKind.PACKAGE else "",
                runs_at=RunsAt.LOCAL,
                stated_by="pyproject.toml",
                place=document.place(entry),
            )
        )
        break
    dependencies: list[Dependency] = []
    listed = project.get("dependencies")
    if listed is not None and isinstance(listed.value, list):
        dependencies += _requirement_list(document, listed, development=False)
    elif listed is not None:
        dependencies += [
            _dependency("pypi", key, str(entry.value), False, document, entry)
            for key, entry in listed.items()
            if key != "python"
        ]
    for _, group in (project.get("optional-dependencies") or Located({}, 0, 0)).items():
        dependencies += _requirement_list(document, group, development=False)
    for _, group in (value.get("dependency-groups") or Located({}, 0, 0)).items():
        dependencies += _requirement_list(document, group, development=True)
    return Declarations(
        subjects=tuple(subjects), launches=tuple(launches), dependencies=tuple(dependencies[:MAX_DEPENDENCIES])
    )


def _requirement_list(document: Document, listed: Located, development: bool) -> Iterator[Dependency]:
    for each in listed.members():
        found = _PYTHON.match(each.value) if isinstance(each.value, str) else None
        if found:
            yield _dependency("pypi", found.group(1), found.group(2), development, document, each)


def _requirements(document: Document) -> Iterator[Dependency]:
    for line in re.finditer(r"^[ \t]*([A-Za-z0-9][^\n]*)$", document.text, re.MULTILINE):
        found = _PYTHON.match(line.group(1))
        if found and "://" not in line.group(1):
            at = Located(line.group(1), line.start(1), line.end(1))
            yield _dependency("pypi", found.group(1), found.group(2), "dev" in document.name, document, at)


def _cargo(document: Document) -> Declarations:
    value = document.toml
    if value is None:
        return Declarations()
    subjects = []
    name = value.at("package", "name")
    publish = value.at("package", "publish")
    if name is not None and isinstance(name.value, str) and not (publish is not None and publish.value is False):
        holder = value.get("package")
        made = package(
            "cargo", name.value, holder.text("version") if holder else "", "Cargo.toml", document.place(name)
        )
        subjects += [made] if made else []
    dependencies = [
        _dependency(
            "cargo",
            key,
            entry.text("version") if isinstance(entry.value, dict) else str(entry.value),
            section != "dependencies",
            document,
            entry,
        )
        for section in ("dependencies", "dev-dependencies", "build-dependencies")
        for key, entry in (value.get(section) or Located({}, 0, 0)).items()
    ]
    return Declarations(subjects=tuple(subjects), dependencies=tuple(dependencies[:MAX_DEPENDENCIES]))


def _go(document: Document) -> Declarations:
    found = _MODULE.search(document.text)
    subjects = []
    if found:
        at = Located("", found.start(1), found.end(1))
        made = package("golang", found.group(1), None, "go.mod", document.place(at))
        subjects += [made] if made else []
    dependencies = [
        _dependency(
            "golang", match.group(1), match.group(2), False, document, Located("", match.start(1), match.end(2))
        )
        for match in list(_GO.finditer(document.text))[:MAX_DEPENDENCIES]
        if not match.group(3)
    ]
    return Declarations(subjects=tuple(subjects), dependencies=tuple(dependencies))


def _xml(document: Document) -> Declarations:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(document.text.lstrip("\ufeff \r\n\t").encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return Declarations()
    if root is None:
        return Declarations()
    skipped = document.text[: len(document.text) - len(document.text.lstrip("\ufeff \r\n\t"))].count("\n")
    lines = [0]
    for match in re.finditer("\n", document.text):
        lines.append(match.end())

    def at(element: etree._Element) -> Located:
        line = min(max((element.sourceline or 1) - 1 + skipped, 0), len(lines) - 1)
        end = document.text.find("\n", lines[line])
        return Located("", lines[line], max(len(document.text) if end < 0 else end, lines[line] + 1))

    return _pom(document, root, at) if document.name == "pom.xml" else _csproj(document, root, at)


def _csproj(document: Document, root: etree._Element, at) -> Declarations:  # type: ignore[no-untyped-def]
    def text(name: str) -> etree._Element | None:
        return next((each for each in root.iter("{*}" + name) if each.text and "$(" not in each.text), None)

    subjects = []
    identifier = text("PackageId")
    packable = text("IsPackable")
    version = text("Version") if text("Version") is not None else text("PackageVersion")
    if version is None:
        version = text("VersionPrefix")
    if identifier is not None and not (packable is not None and packable.text.strip().lower() == "false"):
        made = package(
            "nuget",
            identifier.text.strip(),
            version.text.strip() if version is not None else None,
            "project file",
            document.place(at(identifier)),
        )
        subjects += [made] if made else []
    url = text("RepositoryUrl")
    if url is not None:
        made = stated_repository(url.text, "project file", document.place(at(url)))
        subjects += [made] if made else []
    dependencies = [
        _dependency("nuget", each.get("Include", ""), each.get("Version", ""), False, document, at(each))
        for each in root.iter("{*}PackageReference")
        if each.get("Include")
    ]
    return Declarations(subjects=tuple(subjects), dependencies=tuple(dependencies[:MAX_DEPENDENCIES]))


def _pom(document: Document, root: etree._Element, at) -> Declarations:  # type: ignore[no-untyped-def]
    def child(element: etree._Element, name: str) -> etree._Element | None:
        return element.find("{*}" + name)

    subjects = []
    artifact = child(root, "artifactId")
    parent = child(root, "parent")
    group = child(root, "groupId")
    version = child(root, "version")
    if parent is not None:
        group = group if group is not None else child(parent, "groupId")
        version = version if version is not None else child(parent, "version")
    if artifact is not None and group is not None and artifact.text and group.text:
        made = package(
            "maven",
            f"{group.text.strip()}:{artifact.text.strip()}",
            version.text.strip() if version is not None and version.text else None,
            "pom.xml",
            document.place(at(artifact)),
        )
        subjects += [made] if made else []
    dependencies = []
    for each in root.iter("{*}dependency"):
        names = [child(each, "groupId"), child(each, "artifactId"), child(each, "version")]
        if names[0] is not None and names[1] is not None and names[0].text and names[1].text:
            dependencies.append(
                _dependency(
                    "maven",
                    f"{names[0].text.strip()}:{names[1].text.strip()}",
                    (names[2].text or "") if names[2] is not None else "",
                    False,
                    document,
                    at(names[1]),
                )
            )
    return Declarations(subjects=tuple(subjects), dependencies=tuple(dependencies[:MAX_DEPENDENCIES]))
