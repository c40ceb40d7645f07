"""Plugin marketplaces: `.claude-plugin/marketplace.json` and its like, one entry a plugin.

Idea: an entry says where its plugin is: another repository, a folder of one, a package, or a folder of the
marketplace's own repository. Invariants: each entry is a plugin known by its name in the marketplace; a plugin that the
marketplace has withdrawn is left out and counted.
"""

import json
import re
from typing import Any

from extractors.listing import Listing
from extractors.sources import Get, Walk, walk_file
from extractors.sources.git_forge import Forge, linked
from extractors.sources.listing_entry import Link, kind_of, listing, web_address
from extractors.sources.registries.paging import json_of
from extractors.sources.registries.record_kinds import not_of_this_kind
from extractors.sources.registries.registry_entries import withdrawn
from scoring.vocabulary import AgentKind

FILE = ".claude-plugin/marketplace.json"
_SSH = re.compile(r"(?:ssh://)?git@([\w.-]+)[:/]")
_PACKAGES = {
    "npm": "https://www.npmjs.com/package/",
    "pip": "https://pypi.org/project/",
    "pypi": "https://pypi.org/project/",
}


class PluginMarketplace:
    """`location` is the file, or a repository that holds it at its usual place."""

    def __init__(self, name: str, location: str, *, forge: Forge | None = None) -> None:
        self.name = name
        self.location = location
        self.forge = forge or Forge()

    async def walk(self, get: Get) -> Walk:
        return await walk_file(get, self.forge.raw_file(self.location, FILE), self.read)

    def read(self, body: bytes, url: str) -> Walk:
        page = json_of(body, url)
        if not isinstance(page, dict) or not isinstance(page.get("plugins"), list):
            raise not_of_this_kind("plugin marketplace", page, url)
        walk = Walk()
        renamed: dict[str, list[str]] = {}
        for old, new in page["renames"].items() if isinstance(page.get("renames"), dict) else ():
            renamed.setdefault(str(new), []).append(str(old))
        about = page.get("metadata")
        root = str(about.get("pluginRoot") or "") if isinstance(about, dict) else ""
        for plugin in page["plugins"]:
            if not isinstance(plugin, dict) or not isinstance(plugin.get("name"), str) or not plugin["name"].strip():
                walk.left_out["an entry without a name"] += 1
            elif status := withdrawn([plugin]):
                walk.left_out[f"its source says that it is {status}"] += 1
            else:
                walk.listings.append(self._listing(plugin, url, root, renamed.get(plugin["name"], [])))
        if page["plugins"] and not walk.listings:
            walk.problems.append(f"{url}: none of {len(page['plugins'])} plugins can be listed")
        return walk

    def _listing(self, plugin: dict[str, Any], url: str, root: str, before: list[str]) -> Listing:
        place = self._place(plugin.get("source"), url, root) or web_address(_address(plugin.get("repository")))
        title = plugin.get("displayName")
        return listing(
            title if isinstance(title, str) and title.strip() else plugin["name"],
            self.name,
            heading_url=place,
            links=[Link("website", web_address(plugin.get("homepage")))],
            kind=kind_of(plugin.get("kind")) or AgentKind.PLUGIN,
            aliases=[plugin["name"], *before],
            entry=json.dumps(plugin, ensure_ascii=False, indent=1),
            identity=plugin["name"],
        )

    def _place(self, source: Any, url: str, root: str) -> str:
        """Where the plugin is: `…/tree/ref/folder` of a repository, or a package's page."""
        if isinstance(source, str):
            return self._own(source, url, root) if "://" not in source else web_address(source.removesuffix(".git"))
        if not isinstance(source, dict):
            return ""
        kind = str(source.get("source") or source.get("type") or "")
        if kind in _PACKAGES:
            return web_address(f"{_PACKAGES[kind]}{source.get('package') or source.get('name') or ''}")
        repository = _address(source.get("url") or source.get("repo") or source.get("repository"))
        if re.fullmatch(r"[\w.-]{1,100}/[\w.-]{1,100}", repository):
            repository = f"{self.forge.web}/{repository}"
        repository = web_address(_SSH.sub(r"https://\1/", repository)).removesuffix(".git").rstrip("/")
        folder = str(source.get("path") or source.get("subdir") or "").strip("./ ").strip("/")
        pinned = (source.get("sha") or source.get("commit")) if folder or source.get("ref") else None
        at = pinned or source.get("ref")
        if not repository or (not folder and not at):
            return repository if repository or not folder else self._own(folder, url, root)
        return web_address(f"{repository}/tree/{at or 'HEAD'}/{folder}".rstrip("/"))

    def _own(self, folder: str, url: str, root: str) -> str:
        """A folder of the marketplace's own repository."""
        up = "../" if re.search(r"/\.[\w-]+/[^/]+$", url) else ""
        inside = f"{root.strip('/')}/{folder.removeprefix('./')}" if root and "/" not in folder.strip("./") else folder
        return linked(f"{up}{inside.removeprefix('/')}".removesuffix("/") + "/", self.forge.page_of(url)).rstrip("/")


def _address(value: Any) -> str:
    value = value.get("url") if isinstance(value, dict) else value
    return value.strip() if isinstance(value, str) else ""
