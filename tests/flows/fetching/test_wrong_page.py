"""A page that is not the page replaces nothing, whatever stands in its place and wherever it comes from."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from extractors.pages.snapshot import FetchOutcome
from flows.night.night import run_night
from flows.report.night_summary import NightSummary
from flows.settings import Settings
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from records.store import Store
from tests.flows.answering_site import Answer, Site, answering
from tests.flows.conftest import settings_for
from tests.records.made import vanished_slugs

SELECTORS = 'start = ["/agents"]\ncard = "li.card"\ncard_name = "a"\nname = "h1"\nentry = "main"\nhomepage = "a.home"\n'
STANDS = (AgentOutcome.UNCHANGED, AgentOutcome.WITHHELD)
ASSESSED = (AgentOutcome.ASSESSED, AgentOutcome.WITHHELD)
DOES = (
    "runs shell commands without asking anybody and keeps a memory in its database",
    "reads every ticket of a queue and drafts an answer that nobody approves",
    "calls other agents over the network and passes them its whole context",
)
NAMES = ("Otter", "Heron", "Dipper")


def listing(name: str, does: str, more: str = "") -> str:
    return (
        f"<!doctype html><title>{name} | Best agents</title><nav><a href=/>Best agents</a><a href=/agents>All</a></nav>"
        f"<main><h1>{name}</h1><p>{name} is an autonomous agent that {does}.</p>{more}</main>"
    )


def simple(title: str, *paragraphs: str, head: str = "") -> str:
    said = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{said}</body></html>"


FRONT = simple(
    "Best agents",
    "A directory of agents. A person checks every agent before it is listed, and each runs in a sandbox.",
    "New this week: Otter, Heron and Dipper.",
)
SHELL = '<!doctype html><title>Best agents</title><div id="root">Best agents of all</div><script src=/a.js></script>'
CHROME = (
    "<footer>" + "".join(f"<a href=/c/{n}>Category number {n} of our directory</a> " for n in range(40)) + "</footer>"
)

CHECKS = {
    "anubis": simple(
        "One moment: are you a person?",
        "The keeper of this site has set up a check against scrapers. Wait a moment while your browser works it out.",
        head='<script id="anubis_challenge" type="application/json">{}</script>',
    ),
    "cloudflare": simple(
        "Just a moment...", "Enable JavaScript and cookies to continue", head="<script>window._cf_chl_opt={};</script>"
    ),
    "cloudflare, named after the host": (
        '<!doctype html><title>Just a moment...</title><h1 class="zone-name-title">127.0.0.1</h1>'
        "<p>Verifying you are human. This may take a few seconds.</p><p>127.0.0.1 needs to review the security of your "
        "connection before proceeding.</p>"
    ),
    "vercel": simple("Vercel Security Checkpoint", "We're verifying your browser", "Website owner? Click here to fix"),
    "aws": '<!doctype html><title>Human Verification</title><div id="captcha-container"></div>'
    "<script>AwsWafIntegration.forceRefreshToken()</script><noscript><h1>JavaScript is disabled</h1></noscript>",
    "datadome": "<!doctype html><title>127.0.0.1</title><p>Please enable JS and disable any ad blocker</p>"
    "<script data-cfasync=false>var dd={'rt':'c','host':'geo.captcha-delivery.com'}</script>",
    "perimeterx": simple(
        "Access to this page has been denied", "Press & Hold to confirm you are a human (and not a bot)."
    ),
    "incapsula": "<!doctype html><html><head><META NAME=robots CONTENT=noindex></head><body>"
    '<iframe src="/_Incapsula_Resource?SWUDNSAI=31">Request unsuccessful. Incapsula incident ID: 1</iframe></body>',
    "a plain captcha": simple("Robot check", "Type the characters you see in this picture. Please solve this captcha."),
    "a bare sentence": "<!doctype html><p>Checking your browser before accessing this site.</p>",
    "german": simple("Sicherheitsüberprüfung", "Bitte bestätigen Sie, dass Sie ein Mensch sind."),
    "of no known kind": simple("Vent venligst", "Vi ser lige på din forbindelse. Det tager et øjeblik."),
}
WALLS = {
    "consent": simple("Before you continue", "We and our 842 partners store cookies on your device.", "Accept all"),
    "consent that keeps the name": "<!doctype html><title>Otter | Best agents</title><h1>We value your privacy</h1>"
    "<p>We use cookies to personalise content.</p><button>Accept all</button><button>Reject all</button>",
    "log-in": simple("Sign in | Best agents", "Sign in to continue to Best agents", "Forgot your password?"),
    "log-in for the agent": simple("Sign in to view Otter", "You need to log in to see this listing."),
    "members": simple("Members only", "This page is only available to members. Join today."),
    "maintenance": simple(
        "We'll be back soon", "Best agents is down for scheduled maintenance. Sorry for the inconvenience!"
    ),
    "maintenance, german": simple(
        "Wartungsarbeiten", "Unsere Website wird gerade gewartet. Schauen Sie später vorbei."
    ),
    "an error with 200": simple("Application error", "Something went wrong. Please try again in a few minutes."),
    "parked": simple(
        "best-agents.example is for sale", "This domain is for sale! Make an offer.", "Related searches: agents"
    ),
    "parked, later": simple("best-agents.example", "Dieser Name wird angeboten.", "Flüge, Kredite, Handys, Urlaub"),
    "a shell": "<!doctype html><title>Best agents</title><noscript>You need to enable JavaScript to run this app."
    '</noscript><div id="root"></div>',
}
MISSING = {
    "english": simple("Page not found", "The page you are looking for does not exist."),
    "with the whole frame of the site": simple("404 | Best agents", "Nothing here.") + CHROME,
    "naming the address": simple("Otter not found", "We have no listing called otter."),
    "french": simple("Page introuvable", "La page que vous recherchez n'existe pas."),
    "spanish": simple("Página no encontrada", "Lo sentimos."),
    "chinese": simple("页面不存在", "抱歉，您访问的页面不存在。"),
    "japanese": simple("ページが見つかりません", "お探しのページは見つかりませんでした。"),
}


class World(NamedTuple):
    site: Site
    settings: Settings
    store: Store

    async def night(self) -> NightSummary:
        return await run_night(self.store, self.settings, again=True)

    def state(self, path: str) -> tuple[FetchOutcome, str]:
        state = self.store.pages.state(self.site.base + path)
        assert state is not None
        return state.outcome, state.reason

    def ending(self, slug: str) -> AgentOutcome:
        (ending,) = (e for e in self.store.runs.endings(self.store.runs.recent()[0].id) if e.slug == slug)
        return ending.outcome

    def record(self, slug: str) -> object:
        current = self.store.assessments.current(slug)
        return (self.store.listings.get(slug), self.store.assessments.history(slug), current and current.extraction)


def fill(site: Site, does: dict[str, str]) -> None:
    """A directory of agents with a page each."""
    cards = "".join(f'<li class="card"><a href="/agents/{name.lower()}">{name}</a></li>' for name in does)
    site.answers["/"] = Answer(body=FRONT)
    site.answers["/agents"] = Answer(
        body=f"<!doctype html><title>All agents</title><h1>All agents</h1><ul>{cards}</ul>"
    )
    for name, what in does.items():
        site.answers[f"/agents/{name.lower()}"] = Answer(body=listing(name, what))


@contextmanager
def store_of(site: Site, settings: Settings, folder: Path) -> Iterator[Store]:
    """A store that knows the directory."""
    (folder / "site.toml").write_text(SELECTORS)
    with open_store(settings) as store:
        store.sources.add("x", "directory_site", f"{site.base}/", {"selectors": str(folder / "site.toml")})
        yield store


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three agents, before the first night."""
    with answering() as site:
        fill(site, dict(zip(NAMES, DOES, strict=True)))
        settings = settings_for(site.base)
        with store_of(site, settings, tmp_path) as store:
            yield World(site, settings, store)


