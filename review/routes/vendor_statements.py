"""A vendor's public statement: sent by the vendor's own form, put beside the record or removed by a publisher."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from records.assessments.vendor_statements import note_statement, read_statement, standing_statement, waiting_statement
from review.access import Publisher, desk_of
from review.forms import Text
from review.rendering import page
from review.routes.vendors import token_of
from review.services.undo import STATEMENT
from scoring.errors import Refused

router = APIRouter(tags=["vendors"])
Typed = Annotated[Text, Form(max_length=2_000)]


@router.post("/vendor/{token}/statement", response_class=HTMLResponse)
def receive(request: Request, token: str, text: Typed = "", url: Typed = "", date: Typed = "") -> HTMLResponse:
    """Takes a vendor's statement; a person decides whether it stands beside the record."""
    invitation, store = token_of(request, token), desk_of(request).store
    vendor = str(invitation.data.get("vendor", "vendor"))
    statement = read_statement(store, invitation.subject, {"vendor": vendor, "text": text, "url": url, "date": date})
    note_statement(store, invitation.subject, "received", statement, f"vendor {vendor}")
    return page(request, "vendor_thanks.html", title="Received", correction=None)


@router.post("/agents/{slug}/statement", response_model=None)
def put(
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
    told = {"vendor": vendor, "text": text, "url": url, "date": date}
    note_statement(store, slug, "put", read_statement(store, slug, told), person.name)
    return RedirectResponse(f"/agents/{slug}?told=statement:put&act={STATEMENT}{slug}", 303)


@router.post("/agents/{slug}/statement/remove", response_model=None)
def remove(request: Request, person: Publisher, slug: str) -> Response:
    """Removes what stands beside the record, or was sent."""
    store = desk_of(request).store
    slug = store.listings.find(slug)
    published = store.publications.current(slug)
    stands = standing_statement(store, slug) or (published is not None and published.record.statement)
    if waiting_statement(store, slug) is None and not stands:
        raise Refused("there is no statement", subject=slug, step="statement")
    note_statement(store, slug, "removed", None, person.name)
    return RedirectResponse(f"/agents/{slug}?told=statement:removed&act={STATEMENT}{slug}", 303)
