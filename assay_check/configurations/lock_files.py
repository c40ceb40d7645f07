"""Manifests and lock files: each package with its locked version, from where the file says that it comes.

Invariant: a package of a folder, a workspace or a repository is never one of a registry, and the registry is that of
the file's own ecosystem.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath

from assay_check import purl
from assay_check.command_lines import package_specifiers
from assay_check.configurations.configuration import Form, form_of
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
        return package_specifiers.git(source)
    return package_specifiers.safely("npm", f"{name}@{version}")


def _package_lock(root: Node) -> Iterator[Entry]:
    """`packages` by folder, before version 2 `dependencies` within each other."""
    if root.at("packages") is None:
        yield from _nested(root, "", 0)
    for place, line, node in root.members("packages"):
        name, version = node.text("name") or place.rpartition("node_modules/")[2], node.text("version")
        if "node_modules/" in place and name and version:
            yield _entry(name, line, _npm(name, version, node.text("resolved") or ""), f"packages.{place}")


def _nested(node: Node, path: str, depth: int) -> Iterator[Entry]:
    for name, line, inner in node.members("dependencies") if depth < MOST_DEPTH else ():
        place, version = f"{path}dependencies.{name}", inner.text("version") or ""
        yield _entry(name, line, _npm(name, version, version if ":" in version else ""), place)
        yield from _nested(inner, f"{place}.", depth + 1)


def _package_manifest(root: Node) -> Iterator[Entry]:
    """Dependencies with the ranges that they ask for."""
    for group in ("dependencies", "devDependencies", "optionalDependencies"):
        for name, line, node in root.members(group):
            yield _entry(name, line, _npm(name, node.value if isinstance(node.value, str) else ""), f"{group}.{name}")


def _pnpm_lock(root: Node) -> Iterator[Entry]:
    """Keys `name@version`, `/name@version(peers)` or, before version 6, `/name/version_peers`."""
    for key, line, _ in root.members("packages"):
        old = re.fullmatch(r"/((?:@[^/]+/)?[^/@]+)/([^/_(]+)[^/]*", key)
        name, version = old.groups() if old else _name_and_version(key.lstrip("/").partition("(")[0])
        source = version if "://" in version else ""
        source = re.sub(r"^https://codeload\.github\.com/([^/]+/[^/]+)/tar\.gz/", r"github:\1#", source)
        yield _entry(f"{name}@{version}", line, _npm(name, version, source), f"packages.{name}@{version}")


def _bun_lock(root: Node) -> Iterator[Entry]:
    """`packages` by name, the first element of each `name@version`."""
    for key, line, node in root.members("packages"):
        name, version = _name_and_version(str(next((item.value for item in node.items()), "")))
        yield _entry(key, line, _npm(name, version, version), f"packages.{key}")


def _name_and_version(text: str) -> tuple[str, str]:
    """`@scope/name@version` apart."""
    head, _, version = text[1:].partition("@")
    return text[:1] + head, version


def _pipfile_lock(root: Node) -> Iterator[Entry]:
    """Two groups of names with `==version`."""
    for group in ("default", "develop"):
        for name, line, node in root.members(group):
            git = node.text("git")
            subject = package_specifiers.git(git, node.text("ref")) if git else None
            if node.text("path", "file"):
                subject = local(name, _FOLDER)
            made = subject or package_specifiers.safely("pypi", f"{name}{node.text('version') or ''}")
            yield _entry(name, line, made, f"{group}.{name}")


def _cargo_lock(root: Node) -> Iterator[Entry]:
    """A crate without a source is one of the folder."""
    for name, node in _tables(root):
        source = node.text("source") or ""
        if source.startswith("git+"):
            subject = package_specifiers.git(source)
        elif re.search(r"github\.com/rust-lang/crates\.io-index|index\.crates\.io", source):
            subject = _built("cargo", name, node.text("version"))
        else:
            subject = local(name, "a crate of a registry that is not public" if source else _FOLDER)
        yield _entry(name, node.line, subject, f"package.{name}")


def _python_lock(root: Node) -> Iterator[Entry]:
    """Tables of name and version, with or without a source."""
    for name, node in _tables(root):
        source = node.at("source") or node.at("vcs") or node
        kind = source.text("type")
        git = source.text("url") if kind == "git" else source.text("git")
        if git:
            subject = package_specifiers.git(
                git, source.text("resolved_reference", "commit-id") or node.text("revision")
            )
        elif kind in _FOLDERS or (kind is None and any(map(source.at, _FOLDERS))):
            subject = local(name, _FOLDER)
        else:
            subject = _built("pypi", name, node.text("version"))
        yield _entry(name, node.line, subject, f"package.{name}")


_FOLDERS = ("editable", "virtual", "directory", "path", "file", "url")


def _built(kind: str, name: str, version: str | None) -> Subject:
    try:
        made = purl.pypi(name, version) if kind == "pypi" else purl.build(kind, name, version=version)
    except BadInput:
        return unmatchable(SubjectKind.NONE, "no package name")
    return package(made, version=version)


def _tables(root: Node) -> Iterator[tuple[str, Node]]:
    """Name and table of each package; the table's line is that of its name."""
    for node in root.items("package") + root.items("packages"):
        name = node.at("name")
        if name is not None and isinstance(name.value, str):
            yield name.value, Node(name.line, node.value, node.key_lines)


