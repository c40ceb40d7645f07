"""Agents that lie in folders: a clone, a download, an export, a registry kept as files.

Idea: each folder that holds documents of its own is an agent, read by `read_folder`; where there are no folders, each
record's file is one; nothing is fetched. Invariants: the same code reads a folder here and for `--documents`; the kind
is what the folder's own files state, unless it is given.
"""

import re
from pathlib import Path

from extractors.listing import Listing
from extractors.pages.local_folder import FolderRead, name_of, read_folder
from extractors.sources import Get, Walk
from extractors.sources.folders.folder_kinds import kind_in
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

_RECORD = re.compile(
    r"\A(?!readme|contributing|license|changelog|index|_)[^.].*\.(?:ya?ml|json|toml|md)", re.IGNORECASE
)


class Folder:
    """One agent, or a folder of agents when `each` is set."""

    def __init__(self, name: str, location: str, *, each: bool = False, kind: AgentKind | None = None) -> None:
        self.name = name
        self.location = Path(location)
        self.each = each
        self.kind = kind

    async def walk(self, get: Get) -> Walk:
        walk = Walk()
        folders = self.folders()
        for folder in folders:
            try:
                walk.listings.append(self.read(folder).listing)
            except BadInput as error:
                walk.problems.append(str(error))
        if self.each and not folders and any(self.location.iterdir()):
            walk.problems.append(
                f"{self.location}: no folder and no record lies in it; leave out each=true to read it as one"
            )
        return walk

    def folders(self) -> tuple[Path, ...]:
        """The folder of each agent; or its file, where there are no folders."""
        if not self.each:
            return (self.location,)
        if not self.location.is_dir():
            raise BadInput("no such folder", subject=str(self.location), step="listings")
        inside = sorted(path for path in self.location.iterdir() if path.name[0] != ".")
        folders = tuple(path for path in inside if path.is_dir())
        return folders or tuple(path for path in inside if path.is_file() and _RECORD.fullmatch(path.name))

    def folder_of(self, agent: Listing) -> Path | None:
        """Where the agent's documents are; None when its folder is gone."""
        return next((folder for folder in self.folders() if folder.exists() and name_of(folder) == agent.name), None)

    def read(self, folder: Path) -> FolderRead:
        """The documents themselves."""
        read = read_folder(folder)
        stated = {"source": self.name, "kind": self.kind or kind_in(folder)}
        return read._replace(listing=read.listing.model_copy(update=stated))
