"""The pages about one agent: claims beside the page text, and what changed since publication. Read only."""

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from records.assessments.vendor_statements import standing_statement, waiting_statement
from review import plots
from review.access import OpenDesk, Reader, desk_of
from review.claim_view import ClaimView, claim_views
from review.desk_state import Desk
from review.evidence_view import SourcePage, next_sentence, sheet_html, sheets, text_of
from review.filters import Choice, QueueFilter
from review.forms import Text
from review.rendering import page, render
from review.services.agent_review import UNKNOWNS, AgentReview, decided, read_work
from review.services.unknowns import candidate_sentences, candidates_for, unknowns
from review.text_diff import Run, page_diff
from scoring.errors import NotFound, required

router = APIRouter(tags=["agent"])


class AgentView(NamedTuple):
    """What a page about an agent is rendered from."""

    work: AgentReview
    views: tuple[ClaimView, ...]
    sheets: tuple[SourcePage, ...]

    def has(self, path: str) -> bool:
        """Whether a card can be shown for it."""
        together = path == UNKNOWNS and bool(self.work.unknown())
        return together or any(item.path == path for item in self.views)

    def view(self, path: str) -> ClaimView:
        return required(
            next((item for item in self.views if item.path == path), None),
            NotFound("no such claim", subject=path, step="review", next_step="choose one from the list"),
        )

    @property
    def evidence(self) -> list[tuple[str, dict[str, Any]]]:
        """Each claim with the evidence that is shown for it, the draft's included where it was amended away."""
        shown = [(item.path, item.claim) for item in self.views]
        return shown + [(item.path, item.draft) for item in self.views if item.draft is not item.claim]


def read_view(desk: Desk, slug: str, *, locked: bool = False) -> AgentView:
    return view_of(desk, read_work(desk, slug, locked=locked))


def view_of(desk: Desk, work: AgentReview) -> AgentView:
    views = claim_views(work)
    return AgentView(work, views, sheets(desk, work.claims.extraction, [(item.path, item.claim) for item in views]))


def sheet_of(agent_view: AgentView, path: str, number: int | None) -> SourcePage | None:
    """The page to show beside a claim: the one asked for, else that of its first sentence, else the first."""
    if number is not None:
        return agent_view.sheets[number] if 0 <= number < len(agent_view.sheets) else None
    if path == UNKNOWNS:
        return next((sheet for sheet in agent_view.sheets if sheet.text is not None), None)
    claim = agent_view.view(path)
    rejected = [item["nearest"] for item in claim.claim.get("rejected", ()) if item.get("nearest")]
    for item in [*claim.claim.get("evidence", ()), *rejected]:
        for sheet in agent_view.sheets:
            if sheet.source.text_digest == item["text_digest"] and sheet.url == item["url"]:
                return sheet
    readable = [sheet for sheet in agent_view.sheets if sheet.text is not None]
    return readable[0] if readable else next(iter(agent_view.sheets), None)


def _text(agent_view: AgentView, sheet: SourcePage, path: str) -> str:
    return sheet_html(sheet, agent_view.evidence, agent_view.work.claims.extraction.findings, path)


def head_html(desk: Desk, agent_view: AgentView, **more: Any) -> str:
    work = agent_view.work
    return render("_head.html", work=work, total=len(agent_view.views), made=decided(desk, work), **more)


def card_html(desk: Desk, agent_view: AgentView, path: str, **more: Any) -> str:
    if path == UNKNOWNS:
        return render(
            "_unknowns.html",
            agent_view=agent_view,
            work=agent_view.work,
            unknowns=unknowns(desk, agent_view.work, agent_view.sheets),
            opened=int(desk.store.now().timestamp()),
        )
    override = desk.counts.get("effort", desk.store.reviews.effort)
    more = {"typed": {}, "message": "", "opened": int(desk.store.now().timestamp()), **more}
    unsure = path in agent_view.work.open and agent_view.view(path).certainty == "not_certain"
    more["candidates"] = candidates_for(desk, agent_view.work, agent_view.sheets, path) if unsure else ()
    more["proposals"] = [proposal for proposal in agent_view.work.proposals if proposal.path == path]
    return render(
        "_card.html",
        view=agent_view.view(path),
        agent_view=agent_view,
        work=agent_view.work,
        effort=override,
        notes=[note for note in agent_view.work.notes if note.path == path],
        **more,
    )


@router.get("/agents/{slug}", response_class=HTMLResponse)
def agent(
    request: Request,
    desk: OpenDesk,
    person: Reader,
    slug: str,
    chosen: Choice,
    claim: Text = "",
    sheet: Annotated[int | None, Query(ge=0, le=1000)] = None,
) -> HTMLResponse:
    """One agent: its claims beside the words they rest on."""
    return agent_page(request, read_view(desk, slug), claim, sheet, chosen)


