"""Package manifests in XML: project files of .NET and `pom.xml` of Maven.

Invariant: no entity is resolved and nothing is loaded; what has a variable for its name is no subject.
"""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]

from extractors.declarations.dependencies import MAX_DEPENDENCIES, dependency
from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, Subject
from extractors.declarations.located import Located
from extractors.declarations.subjects import package, repository_at


def read(document: Document) -> Declarations:
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

    subjects: list[Subject] = []
    identifier = text("PackageId")
    packable = text("IsPackable")
    version = text("Version") if text("Version") is not None else text("PackageVersion")
    if version is None:
        version = text("VersionPrefix")
    if identifier is not None and not (packable is not None and packable.text.strip().lower() == "false"):
        subjects += package(
            "nuget",
            identifier.text.strip(),
            version.text.strip() if version is not None else None,
            "project file",
            document.place(at(identifier)),
        )
    url = text("RepositoryUrl")
    if url is not None:
        subjects += repository_at(url.text, "project file", document.place(at(url)))

    def brought(each: etree._Element) -> bool:  # for the build only
        inner = each.find("{*}PrivateAssets")
        said = each.get("PrivateAssets") or (inner.text if inner is not None else "")
        return (said or "").strip().lower() == "all"

    dependencies = [
        dependency("nuget", each.get("Include", ""), brought(each), document, at(each))
        for each in root.iter("{*}PackageReference")
        if each.get("Include")
    ]
    return Declarations(subjects=tuple(subjects), dependencies=tuple(dependencies[:MAX_DEPENDENCIES]))


def _pom(document: Document, root: etree._Element, at) -> Declarations:  # type: ignore[no-untyped-def]
    def child(element: etree._Element, name: str) -> etree._Element | None:
        return element.find("{*}" + name)

    def said(element: etree._Element, name: str) -> str:
        found = child(element, name)
        return (found.text or "").strip().lower() if found is not None else ""

    subjects: tuple[Subject, ...] = ()
    artifact = child(root, "artifactId")
    parent = child(root, "parent")
    group = child(root, "groupId")
    version = child(root, "version")
    if parent is not None:
        group = group if group is not None else child(parent, "groupId")
        version = version if version is not None else child(parent, "version")
    if artifact is not None and group is not None and artifact.text and group.text:
        subjects = package(
            "maven",
            f"{group.text.strip()}:{artifact.text.strip()}",
            version.text.strip() if version is not None and version.text else None,
            "pom.xml",
            document.place(at(artifact)),
        )
    dependencies = []
    for each in root.iter("{*}dependency"):
        names = [child(each, "groupId"), child(each, "artifactId")]
        if names[0] is not None and names[1] is not None and names[0].text and names[1].text:
            dependencies.append(
                dependency(
                    "maven",
                    f"{names[0].text.strip()}:{names[1].text.strip()}",
                    said(each, "scope") in ("test", "provided"),
                    document,
                    at(names[1]),
                    said(each, "optional") == "true",
                )
            )
    return Declarations(subjects=subjects, dependencies=tuple(dependencies[:MAX_DEPENDENCIES]))
