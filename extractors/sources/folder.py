"""Agents that lie in folders: a clone, a download, an export.

Idea: each folder that holds documents of its own is an agent, read by `read_folder`; nothing is fetched.
Invariant: the same code reads a folder here and for `--documents`.
"""

from __future__ import annotations

from pathlib import Path

from extractors.listing import Listing
from extractors.pages.local_folder import FolderRead, name_of, read_folder
from extractors.sources import Get, Walk
from scoring.errors import BadInput


class Folder:
    """One agent, or a folder of agents when `each` is set."""

    def __init__(self, name: str, location: str, *, each: bool = False) -> None:
        self.name = name
        self.location = Path(location)
        self.each = each

    def parse(self, body: bytes, url: str = "") -> tuple[Listing, ...]:
        raise BadInput("a folder is walked, not parsed", subject=self.name, step="listings")

    async def walk(self, get: Get) -> Walk:
        found: list[Listing] = []
        problems: list[str] = []
        for folder in self.folders():
            try:
                found.append(self.read(folder).listing)
            except BadInput as error:
                problems.append(str(error))
        return Walk(tuple(found), (), tuple(problems))

    def folders(self) -> tuple[Path, ...]:
        if not self.each:
            return (self.location,)
        if not self.location.is_dir():
            raise BadInput("no such folder", subject=str(self.location), step="listings")
        return tuple(sorted(path for path in self.location.iterdir() if path.is_dir() and path.name[0] != "."))

    def folder_of(self, agent: Listing) -> Path | None:
        """Where the agent's documents are; None when its folder is gone."""
        return next((folder for folder in self.folders() if folder.is_dir() and name_of(folder) == agent.name), None)

    def read(self, folder: Path) -> FolderRead:
        """The documents themselves."""
        read = read_folder(folder)
        return read._replace(listing=read.listing.model_copy(update={"source": self.name}))