def agent_page(
    request: Request,
    agent_view: AgentView,
    path: str,
    number: int | None,
    chosen: QueueFilter,
    status: int = 200,
    **more: Any,
) -> HTMLResponse:
    desk = desk_of(request)
    work = agent_view.work
    path = path if agent_view.has(path) else (work.after("") or "summary")
    sheet = sheet_of(agent_view, path, number)
    desk.background.submit(candidate_sentences, desk, work, agent_view.sheets)  # ready when they are asked for
    return page(
        request,
        "agent.html",
        status,
        title=work.row.name,
        agent_view=agent_view,
        work=work,
        chosen=path,
        sheet=sheet,
        link=chosen.link,
        head=head_html(desk, agent_view),
        card=card_html(desk, agent_view, path, **more),
        text=_text(agent_view, sheet, path) if sheet else "",
        plot=plots.history(desk.store.assessments.history(work.slug)[-60:]),
        requests=desk.store.requests.open(slug=work.slug),
        statement=waiting_statement(desk.store, work.slug),
        published_statement=standing_statement(desk.store, work.slug),
    )


@router.get("/agents/{slug}/claims/{path}", response_class=HTMLResponse)
def card(desk: OpenDesk, person: Reader, slug: str, path: str) -> HTMLResponse:
    """One claim, as a fragment of the agent's page."""
    return HTMLResponse(card_html(desk, read_view(desk, slug), path))


@router.get("/agents/{slug}/sheets/{number}", response_class=HTMLResponse)
def sheet(request: Request, person: Reader, slug: str, number: int, claim: Text = "") -> HTMLResponse:
    """One page text, as a fragment of the agent's page."""
    agent_view = read_view(desk_of(request), slug)
    found = required(sheet_of(agent_view, "summary", number), NotFound("no such page", subject=slug, step="review"))
    return HTMLResponse(_text(agent_view, found, claim))


@router.get("/agents/{slug}/sentences/{number}")
def sentence(
    request: Request,
    person: Reader,
    slug: str,
    number: int,
    at: Annotated[int, Query(ge=-1, le=10**9)] = -1,
    step: Annotated[int, Query(ge=-1, le=1)] = 1,
    q: Annotated[Text, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """The sentence after or before one on this page; the next one on any page with the words of `q`."""
    found = next_sentence(read_view(desk_of(request), slug).sheets, number, at, step or 1, q.strip())
    if found is None:
        message = "no page has these words" if q.strip() else "there is no further sentence on this page"
        raise NotFound(message, subject=slug, step="sentences")
    return found


@router.get("/agents/{slug}/changes", response_class=HTMLResponse)
def changes(request: Request, desk: OpenDesk, person: Reader, slug: str) -> HTMLResponse:
    """What is otherwise than published: claims word by word, pages paragraph by paragraph."""
    agent_view = read_view(desk, slug)
    if agent_view.work.published is None:
        raise NotFound("it was never published", subject=slug, step="changes", next_step="review its draft")
    return page(
        request,
        "changes.html",
        title=f"Changes of {agent_view.work.row.name}",
        agent_view=agent_view,
        work=agent_view.work,
        differing=[view for view in agent_view.views if view.is_changed],
        pages=page_changes(desk, agent_view),
        reviews=tuple(reversed(desk.store.reviews.all(agent_view.work.slug))),
    )


def page_changes(desk: Desk, agent_view: AgentView) -> list[dict[str, Any]]:
    """Pages by address that were read for the published record or for the draft: changed ones with their difference in
    rows, new and gone ones by name."""
    assert agent_view.work.published is not None
    before = {source.url: source for source in agent_view.work.published.record.extraction.read}
    after = {source.url: source for source in agent_view.work.claims.extraction.read}
    found = []
    for url in sorted(before.keys() | after.keys()):
        rows: list[list[Run]] = []
        if url not in after or url not in before:
            state = "no longer read" if url not in after else "not read before"
        elif before[url].text_digest == after[url].text_digest:
            continue
        else:
            texts = [text_of(desk, agent_view.work.slug, page[url].text_digest, url) for page in (before, after)]
            state = "changed" if all(texts) else "its text is no longer kept"
            rows = page_diff(*(text.text if text else "" for text in texts))
        found.append({"url": url, "state": state, "rows": rows})
    return found


def shown_claim(agent_view: AgentView, view: ClaimView) -> dict[str, Any]:
    """A claim as JSON with what was decided, for a conflict."""
    decision = None
    if view.carried is not None:
        decision = {"verdict": view.carried.verdict, "by": view.carried.by, "at": view.carried.at.isoformat()}
    return {"assessment": agent_view.work.claims.digest, "after": view.after, "claim": view.claim, "decision": decision}