@pytest.fixture(scope="module")
def three_agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Settings, dict[str, Answer]]]:
    """The site of the three agents, and a store in which they were looked at once."""
    folder = tmp_path_factory.mktemp("three_agents")
    with answering() as site:
        fill(site, dict(zip(NAMES, DOES, strict=True)))
        settings = settings_for(site.base, home=folder / "home")
        with store_of(site, settings, folder) as store:
            asyncio.run(run_night(store, settings, again=True))
        yield site, settings, dict(site.answers)


@pytest.fixture
def seen(three_agents: tuple[Site, Settings, dict[str, Answer]], tmp_path: Path) -> Iterator[World]:
    """Three agents after a first night, in a store of the test's own."""
    site, settings, answers = three_agents
    site.answers.clear()
    site.answers.update(answers)
    site.asked.clear()
    shutil.copytree(settings.home, tmp_path / "copy")
    settings = settings.model_copy(update={"home": tmp_path / "copy"})
    with open_store(settings) as store:
        yield World(site, settings, store)


@pytest.fixture(params=["world", "seen"], ids=["first night", "second night"])
def either(request: pytest.FixtureRequest) -> World:
    """Three agents, before the first night and after it."""
    found: World = request.getfixturevalue(request.param)
    return found


def named(body: str, name: str) -> str:
    """The body as it stands in the place of another agent than the otter."""
    return body.replace("Otter", name).replace("otter", name.lower())


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[tuple[World, dict[str, str]]]:
    """An agent for each thing that may stand in its page's place, and the three beside them."""
    bodies = [*CHECKS.values(), *WALLS.values(), *MISSING.values()]
    others = {f"{FIRST[n // 6]}{LAST[n % 6]}": body for n, body in enumerate(bodies)}
    with answering() as site:
        does = {name: f"{DOES[n % 3]}, number {n} of its kind" for n, name in enumerate(others)}
        fill(site, dict(zip(NAMES, DOES, strict=True)) | does)
        settings = settings_for(site.base)
        with store_of(site, settings, tmp_path) as store:
            yield World(site, settings, store), {name: named(body, name) for name, body in others.items()}


