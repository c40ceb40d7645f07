"""Manifests and lock files: each package with its locked version, from where the file says that it comes.

Invariant: a package of a folder, a workspace or a repository is never one of a registry, and the registry is that of
the file's own ecosystem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from assay_check import purl
from assay_check.command_lines import specifiers
from assay_check.configurations.tree import MOST_DEPTH, Node
from assay_check.errors import BadInput
from assay_check.redaction import shown
from assay_check.subjects import Entry, Subject, SubjectKind, local, package, unmatchable

_FOLDER = "a folder of the buyer's own machine"


def _entry(name: str, line: int, subject: Subject, path: str) -> Entry:
    return Entry(shown(name), line, "package", subject, path=shown(path, 400))


def _npm(name: str, version: str, source: str = "") -> Subject:
    """`source`: the address from which the file says that it comes, if any."""
    if re.match(r"(?:file|link|workspace|portal|root):", source or version):
        return local(name, _FOLDER)
    if re.match(r"git[+@:]|github:", source):
        return specifiers.git(source)
    return specifiers.safely("npm", f"{name}@{version}")


class PackageLock:
    """`package-lock.json`: `packages` by folder, before version 2 `dependencies` within each other."""

    form = "package-lock.json"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name in ("package-lock.json", "npm-shrinkwrap.json")

    def entries(self, root: Node) -> list[Entry]:
        packages = root.at("packages")
        if packages is None:
            return list(self._nested(root, "", 0))
        found = []
        for place, line, node in packages.members():
            name, version = node.text("name") or place.rpartition("node_modules/")[2], node.text("version")
            if "node_modules/" in place and name and version:
                found.append(_entry(name, line, _npm(name, version, node.text("resolved") or ""), f"packages.{place}"))
        return found

    def _nested(self, node: Node, path: str, depth: int) -> Iterator[Entry]:
        below = node.at("dependencies")
        for name, line, inner in below.members() if below is not None and depth < MOST_DEPTH else ():
            place, version = f"{path}dependencies.{name}", inner.text("version") or ""
            yield _entry(name, line, _npm(name, version, version if ":" in version else ""), place)
            yield from self._nested(inner, f"{place}.", depth + 1)


class PackageManifest:
    """`package.json`: dependencies with the ranges that they ask for."""

    form = "package.json"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name == "package.json"

    def entries(self, root: Node) -> list[Entry]:
        found = []
        for group in ("dependencies", "devDependencies", "optionalDependencies"):
            below = root.at(group)
            for name, line, node in below.members() if below is not None else ():
                asked = node.value if isinstance(node.value, str) else ""
                found.append(_entry(name, line, _npm(name, asked), f"{group}.{name}"))
        return found


class PnpmLock:
    """`pnpm-lock.yaml`: keys `name@version`, `/name@version(peers)` or, before version 6, `/name/version_peers`."""

    form = "pnpm-lock.yaml"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name == "pnpm-lock.yaml"

    def entries(self, root: Node) -> list[Entry]:
        found = []
        packages = root.at("packages")
        for key, line, _ in packages.members() if packages is not None else ():
            old = re.fullmatch(r"/((?:@[^/]+/)?[^/@]+)/([^/_(]+)[^/]*", key)
            name, version = old.groups() if old else self._parts(key)
            source = version if "://" in version else ""
            source = re.sub(r"^https://codeload\.github\.com/([^/]+/[^/]+)/tar\.gz/", r"github:\1#", source)
            found.append(_entry(f"{name}@{version}", line, _npm(name, version, source), f"packages.{name}@{version}"))
        return found

    def _parts(self, key: str) -> tuple[str, str]:
        name, _, version = key.lstrip("/").partition("(")[0].lstrip("@").partition("@")
        return ("@" if key.lstrip("/").startswith("@") else "") + name, version


class BunLock:
    """`bun.lock`: `packages` by name, the first element of each `name@version`."""

    form = "bun.lock"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name == "bun.lock"

    def entries(self, root: Node) -> list[Entry]:
        packages = root.at("packages")
        found = []
        for key, line, node in packages.members() if packages is not None else ():
            stated = next((item.value for item in node.items()), "")
            head, _, version = str(stated)[1:].partition("@")
            found.append(_entry(key, line, _npm(str(stated)[:1] + head, version, version), f"packages.{key}"))
        return found


class PythonLock:
    """`Pipfile.lock`: two groups of names with `==version`."""

    form = "Pipfile.lock"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name == "Pipfile.lock"

    def entries(self, root: Node) -> list[Entry]:
        found = []
        for group in ("default", "develop"):
            below = root.at(group)
            for name, line, node in below.members() if below is not None else ():
                git, version = node.text("git"), node.text("version") or ""
                if node.text("path", "file"):
                    subject = local(name, _FOLDER)
                else:
                    git_or_version = specifiers.git(git, node.text("ref")) if git else None
                    subject = git_or_version or specifiers.safely("pypi", f"{name}{version}")
                found.append(_entry(name, line, subject, f"{group}.{name}"))
        return found


class CargoLock:
    """`Cargo.lock`: a crate without a source is one of the folder."""

    form = "Cargo.lock"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return name.name == "Cargo.lock"

    def entries(self, root: Node) -> list[Entry]:
        found = []
        for name, node in _tables(root):
            source = node.text("source") or ""
            if source.startswith("git+"):
                subject = specifiers.git(source)
            elif re.search(r"github\.com/rust-lang/crates\.io-index|index\.crates\.io", source):
                subject = _built("cargo", name, node.text("version"))
            else:
                why = "a crate of a registry that is not public" if source else _FOLDER
                subject = local(name, why)
            found.append(_entry(name, node.line, subject, f"package.{name}"))
        return found


class TomlLock:
    """`uv.lock`, `poetry.lock`, `pdm.lock` and `pylock.toml`: tables of name and version, with or without a source."""

    form = "lock file"

    def recognises(self, name: PurePath, root: Node) -> bool:
        return bool(_tables(root)) and "lock" in name.name.lower()

    def entries(self, root: Node) -> list[Entry]:
        found = []
        for name, node in _tables(root):
            source = node.at("source") or node.at("vcs") or node
            kind, git = source.text("type"), source.text("git")
            if kind == "git":
                git = source.text("url")
            if git:
                subject = specifiers.git(git, source.text("resolved_reference", "commit-id") or node.text("revision"))
            elif kind in _FOLDERS or (kind is None and any(map(source.at, _FOLDERS))):
                subject = local(name, _FOLDER)
            else:
                subject = _built("pypi", name, node.text("version"))
            found.append(_entry(name, node.line, subject, f"package.{name}"))
        return found


_FOLDERS = ("editable", "virtual", "directory", "path", "file", "url")


def _built(kind: str, name: str, version: str | None) -> Subject:
    try:
        made = purl.pypi(name, version) if kind == "pypi" else purl.build(kind, name, version=version)
    except BadInput:
        return unmatchable(SubjectKind.NONE, "no package name")
    return package(made, version=version)


def _tables(root: Node) -> list[tuple[str, Node]]:
    """Name and table of each package; the table's line is that of its name."""
    found = []
    for node in root.items_at("package") + root.items_at("packages"):
        name = node.at("name")
        if name is not None and isinstance(name.value, str):
            found.append((name.value, Node(name.line, node.value, node.key_lines)))
    return found


