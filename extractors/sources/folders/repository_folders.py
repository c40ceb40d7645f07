"""A repository that is a collection: each folder that states what lies in it is an agent.

Idea: one call for the tree names every `SKILL.md`, `plugin.json` and `server.yaml`; the folder around it is the agent,
its files are read when it is due. Invariants: a folder inside an agent's folder is none; a tree that was cut short, or
that names no such folder, is a problem.
"""

from collections import defaultdict
from collections.abc import Sequence

from extractors.listing import Listing
from extractors.sources import Get, Walk, body_of, problem_of
from extractors.sources.folders.folder_kinds import kind_by_paths
from extractors.sources.git_forge import Forge, Place, Tree, tree_of
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

    async def walk(self, get: Get) -> Walk:
        walk = Walk()
        for location in self.locations:
            place = self.forge.place(location)
            if place is None:
                walk.problems.append(f"{self.name}: {location} is no repository of the forge")
                continue
            place, fetched = await self.forge.tree(place, get)
            walk.answers.append(fetched)
            body = body_of(fetched)
            if body is None:
                walk.problems.append(problem_of(fetched))
                continue
            tree = tree_of(body)
            try:
                walk.listings += self._in(place, tree, location)
            except BadInput as error:
                walk.problems.append(str(error))
            if tree is not None and tree.cut:
                walk.problems.append(f"{location}: the forge cut its tree short")
        return walk

    def _in(self, place: Place, tree: Tree | None, url: str) -> tuple[Listing, ...]:
        if tree is None:
            raise BadInput("no tree in the answer", subject=url, step="listings")
        below = f"{place.inside}/" if place.inside else ""
        inside: defaultdict[str, list[str]] = defaultdict(list)
        for path in (*tree.sizes, *tree.links):
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
                agent = listing(folder.rsplit("/", 1)[-1], self.name, kind=self.kind or kind)
                found[folder] = agent.model_copy(update={"repository": address})
        if not found:
            raise BadInput(
                "no folder with a SKILL.md, a plugin.json, a server.json or an agent card",
                subject=url,
                step="listings",
                next_step="leave out each=true to read it as one agent",
            )
        return tuple(found.values())
