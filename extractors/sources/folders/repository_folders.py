"""A repository that is a collection: each folder that states what lies in it is an agent.

Idea: one call for the tree names every `SKILL.md`, `plugin.json` and `server.yaml`; the folder around it is the agent,
its files are read when it is due. Invariants: a folder inside an agent's folder is none; a tree that was cut short, or
that names no such folder, is a problem.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

from extractors.listing import Listing
from extractors.sources import Asking, Get, Walk, body_of, problem_of
from extractors.sources.folders.folder_kinds import kind_by_paths
from extractors.sources.git_forge import Forge, Place
from extractors.sources.listing_entry import listing
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind


class RepositoryFolders:
    def __init__(
        self, name: str, locations: Sequence[str], *, kind: AgentKind | None = None, forge: Forge | None = None
    ) -> None:
        self.name = name
        self.locations = tuple(locations)
        self.kind = kind
        self.forge = forge or Forge()

    def _in(self, place: Place, body: bytes, url: str) -> tuple[Listing, ...]:
        try:
            answer = json.loads(body)
            paths = [str(entry["path"]) for entry in answer["tree"] if entry.get("type") == "blob"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadInput("no tree in the answer", subject=url, step="listings") from error
        below = f"{place.inside}/" if place.inside else ""
        inside: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            if path.startswith(below):
                parts = path[len(below) :].split("/")
                for depth in range(1, len(parts)):
                    inside["/".join(parts[:depth])].append("/".join(parts[depth:]))
        found: dict[str, Listing] = {}
        for folder in sorted(inside, key=lambda path: (path.count("/"), path)):
            kind = kind_by_paths(inside[folder])
            around = any(folder.startswith(f"{known}/") for known in found)
            if kind is not None and not around and not folder.rsplit("/", 1)[-1].startswith("."):
                address = f"{self.forge.web_url(place)}/tree/{place.ref}/{below}{folder}"
                one = listing(folder.rsplit("/", 1)[-1], self.name, kind=self.kind or kind)
                found[folder] = one.model_copy(update={"repository": address})
        if not found:
            raise BadInput(
                "no folder with a SKILL.md, a plugin.json, a server.json or an agent card",
                subject=url,
                step="listings",
                next_step="leave out each=true to read it as one agent",
            )
        return tuple(found.values())

    async def walk(self, get: Get) -> Walk:
        asking = Asking(get)
        for location in self.locations:
            place = self.forge.place(location)
            if place is None:
                asking.problems.append(f"{self.name}: {location} is no repository of the forge")
                continue
            place, fetched = await self.forge.tree(place, get)
            asking.asked.append(fetched)
            body = body_of(fetched)
            if body is None:
                asking.problems.append(problem_of(fetched))
                continue
            try:
                asking.found += self._in(place, body, location)
            except BadInput as error:
                asking.problems.append(str(error))
            if b'"truncated":true' in body.replace(b" ", b""):
                asking.problems.append(f"{location}: the forge cut its tree short")
        return asking.walk()
