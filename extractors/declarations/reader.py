"""All readers over the files of one product.

Invariants: the same files in the same order give the same facts; a file that no reader knows, or that does not parse,
gives none; what a client would start is the product's own only if its own manifests or its repository name it.
"""

from collections.abc import Sequence
from functools import lru_cache

from packageurl import PackageURL

from extractors.declarations.facts import Declarations, SourceFile, Subject, SubjectKind, merged
from extractors.declarations.formats import (
    agent_card_and_oasf,
    client_config,
    container,
    dump,
    environment_variables,
    front_matter,
    package_manifest,
    plugin_and_mcpb,
    server_json,
    statements,
)
from extractors.declarations.formats.readme import readme
from extractors.declarations.located import Document
from extractors.declarations.program_text.tools import read_source
from extractors.program_paths import is_program

READERS = (
    server_json,
    dump,
    agent_card_and_oasf,
    plugin_and_mcpb,
    front_matter,
    package_manifest,
    client_config,
    container,
    environment_variables,
    readme,
    statements,
)
"""One module a kind of file: `applies` is cheap and looks at the path first; `read` raises for nothing a file holds."""


def read_declarations(files: Sequence[SourceFile], repository: str = "") -> Declarations:
    """All facts of one product's files. `repository`: its address, which shows images and packages that are its own."""
    found = merged([*(_read(file) for file in files if not is_program(file.path)), read_source(files)])
    return found._replace(
        subjects=_settled(found.subjects, repository, {file.path.rsplit("/", 1)[-1] for file in files})
    )


@lru_cache(maxsize=64)
def _read(file: SourceFile) -> Declarations:
    """Of one file: asked for twice a look, for the subjects and for the claims."""
    document = Document(file)
    return merged([Declarations(), *(reader.read(document) for reader in READERS if reader.applies(document))])


_MANIFESTS = {"npm": "package.json", "pypi": "pyproject.toml", "cargo": "Cargo.toml", "golang": "go.mod"}


def _settled(subjects: Sequence[Subject], repository: str, names: set[str]) -> tuple[Subject, ...]:
    """Each subject once. Packages that only a client's configuration names are own if a manifest names them too, or if
    there is none and the repository bears the name; beside a version, the same package without one says nothing."""
    packages = [subject for subject in subjects if subject.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE)]
    own = {_unversioned(subject.value) for subject in packages if subject.own}
    versioned = {_unversioned(subject.value) for subject in packages if subject.own and subject.version}
    parts = [part.lower() for part in repository.removesuffix(".git").rstrip("/").split("/")[-2:] if part]
    settled: dict[tuple[str, str], Subject] = {}
    for subject in subjects:
        if subject in packages and not subject.own:
            base = _unversioned(subject.value)
            if base in versioned and subject.version is None:
                continue
            alone = _MANIFESTS.get(subject.ecosystem) not in names
            subject = subject.model_copy(update={"own": base in own or _bears(subject.value, parts, alone)})
        settled.setdefault((subject.value, subject.kind), subject)
    return tuple(settled.values())


def _unversioned(value: str) -> str:
    parsed = PackageURL.from_string(value)
    place = dict(parsed.qualifiers or {}).get("repository_url", "")
    return f"{parsed.type}/{parsed.namespace}/{parsed.name}/{place}"


def _bears(value: str, repository: list[str], alone: bool) -> bool:
    """`pkg:oci/server?repository_url=ghcr.io/owner/repo` bears the repository `owner/repo`."""
    if len(repository) < 2:
        return False
    owner, name = repository
    parsed = PackageURL.from_string(value)
    space = (parsed.namespace or "").lower().lstrip("@")
    place = (dict(parsed.qualifiers or {}).get("repository_url") or "").lower()
    if place.startswith(f"ghcr.io/{owner}/"):
        return True
    return parsed.name.lower() == name and (space == owner or (not space and alone))