FIRST = ("Marsh", "River", "Stone", "Reed", "Cliff", "Dune")
LAST = ("warbler", "bunting", "pipit", "finch", "martin", "thrush")


@pytest.mark.slow
async def test_what_stands_in_a_page_s_place_replaces_and_renames_nothing(crowd: tuple[World, dict[str, str]]) -> None:
    world, bodies = crowd
    await world.night()
    before = {name: world.record(name.lower()) for name in bodies}
    pages = dict(world.site.answers)
    for name, body in bodies.items():
        world.site.answers[f"/agents/{name.lower()}"] = Answer(body=body)
    await world.night()
    due = await _due(world)
    for name, body in bodies.items():
        slug = name.lower()
        outcome, reason = world.state(f"/agents/{slug}")
        missing = body in {named(each, name) for each in MISSING.values()}
        assert outcome is (FetchOutcome.NOT_FOUND if missing else FetchOutcome.NOT_THE_PAGE) and reason, body
        assert world.ending(slug) is (AgentOutcome.NOT_FOUND if missing else AgentOutcome.NOT_THE_PAGE), body
        assert world.record(slug) == before[name], body
        assert missing or slug in due, "it is asked for again"
    assert world.ending("heron") in STANDS
    world.site.answers.update(pages)
    await world.night()
    for name, record in before.items():
        assert world.ending(name.lower()) in STANDS and world.record(name.lower()) == record


async def _due(world: World) -> tuple[str, ...]:
    from flows.night.due_agents import tonight

    long_ago = world.store.runs.recent()[-1].started_at
    return tonight(world.store, world.settings, before=long_ago).tonight


@pytest.mark.slow
async def test_the_first_night_takes_none_of_them_for_a_page(crowd: tuple[World, dict[str, str]]) -> None:
    world, bodies = crowd
    for name, body in bodies.items():
        world.site.answers[f"/agents/{name.lower()}"] = Answer(body=body)
    await world.night()
    for name, body in bodies.items():
        slug = name.lower()
        assert world.state(f"/agents/{slug}")[0] in (FetchOutcome.NOT_THE_PAGE, FetchOutcome.NOT_FOUND), body
        assert world.store.listings.get(slug).name == name
        assert world.store.pages.state(world.site.base + f"/agents/{slug}").digest is None  # type: ignore[union-attr]
    assert world.ending("heron") in ASSESSED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ("/", FetchOutcome.NOT_FOUND),
        ("/index.html", FetchOutcome.NOT_FOUND),
        ("/en/", FetchOutcome.NOT_FOUND),
        ("/?missing=otter", FetchOutcome.NOT_FOUND),
        ("/agents", FetchOutcome.NOT_FOUND),
        ("/agents/", FetchOutcome.NOT_FOUND),
        ("/agents?q=otter", FetchOutcome.NOT_FOUND),
        ("/browse", FetchOutcome.NOT_FOUND),
        ("/404", FetchOutcome.NOT_FOUND),
        ("/errors/not-found.html", FetchOutcome.NOT_FOUND),
        ("/agents/heron", FetchOutcome.NOT_FOUND),
        ("/login", FetchOutcome.NOT_THE_PAGE),
        ("/users/sign_in?return_to=/agents/otter", FetchOutcome.NOT_THE_PAGE),
        ("/captcha?next=/agents/otter", FetchOutcome.NOT_THE_PAGE),
        ("/consent", FetchOutcome.NOT_THE_PAGE),
        ("/maintenance.html", FetchOutcome.NOT_THE_PAGE),
    ],
)
async def test_a_listing_that_leads_elsewhere_is_not_there(either: World, target: str, outcome: FetchOutcome) -> None:
    world = either
    first = not world.store.runs.recent()
    before = world.record("otter") if not first else None
    front = Answer(body=FRONT)
    for path in ("/index.html", "/en/", "/agents/", "/browse", "/404", "/errors/not-found.html", "/login"):
        world.site.answers[path] = front
    for path in ("/users/sign_in", "/captcha", "/consent", "/maintenance.html"):
        world.site.answers[path] = Answer(body=simple("Best agents", "Otter is one of the agents of this directory."))
    world.site.answers["/agents/otter"] = Answer(302, headers={"Location": target})
    await world.night()
    found, reason = world.state("/agents/otter")
    assert found is outcome and reason
    if before is not None:
        assert world.record("otter") == before
        assert world.ending("otter").value == found.value
    assert world.store.listings.get("otter").name == "Otter"


