"""A directory of made agents: listing pages, a page and a README each, in our own words, different for each."""

from pathlib import Path

DOES = (
    "reads the tickets of a queue and drafts an answer for each",
    "sorts the invoices of a mailbox by supplier",
    "watches a build server and explains why a build broke",
    "collects the minutes of a meeting and sends them to a person who approves them",
    "runs shell commands on the user's machine without asking",
    "remembers earlier conversations in a database",
    "calls other agents and passes them a part of its task",
)
A_PAGE = 250
ALSO = (
    "Made {n} signs in through OAuth with the scopes that its user grants. Made {n} runs locally on your machine. "
    "Made {n} remembers earlier conversations across sessions. Made {n} updates and deletes bookings in your calendar."
)
"""What gives each of them more known claims than a score needs."""


def make_site(folder: Path, agents: int, *, words: int = 0, readme: bool = True) -> None:
    """`words` more words in each README, for pages that are not so short; without `readme` one page an agent."""
    for name in ("agents", "repos"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "robots.txt").write_text("User-agent: *\nDisallow:\n")
    pages = max(1, -(-agents // A_PAGE))
    for page in range(pages):
        numbers = range(page * A_PAGE, min(agents, (page + 1) * A_PAGE))
        cards = "".join(
            f'<article class="card"><h2><a href="/agents/made-{n}.html">Made {n}</a></h2>'
            '<span class="kind">agent</span>'
            f'<p class="tagline">An agent that {DOES[n % len(DOES)]}.</p></article>\n'
            for n in numbers
        )
        onward = f'<nav><a rel="next" href="/page{page + 2}.html">Next page</a></nav>' if page + 1 < pages else ""
        body = f"<!doctype html><title>Made agents</title><h1>Made agents</h1>\n{cards}{onward}"
        (folder / ("index.html" if page == 0 else f"page{page + 1}.html")).write_text(body)
    for number in range(agents):
        make_agent(folder, number, words=words, readme=readme)


def make_agent(folder: Path, number: int, *, words: int = 0, readme: bool = True) -> None:
    """One agent's page and README."""
    does = DOES[number % len(DOES)]
    (folder / "agents" / f"made-{number}.html").write_text(
        f'<!doctype html><title>Made {number}</title><main><h1 class="name">Made {number}</h1><p class="kind">agent</p>'
        f"<p>Made {number} {does}. It works for a team of {number + 2} people. {ALSO.format(n=number)}</p>"
        + (f'<p><a class="repository" href="/repos/made-{number}.md">Source</a></p></main>' if readme else "</main>")
    )
    if not readme:
        return
    filler = " ".join(
        f"Step {n} of its work is written down in a log that people can read." for n in range(words // 14)
    )
    (folder / "repos" / f"made-{number}.md").write_text(
        f"# Made {number}\n\nMade {number} is an agent that {does}.\n\n"
        "It keeps its settings in one file and calls a language model through an API key of the user. "
        f"{ALSO.format(n=number)}"
        f"\n\n{filler}\n"
    )
