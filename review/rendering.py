"""Pages from templates. Invariants: everything is escaped; a link that is not http(s) is never a link."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams

from review.keyboard import KEYS
from review.request_guard import API
from review.roles import ROLE_TITLES, ROLES, holds
from review.text_diff import word_diff
from scoring import labels
from scoring.claims import on_one_sentence
from scoring.tools.inventory import touches

HERE = Path(__file__).parent
_SLUG = re.compile(r"[\w.-]{1,100}")
_CLAIMS = re.compile(r"(\d{1,8}):(\d{1,8})")
_ACT = re.compile(r"[dr]\d{1,18}|c-[0-9a-f]{16}|s-[\w.-]{1,100}")
_UNDONE = re.compile(r"[\w .,;()/-]{1,200}")
"""What the undo says of itself: names and numbers."""


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., str]] = {"plain": labels.plain, "title_of": labels.path_title}
    filters |= {"web": web, "when": when, "day": day, "score": number, "span": span}
    env.filters["quotes"] = lambda evidence: [item["quote"] for item in json.loads(evidence)]
    env.filters |= filters | {"seg": lambda text: quote(str(text), safe="")}
    env.globals |= {
        "words": labels,
        "touches": touches,
        "on_one_sentence": on_one_sentence,
        "KEYS": KEYS,
        "word_diff": word_diff,
        "ROLES": ROLES,
        "ROLE_TITLES": ROLE_TITLES,
        "query": lambda **values: urlencode({k: v for k, v in values.items() if v not in (None, "", False)}),
    }
    return env


def web(url: str | None) -> str:
    """The address if a person may follow it, else nothing."""
    return url if url and url.lower().startswith(("https://", "http://")) else ""


def when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "–"


def day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "–"


def number(value: Decimal | None) -> str:
    return "–" if value is None else f"{value}"


def span(seconds: float | None) -> str:
    """`2 min 5 s`."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    message = [f"{count} {unit}" for count, unit in [(hours, "h"), (minutes, "min"), (rest, "s")] if count]
    return " ".join(message[:2]) or "0 s"


ENVIRONMENT = _environment()


def render(template: str, /, **context: Any) -> str:
    return ENVIRONMENT.get_template(template).render(**context)


def page(request: Request, template: str, status: int = 200, /, **context: Any) -> HTMLResponse:
    """A whole page for whoever is signed in."""
    person = getattr(request.state, "person", None)
    context.setdefault("title", "Review desk")
    return HTMLResponse(
        render(
            template,
            flash=flash(request.query_params),
            person=person,
            may=lambda role: person is not None and holds(person.role, role),
            here=request.url.path,
            proxied=bool(request.app.state.desk.options.user_header),
            **context,
        ),
        status,
    )


_DONE = {
    ("statement", "put"): "The statement stands beside the record from the next publication on.",
    ("statement", "removed"): "The statement was removed.",
    ("correction", "accepted"): "The correction was accepted.",
    ("correction", "declined"): "The correction was declined.",
}


def flash(query: QueryParams) -> dict[str, str] | None:
    """What the last form did, as the redirect says it, and the act that takes it back; nothing for anything else."""
    done, _, of = query.get("told", "").partition(":")
    act = query.get("act", "")
    message = _DONE.get((done, of))
    if done == "approved" and of.isdecimal() and len(of) < 8:
        message = f"{of} drafts approved."
    elif done in ("approve", "reject") and _SLUG.fullmatch(of):
        message = f"{of} {done}{'d' if done == 'approve' else 'ed'}."
    elif done == "claims" and (counts := _CLAIMS.fullmatch(of)):
        moved = f"; {counts[2]} moved meanwhile and stand as they are" if int(counts[2]) else ""
        message = f"{counts[1]} claims decided{moved}."
    elif done == "undone" and _UNDONE.fullmatch(of):
        message, act = f"Undone: {of}.", ""
    return {"message": message, "act": act if _ACT.fullmatch(act) else ""} if message else None


def wants_json(request: Request) -> bool:
    return request.url.path.startswith(API) or "application/json" in request.headers.get("accept", "")


def problem(request: Request, status: int, message: str, next_step: str = "", **more: Any) -> Response:
    """An error as a page, or as JSON for who asks for it."""
    if wants_json(request):
        return JSONResponse({"problem": message, "next": next_step, **more}, status)
    return page(request, "problem.html", status, title="That did not work", message=message, next_step=next_step)
