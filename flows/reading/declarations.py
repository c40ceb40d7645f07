"""What an agent's own files declare, made of its stored pages and of the forge's list of all files.

Idea: the tree says which files there are, so that a list of tools can be shown to be whole, or not to be. Invariants: a
file that there is and that was not read leaves the list open; nothing is fetched here; files are read aside, under the
deadline of a page.
"""

from collections.abc import Sequence

from extractors.claims.certainty import is_missing_page
from extractors.listing import Listing
from extractors.model.declared import Declared, DeclaringFile, ReadFrom, read_from
from extractors.model.declared import not_read as unreadable
from extractors.pages.charset import decode
from extractors.pages.deadline import TooCostly
from extractors.pages.page_text import PageText
from extractors.program_paths import is_program
from extractors.sources.git_forge import Forge, Place, Tree, tree_of
from extractors.sources.repository import code_of
from extractors.sources.repository_files import agent_files, declaring_files
from flows.reading.tasks import declared
from flows.reading.time_limited_pool import read_in_process
from flows.settings import Settings
from records.store import Store
from scoring.claims import SourceNotRead
from scoring.errors import NotFound


async def declared_of(
    store: Store, listing: Listing, texts: Sequence[PageText], not_read: Sequence[SourceNotRead], settings: Settings
) -> Declared | None:
    """None where the files declare nothing, or where no page is a file of a repository or folder. Files that cost too
    much to read declare an open list that says so."""
    request = _request(store, listing, texts, not_read, settings)
    if request is None:
        return None
    files, made_from = request
    if made_from not in _MADE:  # asked for twice: whether a draft stands, and for the assessment
        if len(_MADE) >= MOST_KEPT:
            del _MADE[next(iter(_MADE))]
        seconds, size = settings.night.read_seconds, sum(len(file.text) for file in files)
        try:
            _MADE[made_from] = await read_in_process(seconds, size, declared, files, made_from)
        except TooCostly as error:
            _MADE[made_from] = unreadable(error.problem)
    return _MADE[made_from]


MOST_KEPT = 16
_MADE: dict[ReadFrom, Declared | None] = {}


def _request(
    store: Store, listing: Listing, texts: Sequence[PageText], not_read: Sequence[SourceNotRead], settings: Settings
) -> tuple[tuple[DeclaringFile, ...], ReadFrom] | None:
    """The files that declare something, and what else there is to read; None where no page is such a file."""
    known = _code(store, listing, settings)
    files = [
        DeclaringFile(path, text, page)
        for page in texts
        if (path := path_of(store, listing, page.url, settings)) and (text := _text(store, page)) is not None
    ]
    if not files:
        return None
    read = {file.path for file in files}
    missing = [source.url for source in not_read if is_missing_page(source)]
    left: tuple[str, ...] | None = None
    tree = _tree(store, known[1], known[2]) if known is not None else None
    if known is not None and tree is not None:
        left, missing = _left(tree, known[2].inside, read, settings)
    elif known is None:  # a folder: it names what was not read of it
        left = tuple(f"{source.url} was not read" for source in not_read)
    return tuple(files), read_from(files, known[0] if known else "", left, missing)


def path_of(store: Store, listing: Listing, url: str, settings: Settings) -> str:
    """In the product's repository or folder; empty for a page that is no file of it."""
    prefix = f"file:{listing.slug}/"
    if url.startswith(prefix):
        return url.removeprefix(prefix)
    known = _code(store, listing, settings)
    return (known[1].path_of(known[2], url) or "") if known is not None else ""


def _code(store: Store, listing: Listing, settings: Settings) -> tuple[str, Forge, Place] | None:
    """Where the listing has its repository, by the branch of which the forge gave a tree."""
    known = code_of(listing, (settings.night.forge,))
    if known is None or len(places := known[1].places(known[2])) == 1:
        return known
    states = ((place, store.pages.state(known[1].tree_url(place))) for place in places)
    there = next((place for place, state in states if state is not None and state.digest is not None), known[2])
    return known[0], known[1], there


def _text(store: Store, page: PageText) -> str | None:
    try:
        body = store.pages.body(page.page_digest)
        charset = store.pages.snapshot(page.url, page.page_digest).charset
    except NotFound:
        return None
    return decode(body, charset)


def _tree(store: Store, forge: Forge, place: Place) -> Tree | None:
    """As the forge gave it last; None where it never did."""
    state = store.pages.state(forge.tree_url(place))
    try:
        return tree_of(store.pages.body(state.digest)) if state is not None and state.digest is not None else None
    except NotFound:
        return None


def _left(tree: Tree, inside: str, read: set[str], settings: Settings) -> tuple[tuple[str, ...], list[str]]:
    """Why tools may be missing, and the manifests and READMEs that there are and that were not read."""
    from extractors.inventory.completeness import unread

    night = settings.night
    within = [path for path in tree.sizes if not inside or path.startswith(inside.strip("/") + "/")]
    first = agent_files(tree.sizes, inside).first
    beside = declaring_files(tree.sizes, first, inside, night.pages_declaring, night.bytes_declaring)
    wanted = [path for path in (*first, *beside) if not is_program(path)]
    return unread(within, read, tree.cut), [path for path in wanted if path not in read]