class YarnLock:
    """`yarn.lock` of either version: a header line with the names, then the version and where it comes from."""

    form = "yarn.lock"
    _HEADER = re.compile(r"\"?(@?[^@\s\",]++)@([^\n]*):\s*$")
    _FIELD = re.compile(r"\s+(version|resolved|resolution):?\s+\"?([^\s\"]++)\"?\s*$")

    def recognises(self, name: PurePath, text: str) -> bool:
        return name.name == "yarn.lock"

    def entries(self, text: str) -> list[Entry]:
        found: list[Entry] = []
        blocks: list[tuple[str, str, int, dict[str, str]]] = []
        for number, content in enumerate(text.split("\n"), 1):
            if header := self._HEADER.match(content):
                blocks.append((header.group(1), header.group(2), number, {}))
            elif blocks and (field := self._FIELD.match(content)):
                blocks[-1][3].setdefault(*field.groups())
        for name, asked, line, fields in blocks:
            version = fields.get("version")
            if version is not None and not name.startswith("__"):
                found.append(_entry(name, line, self._subject(name, asked, version, fields), name))
        return found

    def _subject(self, name: str, asked: str, version: str, fields: dict[str, str]) -> Subject:
        resolution = fields.get("resolution", "")
        alias = re.match(r"(@?[^@]+)@npm:", resolution) or re.match(r"npm:(@?[^@\s\",]+)@", asked)
        origin = resolution[1:].partition("@")[2] if resolution else fields.get("resolved", "")
        if re.match(r"(?:https?|ssh)://.*\.git(?:#|$)", origin):
            origin = f"git+{origin.replace('#commit=', '#')}"
        return _npm(alias.group(1) if alias else name, version, origin or asked)


class GoModules:
    """`go.mod` requirements and `go.sum` lines; a module that a folder replaces is none of a registry."""

    form = "go.mod"
    _LINE = re.compile(r"\s*+(?:require\s++)?([^\s\"/]++/[^\s\"]++)\s++(v\d[^\s/]*+)(?:\s|$)")
    _REPLACED = re.compile(
        r"^[ \t]*+(?:replace[ \t]++)?([^\s\"/]++/[^\s\"]++)(?:[ \t]++v\S++)?[ \t]++=>[ \t]++[./]", re.MULTILINE
    )

    def recognises(self, name: PurePath, text: str) -> bool:
        return name.name in ("go.mod", "go.sum")

    def entries(self, text: str) -> list[Entry]:
        replaced = set(self._REPLACED.findall(text))
        found: dict[str, Entry] = {}
        for number, content in enumerate(text.split("\n"), 1):
            match = self._LINE.match(content)
            if match and "=>" not in content:
                module, specifier = match.group(1), f"{match.group(1)}@{match.group(2)}"
                subject = local(module, _FOLDER) if module in replaced else specifiers.safely("golang", specifier)
                found.setdefault(specifier, _entry(specifier, number, subject, specifier))
        return list(found.values())