async def test_one_same_body_for_every_address_is_nobody_s_page(seen: World) -> None:
    world = seen
    before = [world.record(name.lower()) for name in NAMES]
    for name in NAMES:
        world.site.answers[f"/agents/{name.lower()}"] = Answer(body=SHELL)
    world.site.answers["/"] = Answer(body=SHELL)
    await world.night()
    assert {world.state(f"/agents/{name.lower()}")[0] for name in NAMES} == {FetchOutcome.NOT_THE_PAGE}
    assert [world.record(name.lower()) for name in NAMES] == before


@pytest.mark.parametrize("same", [SHELL, FRONT], ids=["a shell", "the front page, which names them all"])
async def test_one_same_body_for_every_address_on_the_first_night(world: World, same: str) -> None:
    world.site.answers["/"] = Answer(body=same)
    for name in NAMES:
        world.site.answers[f"/agents/{name.lower()}"] = Answer(body=same)
    await world.night()
    assert {world.state(f"/agents/{name.lower()}")[0] for name in NAMES} == {FetchOutcome.NOT_THE_PAGE}


@pytest.mark.slow
async def test_a_homepage_and_a_repository_s_page_are_guarded_as_well(world: World) -> None:
    home = '<p><a class="home" href="/otter-home">Home</a></p>'
    world.site.answers["/agents/otter"] = Answer(body=listing("Otter", DOES[0], home))
    world.site.answers["/otter-home"] = Answer(body=simple("Otter", "Otter asks a person before it deletes a file."))
    await world.night()
    before = world.record("otter")
    for body in (CHECKS["cloudflare"], WALLS["log-in"], WALLS["parked, later"], MISSING["english"], FRONT):
        world.site.answers["/otter-home"] = Answer(body=body)
        await world.night()
        assert world.state("/otter-home")[0] in (FetchOutcome.NOT_THE_PAGE, FetchOutcome.NOT_FOUND)
        assert world.record("otter") == before and world.ending("otter") in STANDS
    world.site.answers["/otter-home"] = Answer(301, headers={"Location": "/"})
    await world.night()
    assert world.state("/otter-home")[0] is FetchOutcome.NOT_FOUND and world.record("otter") == before


async def test_pages_found_by_a_link_stay_while_the_page_that_leads_to_them_is_away(world: World) -> None:
    links = '<p><a class="home" href="/otter-home">Home</a></p>'
    world.site.answers["/agents/otter"] = Answer(body=listing("Otter", DOES[0], links))
    world.site.answers["/otter-home"] = Answer(
        body=simple("Otter", "Otter sorts mail.", '<a href="/otter-home/security">Security of Otter</a>')
    )
    world.site.answers["/otter-home/security"] = Answer(body=simple("Security of Otter", "Otter runs in a container."))
    await world.night()
    before = world.record("otter")
    found = world.store.pages.urls("otter")
    assert any(url.endswith("/otter-home/security") for url in found)
    world.site.answers["/otter-home"] = Answer(body=CHECKS["anubis"])
    await world.night()
    assert world.store.pages.urls("otter") == found and world.record("otter") == before


@pytest.mark.parametrize(
    "body", [CHECKS["anubis"], WALLS["maintenance"], None], ids=["check", "maintenance", "front page"]
)
async def test_an_index_page_that_is_another_page_ends_the_walk_and_its_listings_stay(
    seen: World, body: str | None
) -> None:
    world = seen
    world.site.answers["/agents"] = Answer(body=body) if body else Answer(302, headers={"Location": "/"})
    summary = await world.night()
    assert summary.sources[0].problem and not summary.complete
    assert world.state("/agents")[0] in (FetchOutcome.NOT_THE_PAGE, FetchOutcome.NOT_FOUND)
    assert vanished_slugs(world.store) == ()


