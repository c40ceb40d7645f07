"""Canonical package URLs (ECMA-427) by the packageurl library, with one correction.

The library leaves `/` bare in the values of qualifiers; the standard writes it `%2F`, so every image with a
`repository_url` would get a purl that no other tool writes.
Invariant: `canonical(text)` of a canonical purl is that purl; two spellings of one package give one purl.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from packageurl import PackageURL

from assay_check.endpoints import endpoint
from assay_check.errors import BadInput

_PYPI_SEPARATORS = re.compile(r"[-_]+")


class Image(NamedTuple):
    """A container image as stated: repository with its registry, tag and digest where the reference has them."""

    repository: str
    tag: str | None
    digest: str | None


def canonical(text: str) -> str:
    """The canonical spelling of a purl. Raises `BadInput` for what is none."""
    try:
        return written(PackageURL.from_string(text))
    except (ValueError, TypeError) as error:
        raise BadInput("this is no package URL", next_step="write pkg:TYPE/NAME@VERSION") from error


def written(purl: PackageURL) -> str:
    """The canonical text of a parsed purl: the library's, with `/` in qualifiers as `%2F`."""
    text: str = purl.to_string()
    head, mark, rest = text.partition("?")
    qualifiers, hash_mark, subpath = rest.partition("#")
    return head + mark + qualifiers.replace("/", "%2F") + hash_mark + subpath


def build(
    kind: str,
    name: str,
    *,
    namespace: str | None = None,
    version: str | None = None,
    qualifiers: Mapping[str, str] | None = None,
) -> str:
    """A canonical purl from its parts. Raises `BadInput` when the parts make none."""
    try:
        return written(PackageURL(kind, namespace, name, version, dict(qualifiers or {})))
    except (ValueError, TypeError) as error:
        raise BadInput(f"these parts make no {kind} package URL", next_step="state the package's name") from error


def npm(name: str, version: str | None = None) -> str:
    """`@scope/name` or `name` as npm writes it."""
    scope, slash, bare = name.rpartition("/")
    return build("npm", bare, namespace=scope if slash else None, version=version)


def pypi(name: str, version: str | None = None) -> str:
    """A distribution name; `-` and `_` are one, dots stay."""
    return build("pypi", _PYPI_SEPARATORS.sub("-", name), version=version)


def oci(image: Image) -> str:
    """An image by its repository; the digest is the version, the tag a qualifier."""
    qualifiers = {"repository_url": image.repository}
    if image.tag:
        qualifiers["tag"] = image.tag
    return build("oci", image.repository.rsplit("/", 1)[-1], version=image.digest, qualifiers=qualifiers)


def golang(module: str, version: str | None = None) -> str:
    namespace, _, name = module.rpartition("/")
    return build("golang", name, namespace=namespace or None, version=version)


def looked_up(text: str) -> str:
    """The spelling under which a package is looked up: canonical, an image of Docker's own type as its OCI form.

    Raises `BadInput` for what is no purl.
    """
    made = canonical(text)
    if not made.startswith("pkg:docker/"):
        return made
    parsed = PackageURL.from_string(made)
    host = parsed.qualifiers.get("repository_url") or "docker.io"
    version = parsed.version or ""
    by_digest = version.startswith("sha256:")
    tag = parsed.qualifiers.get("tag") if by_digest else version
    repository = "/".join((host, parsed.namespace or "library", parsed.name)).lower()
    return oci(Image(repository, tag or None, version if by_digest else None))


def public(text: str) -> str:
    """The same without what a lookup does not need and what may be a secret. Raises `BadInput` for what is no purl."""
    parsed = PackageURL.from_string(canonical(text))
    identifying = {key: value for key, value in parsed.qualifiers.items() if key in ("repository_url", "tag")}
    if address := endpoint(parsed.qualifiers.get("download_url", "")).address:
        identifying["download_url"] = address
    return written(PackageURL(parsed.type, parsed.namespace, parsed.name, parsed.version, identifying))


def without_version(purl: str) -> str:
    """The same package with no version, tag or digest stated: what all records about it share. Raises `BadInput`.

    A download that no registry keeps (`generic`) is the same only at its address; `-`, `_` and `.` are one on PyPI.
    """
    parsed = PackageURL.from_string(looked_up(purl))
    identifying = ("repository_url", "download_url") if parsed.type == "generic" else ("repository_url",)
    qualifiers = {key: value for key, value in parsed.qualifiers.items() if key in identifying}
    if parsed.type == "generic" and not qualifiers:
        raise BadInput("a generic package without its address is a bare name", next_step="state its download_url")
    name = re.sub(r"[-_.]+", "-", parsed.name) if parsed.type == "pypi" else parsed.name
    return written(PackageURL(parsed.type, parsed.namespace, name, None, qualifiers))


def version_of(purl: str) -> str | None:
    version: str | None = PackageURL.from_string(purl).version
    return version
