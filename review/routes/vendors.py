"""What a vendor sees: one form behind a link of its own, nothing else of the desk; and its public statement, which a
publisher puts beside the record or removes.

Invariant: the link names one agent, runs out, and lets its holder propose only; the store keeps its digest.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from records.assessments.vendor_statements import note_statement, read_statement, standing_statement, waiting_statement
from records.people import Token
from review.access import OpenDesk, Publisher, desk_of
from review.forms import Text
from review.rendering import page
from review.services import draft
from review.services.corrections import Proposal, correctable, receive
from review.services.undo import STATEMENT
from review.services.vendor_mail import mail_text, vendor_questions
from scoring.errors import BadInput, NotFound, Refused, required

router = APIRouter(tags=["vendors"])
Typed = Annotated[Text, Form(max_length=2_000)]


@router.post("/agents/{slug}/vendor-link", response_class=HTMLResponse)
def make_link(
    request: Request,
    desk: OpenDesk,
    person: Publisher,
    slug: str,
    vendor: Annotated[Text, Form(min_length=1, max_length=200)],
) -> HTMLResponse:
    """A link for an agent's vendor, shown once."""
    slug = desk.store.listings.find(slug)
    if not vendor.strip():
        raise BadInput("whose link is it?", subject=slug, step="vendor link")
    token = desk.store.people.issue(
        "vendor", slug, desk.options.vendor_link_days * 86_400, {"vendor": vendor.strip(), "by": person.name}
    )
    desk.store.note("vendor.link", slug, {"vendor": vendor.strip()}, person.name)
    link = f"{str(request.base_url).rstrip('/')}/vendor/{token}"
    days = desk.options.vendor_link_days
    mail = mail_text(draft.read(desk.store, slug), link)
    return page(
        request,
        "vendor_link.html",
        title="A vendor's link",
        slug=slug,
        vendor=vendor,
        link=link,
        days=days,
        mail=mail,
    )


def token_of(request: Request, token: str) -> Token:
    """What a vendor's link gives. `NotFound` for an unknown or old one."""
    return required(
        desk_of(request).store.people.token("vendor", token),
        NotFound("this link is unknown or too old", step="correction", next_step="ask for a new one"),
    )


@router.get("/vendor/{token}", response_class=HTMLResponse)
def form(request: Request, token: str) -> HTMLResponse:
    """The vendor's form: the questions, then each current claim, and what may be proposed."""
    return _form(request, token_of(request, token), dict.fromkeys(("what", "proposed", "quote", "url"), ""), "")


def _form(request: Request, invitation: Token, typed: dict[str, str], message: str, status: int = 200) -> HTMLResponse:
    desk = desk_of(request)
    read = draft.read(desk.store, invitation.subject)
    claims = draft.paths(read.extraction)
    return page(
        request,
        "vendor.html",
        status,
        title="Propose a correction",
        invitation=invitation,
        token=request.path_params["token"],
        claims=claims,
        fields=[(path, field) for path in claims for field in correctable(path)],
        questions=vendor_questions(read, desk.options.limits),
        typed=typed,
        message=message,
        mine=desk.store.corrections.all(slug=invitation.subject),
        days=desk.options.correction_days,
        name=desk.store.listings.get(invitation.subject).name,
    )


@router.post("/vendor/{token}", response_class=HTMLResponse)
def propose(
    request: Request,
    token: str,
    what: Annotated[Text, Form(max_length=200)] = "",
    proposed: Typed = "",
    quote: Typed = "",
    url: Typed = "",
) -> HTMLResponse:
    """Takes a proposal; the next flow fetches its page, then a person decides."""
    invitation = token_of(request, token)
    path, _, field = what.partition(" ")
    vendor = str(invitation.data.get("vendor", "vendor"))
    try:
        proposal = Proposal(
            slug=invitation.subject, path=path, field=field, proposed=proposed, quote=quote, url=url, vendor=vendor
        )
        received = receive(desk_of(request).store, proposal, actor=f"vendor {vendor}")
    except (BadInput, Refused, ValueError) as error:
        problem = error.problem if isinstance(error, BadInput | Refused) else "every field is needed"
        return _form(
            request, invitation, {"what": what, "proposed": proposed, "quote": quote, "url": url}, problem, 422
        )
    return page(
        request,
        "vendor_thanks.html",
        title="Received",
        correction=received,
        days=desk_of(request).options.correction_days,
    )


@router.post("/vendor/{token}/statement", response_class=HTMLResponse)
def receive_statement(
    request: Request, token: str, text: Typed = "", url: Typed = "", date: Typed = ""
) -> HTMLResponse:
    """Takes a vendor's statement; a person decides whether it is put beside the record."""
    invitation, store = token_of(request, token), desk_of(request).store
    vendor = str(invitation.data.get("vendor", "vendor"))
    note_statement(
        store,
        invitation.subject,
        "received",
        read_statement(store, invitation.subject, {"vendor": vendor, "text": text, "url": url, "date": date}),
        f"vendor {vendor}",
    )
    return page(request, "vendor_thanks.html", title="Received", correction=None)


@router.post("/agents/{slug}/statement", response_model=None)
def put_statement(
    request: Request,
    person: Publisher,
    slug: str,
    vendor: Typed = "",
    text: Typed = "",
    url: Typed = "",
    date: Typed = "",
) -> Response:
    """Puts a statement beside the record from the next publication on, as it was sent or as a publisher typed it."""
    store = desk_of(request).store
    slug = store.listings.find(slug)
    typed = {"vendor": vendor, "text": text, "url": url, "date": date}
    note_statement(store, slug, "put", read_statement(store, slug, typed), person.name)
    return RedirectResponse(f"/agents/{slug}?told=statement:put&act={STATEMENT}{slug}", 303)


@router.post("/agents/{slug}/statement/remove", response_model=None)
def remove_statement(request: Request, person: Publisher, slug: str) -> Response:
    """Removes the statement that is beside the record, or was sent."""
    store = desk_of(request).store
    slug = store.listings.find(slug)
    published = store.publications.current(slug)
    beside_record = standing_statement(store, slug) or (published is not None and published.record.statement)
    if waiting_statement(store, slug) is None and not beside_record:
        raise Refused("there is no statement", subject=slug, step="statement")
    note_statement(store, slug, "removed", None, person.name)
    return RedirectResponse(f"/agents/{slug}?told=statement:removed&act={STATEMENT}{slug}", 303)
