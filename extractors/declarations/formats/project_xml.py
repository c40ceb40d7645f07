"""Package manifests in XML: project files of .NET and `pom.xml` of Maven.

Invariant: no entity is resolved and nothing is loaded; what has a variable for its name is no subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lxml import etree  # type: ignore[import-untyped]

from extractors.declarations.dependencies import MAX_DEPENDENCIES, dependency
from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, Dependency, Subject
from extractors.declarations.located import Located
from extractors.declarations.subjects import package, repository_at


def read(document: Document) -> Declarations:
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


Read = tuple[Iterable[Subject], list[Dependency]]


def _said(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _csproj(document: Document, root: etree._Element, at: Callable[[etree._Element], Located]) -> Read:
    def first(*names: str) -> etree._Element | None:
        found = (each for name in names for each in root.iter("{*}" + name) if each.text and "$(" not in each.text)
        return next(found, None)

    subjects: list[Subject] = []
    identifier, url = first("PackageId"), first("RepositoryUrl")
    version = _said(first("Version", "PackageVersion", "VersionPrefix"))
    if identifier is not None and _said(first("IsPackable")).lower() != "false":
        subjects += package("nuget", _said(identifier), version, "project file", document.place(at(identifier)))
    if url is not None:
        subjects += repository_at(url.text, "project file", document.place(at(url)))

    def brought(each: etree._Element) -> bool:  # for the build only
        return (each.get("PrivateAssets") or _said(each.find("{*}PrivateAssets"))).strip().lower() == "all"

    return subjects, [
        dependency("nuget", each.get("Include", ""), brought(each), document, at(each))
        for each in root.iter("{*}PackageReference")
        if each.get("Include")
    ]


def _pom(document: Document, root: etree._Element, at: Callable[[etree._Element], Located]) -> Read:
    def named(element: etree._Element, name: str) -> str:
        """Of the artifact, or of its parent."""
        own = element.find("{*}" + name)
        return _said(own if own is not None else element.find("{*}parent/{*}" + name))

    def coordinates(element: etree._Element) -> str:
        group, artifact = named(element, "groupId"), _said(element.find("{*}artifactId"))
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
