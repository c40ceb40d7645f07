"""Which facts a client's configuration declares, with start commands and container files: where a product runs, who
starts it and what confines it.
"""

from collections.abc import Iterator

from extractors.declarations.facts import Launch, RunsAt
from extractors.declarations.formats.container import lets_out
from extractors.inventory.rule_claims import ADDRESS, Product, is_beside_the_readme
from extractors.inventory.tool_traits import runs_elsewhere
from extractors.model.declared import OPENED, DeclaredClaim
from scoring.vocabulary import ExposureFact, RiskFactor

_CONTAINERS = frozenset({"docker", "podman", "nerdctl"})
_MANIFESTS = frozenset({"package.json", "pyproject.toml"})
"""Files that name a program, and not where it is started."""
_WHERE = {
    RunsAt.LOCAL: "on its user's machine",
    RunsAt.INTERNAL_NETWORK: "on a network address of its user's",
    RunsAt.HOSTED: "at an address that is hosted for all",
}


def of_starts(product: Product) -> Iterator[DeclaredClaim]:
    fact = ExposureFact
    starts = [launch for launch in product.declared.launches if _is_its_start(product, launch)]
    places = {runs_at: [start for start in starts if start.runs_at is runs_at] for runs_at in RunsAt}
    if all(start.stated_by in _MANIFESTS for start in places[RunsAt.LOCAL]):
        places[RunsAt.LOCAL] = []
    remotes = [(start.place, start.url) for start in product.declared.launches if not (start.runs_at or start.command)]
    if remotes and not places[RunsAt.HOSTED]:
        why = "Its own files name a remote too, at an address that looks like a placeholder, so it may be hosted."
        yield from product.claim(fact.RUNS_AT, "hosted", why, remotes, "remote at a placeholder")
    for runs_at in (RunsAt.HOSTED, RunsAt.LOCAL, RunsAt.INTERNAL_NETWORK):
        if places[runs_at]:
            others = [_WHERE[other] for other in RunsAt if other is not runs_at and places[other]]
            also = f", and also {' and '.join(others)}" if others else ""
            why = f"By its own files it runs {_WHERE[runs_at]}{also}."
            named = [start for start in places[runs_at] if start.url and runs_at is not RunsAt.LOCAL]
            lines = [(start.wiring or start.place, start.url or start.command) for start in named or places[runs_at]]
            yield from product.claim(fact.RUNS_AT, runs_at, why, lines, ADDRESS if named else "start command")
            break
    why = "Its hooks run on events of the host, with nobody asked."
    hooks = [(hook.place, hook.description[:80]) for hook in product.hooks]
    yield from product.claim(fact.APPROVAL, "unattended", why, hooks, "hooks")


def of_openings(product: Product) -> Iterator[DeclaredClaim]:
    """What lets it out of its container, by container files and by the commands that start it in one."""
    lines = [(each.place, each.value) for each in product.declared.openings]
    lines += [
        (launch.wiring or launch.place, launch.command)
        for launch in product.declared.launches
        if _is_its_start(product, launch) and launch.command in _CONTAINERS and lets_out(" ".join(launch.arguments))
    ]
    why = "A container is given rights, mounts or a network of its host, so that it does not confine what runs in it."
    yield from product.claim(ExposureFact.ISOLATION, "none", why, lines, OPENED)


def of_wiring(product: Product) -> Iterator[DeclaredClaim]:
    """What a client's configuration says: that a host agent calls it. Who decides its exposure it leaves open:
    users wire in what a vendor delivers."""
    starts = [launch for launch in product.declared.launches if _is_its_start(product, launch)]
    lines = [
        (launch.wiring, launch.url or launch.command)
        for launch in starts
        if launch.wiring and _wires_it_in(product, launch)
    ]
    if not product.possible & {"model_client", "agent_protocol"} and not product.is_agent:
        why = "A client with a model starts it as a server and calls it."
        yield from product.claim(RiskFactor.MULTI_AGENT_INTERACTIONS, "0.3", why, lines, "client configuration")
    commands = [launch for launch in starts if launch.command or launch.runs_at is RunsAt.HOSTED]
    if not (product.declared.openings or any(map(runs_elsewhere, product.tools.tools))) and all(
        launch.command in _CONTAINERS and not lets_out(" ".join(launch.arguments)) for launch in commands
    ):
        lines = [(launch.wiring or launch.place, launch.command) for launch in commands]
        why = "Every way in which it is started runs it in a container."
        yield from product.claim(ExposureFact.ISOLATION, "sandbox", why, lines, "container start")


def _wires_it_in(product: Product, launch: Launch) -> bool:
    """An entry of a client, with a name, that starts no package of somebody else, as far as its own are known."""
    own = not launch.package or not product.own or launch.package.split("@")[0] in product.own
    return launch.stated_by.startswith("client") and bool(launch.server) and own


def _is_its_start(product: Product, launch: Launch) -> bool:
    """A command in prose may start anything: it counts where it fetches the product's own package."""
    own = launch.stated_by != "command line" or launch.package.split("@")[0] in product.own
    return own and launch.runs_at is not None and not is_beside_the_readme(launch.place.path)
