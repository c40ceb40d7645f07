"""The review desk as a web application: `create_desk(store, options)`.

Idea: pages are made on the server, each decision is a plain form; a small script makes it fast. Invariants: the
desk fetches nothing; every route names the role it needs or is on the public list; every answer is guarded.
"""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from records.assessments.reviews import StaleState
from records.store import Store
from review.access import NotSignedIn, Reader
from review.accounts.people import has_administrator
from review.desk_options import DeskOptions
from review.desk_state import Desk
from review.rendering import HERE, page, problem, wants_json
from review.request_guard import RequestGuard
from review.roles import NotAllowed
from review.routes import (
    agent_pages,
    api,
    claim_decisions,
    corrections,
    draft_decisions,
    measured_review,
    overview,
    queue,
    reasons,
    sign_in,
    vendors,
)
from review.trusted_proxies import FromProxies
from scoring.errors import AssayError, BadInput, NotFound, Refused, TransientError

ROOMS = (
    queue,
    agent_pages,
    claim_decisions,
    draft_decisions,
    reasons,
    corrections,
    vendors,
    measured_review,
    overview,
    sign_in,
    api,
)
STATUS: tuple[tuple[type[AssayError], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (StaleState, 409),
    (NotFound, 404),
    (BadInput, 422),
    (Refused, 422),
    (TransientError, 503),
)


def create_desk(store: Store, options: DeskOptions | None = None) -> tuple[FastAPI, tuple[str, ...]]:
    """The desk over a store, and the lines for whoever starts it; `{url}` in them is the desk's address."""
    options = options or DeskOptions()
    app = FastAPI(title="Assay review desk", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(store, options)
    store.people.prune_expired()
    app.add_middleware(RequestGuard)
    app.add_middleware(FromProxies, trusted_proxies=options.trusted_proxies)  # the outermost
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for room in ROOMS:
        app.include_router(room.router)

    @app.get("/openapi.json", include_in_schema=False)
    def described(person: Reader) -> dict[str, object]:
        return app.openapi()

    @app.get("/alive", include_in_schema=False)
    def alive() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    app.add_exception_handler(AssayError, _assay_error)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http_error)
    return app, first_steps(store, options)


def first_steps(store: Store, options: DeskOptions) -> tuple[str, ...]:
    """The one-time link that makes the first administrator; nothing once there is one."""
    if has_administrator(store):
        return ()
    store.people.revoke("setup", subject="")
    token = store.people.issue("setup", "", options.link_days * 86_400)
    message = f"(works once, for {options.link_days} days)"
    return (f"first time: open {{url}}/setup/{token} to become its administrator {message}",)


def _assay_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AssayError)
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    if isinstance(error, NotSignedIn) and not wants_json(request):
        to = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
        back = sign_in.inside(to) if request.method == "GET" else "/"
        message = error.problem if request.app.state.desk.options.user_header else ""
        return page(request, "sign_in.html", 401, title="Sign in", to=back, message=message, name="")
    message = ": ".join(part for part in (error.subject, error.problem) if part)
    more = {"current": error.current, "read": error.read} if isinstance(error, StaleState) else {}
    answer = problem(request, status, message, error.next_step, **more)
    if isinstance(error, NotSignedIn):
        answer.headers["www-authenticate"] = "Bearer"
    return answer


def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    message = [f"{'.'.join(str(part) for part in item['loc'][1:])}: {item['msg']}" for item in error.errors()[:5]]
    return problem(request, 422, "; ".join(message) or "not understood")


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(request, error.status_code, str(error.detail))
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer
