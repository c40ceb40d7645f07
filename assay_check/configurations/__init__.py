"""Configurations as their clients read them: a path in, entries with their subjects and lines out.

    bytes → text → tree (JSON, YAML, TOML) or lines → the first reader that recognises the form → entries

Invariant: a file with nothing in it and a file that could not be read are distinguished; nothing that is read is run.
"""

import hashlib
from dataclasses import replace
from pathlib import Path, PurePath

from assay_check.configurations import bundle_manifests, claude_settings, client_configs, lock_files, package_lists
from assay_check.configurations.configuration import Configuration, Form
from assay_check.configurations.json_text import read_json
from assay_check.configurations.skills import read_skills
from assay_check.configurations.toml_text import read_toml
from assay_check.configurations.tree import MOST_BYTES, Document, Node, Problem, decoded
from assay_check.configurations.yaml_text import read_yaml
from assay_check.errors import BadInput

__all__ = ["Configuration", "read_configuration", "read_path"]

TREES: tuple[Form[Node], ...] = (
    *bundle_manifests.TREES,
    *lock_files.TREES,
    claude_settings.MARKETPLACE,
    client_configs.CLAUDE_USER,
    claude_settings.SETTINGS,
    *client_configs.FORMS,
    *client_configs.ANY_SERVERS,
)
_READERS = {
    **dict.fromkeys((".json", ".jsonc", ".json5", ".code-workspace"), read_json),
    **dict.fromkeys((".yaml", ".yml"), read_yaml),
    ".toml": read_toml,
}


def read_path(path: Path) -> list[Configuration]:
    """A file, or a folder of skills. Raises `BadInput` when there is nothing to read."""
    if path.is_dir():
        found = read_skills(path)
        if not found:
            raise BadInput("no SKILL.md below this folder", subject=str(path), next_step="name a configuration file")
        return found
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        problem = error.strerror or "this file cannot be read"
        raise BadInput(problem, subject=str(path), next_step="name a configuration file") from None
    return [read_configuration(str(path), body)]


def read_configuration(path: str, body: bytes) -> Configuration:
    """The entries of a file by its name and bytes. Never raises on what the bytes are."""
    digest = hashlib.sha256(body).hexdigest()
    if len(body) > MOST_BYTES:
        return Configuration(path, "unknown", (), (Problem(0, "too large: not read"),), digest)
    name, text = PurePath(path.replace("\\", "/")), decoded(body)
    if name.name == "SKILL.md":
        return Configuration(path, "skill", (), (Problem(0, "name the folder that holds the skill"),), digest)
    document = _tree(name, text)
    if document is None:
        reader = next((reader for reader in package_lists.TEXTS if reader.recognises(name, text)), None)
        if reader is None:
            return Configuration(path, "unknown", (), (Problem(0, "no form of configuration that is known"),), digest)
        return Configuration(path, reader.form, tuple(reader.entries(text)), (), digest)
    if document.root is None:
        return Configuration(path, "unknown", (), document.problems, digest)
    chosen = next(reader for reader in TREES if reader.recognises(name, document.root))
    entries = tuple(replace(entry, path=entry.path or entry.name) for entry in chosen.entries(document.root))
    return Configuration(path, chosen.form, entries, document.problems, digest)


def _tree(name: PurePath, text: str) -> Document | None:
    """The tree of a structured file, by its ending or by its first character; None for plain text."""
    if name.suffix == ".lock":
        readers = {"yarn.lock": None, "Pipfile.lock": read_json, "bun.lock": read_json}
        reader = readers.get(name.name, read_toml)
        return reader(text) if reader else None
    reader = _READERS.get(name.suffix.lower())
    if reader is not None:
        return reader(text)
    return read_json(text) if text.lstrip().startswith(("{", "//", "/*")) else None