_HEADER = re.compile(r"\"?(@?[^@\s\",]++)@([^\n]*):\s*$")
_FIELD = re.compile(r"\s+(version|resolved|resolution):?\s+\"?([^\s\"]++)\"?\s*$")


def _yarn_lock(text: str) -> Iterator[Entry]:
    """Of either version: a header line with the names, then the version and where it comes from."""
    blocks: list[tuple[str, str, int, dict[str, str]]] = []
    for number, content in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(content):
            blocks.append((header.group(1), header.group(2), number, {}))
        elif blocks and (field := _FIELD.match(content)):
            blocks[-1][3].setdefault(*field.groups())
    for name, requested, line, fields in blocks:
        if (version := fields.get("version")) is not None and not name.startswith("__"):
            yield _entry(name, line, _yarn_subject(name, requested, version, fields), name)


def _yarn_subject(name: str, requested: str, version: str, fields: dict[str, str]) -> Subject:
    resolution = fields.get("resolution", "")
    alias = re.match(r"(@?[^@]+)@npm:", resolution) or re.match(r"npm:(@?[^@\s\",]+)@", requested)
    origin = resolution[1:].partition("@")[2] if resolution else fields.get("resolved", "")
    if re.match(r"(?:https?|ssh)://.*\.git(?:#|$)", origin):
        origin = f"git+{origin.replace('#commit=', '#')}"
    return _npm(alias.group(1) if alias else name, version, origin or requested)


_REQUIRED = re.compile(r"\s*+(?:require\s++)?([^\s\"/]++/[^\s\"]++)\s++(v\d[^\s/]*+)(?:\s|$)")
_REPLACED = re.compile(
    r"^[ \t]*+(?:replace[ \t]++)?([^\s\"/]++/[^\s\"]++)(?:[ \t]++v\S++)?[ \t]++=>[ \t]++[./]", re.MULTILINE
)


def _go_modules(text: str) -> Iterator[Entry]:
    """Requirements, each once; a module that a folder replaces is none of a registry."""
    replaced, listed = set(_REPLACED.findall(text)), set()
    for number, content in enumerate(text.split("\n"), 1):
        match = None if "=>" in content else _REQUIRED.match(content)
        if match and match.groups() not in listed:
            listed.add(match.groups())
            module, specifier = match.group(1), "@".join(match.groups())
            subject = local(module, _FOLDER) if module in replaced else package_specifiers.safely("golang", specifier)
            yield _entry(specifier, number, subject, specifier)


def _is_lock(name: PurePath, root: Node) -> bool:
    return "lock" in name.name.lower() and next(_tables(root), None) is not None


TREES: tuple[Form[Node], ...] = (
    form_of("package-lock.json", "package-lock.json", "npm-shrinkwrap.json", entries=_package_lock),
    form_of("package.json", "package.json", entries=_package_manifest),
    form_of("pnpm-lock.yaml", "pnpm-lock.yaml", entries=_pnpm_lock),
    form_of("bun.lock", "bun.lock", entries=_bun_lock),
    form_of("Pipfile.lock", "Pipfile.lock", entries=_pipfile_lock),
    form_of("Cargo.lock", "Cargo.lock", entries=_cargo_lock),
    Form("lock file", _is_lock, _python_lock),
)
TEXTS: tuple[Form[str], ...] = (
    form_of("yarn.lock", "yarn.lock", entries=_yarn_lock),
    form_of("go.mod", "go.mod", "go.sum", entries=_go_modules),
)
