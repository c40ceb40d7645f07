"""Package manifests: what the product is called, in which version, and which of its dependencies say something.

Invariant: a package that its manifest keeps private is no subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.declarations.dependencies import MAX_DEPENDENCIES, dependency
from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, Dependency, Launch, RunsAt, Subject, SubjectKind
from extractors.declarations.formats import project_xml
from extractors.declarations.located import Located
from extractors.declarations.subjects import named, package, stated_repository

_PYTHON = re.compile(r"\A\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#]*)")
_GO = re.compile(
    r"^[ \t]*(?:require[ \t]+)?((?:[\w-]+\.)+[a-z]{2,}/[\w./~-]+)[ \t]+(v[\w.+-]+)([ \t]*//[ \t]*indirect)?[ \t]*$",
    re.MULTILINE,
)
_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
_REQUIREMENTS = re.compile(r"\Arequirements[\w.-]*\.txt$")
_FOR_DEVELOPMENT = re.compile(r"dev|test|doc|lint|build|bench|example|\bci\b|typing|mypy")


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
        return project_xml.read(document)
    return Declarations(dependencies=tuple(_requirements(document))[:MAX_DEPENDENCIES])


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
        made = stated_repository(url.value, "package.json", document.place(url), value.text("gitHead"))
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
    peers = value.get("peerDependenciesMeta") or Located({}, 0, 0)
    free = {key for key, entry in peers.items() if isinstance(entry.value, dict) and _is_true(entry.get("optional"))}
    dependencies = [
        dependency(
            "npm",
            key,
            str(entry.value),
            section == "devDependencies",
            document,
            entry,
            section == "optionalDependencies" or (section == "peerDependencies" and key in free),
        )
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
        dependencies += _requirement_list(document, listed)
    elif listed is not None:
        dependencies += [
            dependency("pypi", key, str(entry.value), False, document, entry, _says_optional(entry))
            for key, entry in listed.items()
            if key != "python"
        ]
    for _, group in (project.get("optional-dependencies") or Located({}, 0, 0)).items():
        dependencies += _requirement_list(document, group, optional=True)
    for _, group in (value.get("dependency-groups") or Located({}, 0, 0)).items():
        dependencies += _requirement_list(document, group, development=True)
    return Declarations(
        subjects=tuple(subjects), launches=tuple(launches), dependencies=tuple(dependencies[:MAX_DEPENDENCIES])
    )


def _is_true(value: Located | None) -> bool:
    return value is not None and value.value is True


def _says_optional(entry: Located) -> bool:
    return isinstance(entry.value, dict) and _is_true(entry.get("optional"))


def _requirement_list(
    document: Document, listed: Located, development: bool = False, optional: bool = False
) -> Iterator[Dependency]:
    for each in listed.members():
        found = _PYTHON.match(each.value) if isinstance(each.value, str) else None
        if found:
            yield dependency("pypi", found.group(1), found.group(2), development, document, each, optional)


def _requirements(document: Document) -> Iterator[Dependency]:
    development = _FOR_DEVELOPMENT.search(document.name) is not None
    for line in re.finditer(r"^[ \t]*([A-Za-z0-9][^\n]*)$", document.text, re.MULTILINE):
        found = _PYTHON.match(line.group(1))
        if found and "://" not in line.group(1):
            at = Located(line.group(1), line.start(1), line.end(1))
            other = document.name != "requirements.txt"
            yield dependency("pypi", found.group(1), found.group(2), development, document, at, other)


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
        dependency(
            "cargo",
            key,
            entry.text("version") if isinstance(entry.value, dict) else str(entry.value),
            section != "dependencies",
            document,
            entry,
            _says_optional(entry),
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
        dependency("golang", match.group(1), match.group(2), False, document, Located("", match.start(1), match.end(2)))
        for match in list(_GO.finditer(document.text))[:MAX_DEPENDENCIES]
        if not match.group(3)
    ]
    return Declarations(subjects=tuple(subjects), dependencies=tuple(dependencies))