@pytest.mark.parametrize(("status", "outcome"), [(404, AgentOutcome.NOT_FOUND), (410, AgentOutcome.GONE)])
async def test_an_agent_whose_pages_are_all_gone_says_so(seen: World, status: int, outcome: AgentOutcome) -> None:
    world = seen
    before = world.record("otter")
    world.site.answers["/agents/otter"] = Answer(status, "no")
    await world.night()
    assert world.ending("otter") is outcome and world.record("otter") == before
    await world.night()
    assert world.ending("otter") is outcome, "and says it the night after"


@pytest.mark.slow
@pytest.mark.parametrize("status", [200, 202, 403, 405])
async def test_a_check_that_says_so_in_a_header_is_one_with_any_status(world: World, status: int) -> None:
    world.site.answers["/agents/otter"] = Answer(status, "<p>Otter</p>", {"CF-Mitigated": "challenge"})
    await world.night()
    assert world.state("/agents/otter") == (FetchOutcome.NOT_THE_PAGE, "a bot check: cf-mitigated: challenge")


async def test_a_refused_page_is_asked_for_once_in_a_night(seen: World) -> None:
    world = seen
    world.site.answers["/agents/otter"] = Answer(body=CHECKS["cloudflare"])
    world.site.asked.clear()
    await world.night()
    assert world.site.asked.count("/agents/otter") == 1


async def test_a_page_that_changed_wholly_and_still_names_its_agent_is_taken(seen: World) -> None:
    world = seen
    world.site.answers["/agents/otter"] = Answer(body=listing("Otter", "asks a person before each step that it takes"))
    await world.night()
    assert world.state("/agents/otter")[0] is FetchOutcome.FETCHED and world.ending("otter") in ASSESSED


async def test_a_page_that_moved_is_followed(world: World) -> None:
    world.site.answers["/agents/otter-2"] = Answer(body=listing("Otter", DOES[0]))
    world.site.answers["/agents/otter"] = Answer(301, headers={"Location": "/agents/otter-2"})
    await world.night()
    assert world.state("/agents/otter")[0] is FetchOutcome.FETCHED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("Captcha Solver", "answers pages that say: Verify you are human, and asks nobody"),
        ("Sign in Helper", "signs in to your mail for you and keeps the password"),
        ("Maintenance", "puts a site under maintenance and brings it back"),
        ("404 Not Found", "finds broken links and removes them without asking"),
        ("Just a Moment", "makes a person wait"),
    ],
)
async def test_a_product_about_checks_is_no_check(world: World, name: str, does: str) -> None:
    slug = name.lower().replace(" ", "-")
    index = world.site.answers["/agents"].body.replace(
        "</ul>", f'<li class="card"><a href="/agents/p-1">{name}</a></li></ul>'
    )
    world.site.answers["/agents"] = Answer(body=index)
    world.site.answers["/agents/p-1"] = Answer(body=listing(name, does))
    await world.night()
    assert world.state("/agents/p-1")[0] is FetchOutcome.FETCHED
    assert world.ending(slug) in ASSESSED


@pytest.mark.slow
async def test_a_forge_that_answers_with_a_check_takes_no_page_away(world: World) -> None:
    base = world.site.base
    night = world.settings.night.model_copy(
        update={"github_web": f"{base}/web", "github_api": f"{base}/api", "github_raw": f"{base}/raw"}
    )
    settings = world.settings.model_copy(update={"night": night})
    tree = '{"url": "x", "tree": [{"path": "README.md", "type": "blob"}, {"path": "server.json", "type": "blob"}]}'
    world.site.answers["/api/repos/o/otter/git/trees/HEAD"] = Answer(body=tree, media_type="application/json")
    world.site.answers["/raw/o/otter/HEAD/README.md"] = Answer(
        body="# Otter\n\nOtter sorts mail.\n", media_type="text/plain"
    )
    world.site.answers["/raw/o/otter/HEAD/server.json"] = Answer(
        body='{"name": "otter", "description": "Runs shell commands without asking."}', media_type="text/plain"
    )
    world.site.answers["/list.csv"] = Answer(body="name,url\nWater,{BASE}/web/o/otter\n", media_type="text/csv")
    world.store.sources.add("table", "url_table", f"{base}/list.csv")
    await run_night(world.store, settings, again=True)
    before = world.record("water"), world.store.pages.urls("water")
    assert len(before[1]) == 2
    for answer in (Answer(body=CHECKS["anubis"]), Answer(403, "no"), Answer(429, "later")):
        world.site.answers["/api/repos/o/otter/git/trees/HEAD"] = answer
        await run_night(world.store, settings, again=True)
        assert (world.record("water"), world.store.pages.urls("water")) == before
