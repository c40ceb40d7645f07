"""`assay serve api`: the served generation as a small read-only JSON API.

Idea: the API reads the same files that the site serves, so both always say the same; which generation that is
is looked up at each request. Invariants: nothing is computed that the files do not hold; a record's ETag is
the digest of its bytes, so a reader that has them gets 304 and no body.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException, Query, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assay_check.errors import BadInput
from assay_check.lookup.site_lookup import Site
from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from publishing.formats.lookup import Asked, answers
from publishing.generation import Folders, Manifest
from publishing.pages.capabilities import FILTERS
from publishing.pages.index_rows import Row, restored
from publishing.pages.lists import BANDS, by_name, by_safety, by_score, newest_first
from scoring.vocabulary import AgentKind

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_FIELDS = (
    *("id", "slug", "name", "kind", "score", "band", "low", "high", "likely_low", "likely_high", "firm", "advice"),
    *("modified", "reviewed", "digest", "marks", "touches", "risks"),
)
MOST = 500
"""Agents in one answer."""
MOST_ASKED = 1_000
"""Subjects in one lookup."""


class HeadAsGet:
    """Answers HEAD as GET, without the body: a mirror may ask for the ETag alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class Served:
    """The generation that is served now, read again when it changes."""

    def __init__(self, out: Path) -> None:
        self._folders = Folders(out)
        self._manifest: Manifest | None = None
        self.rows: list[Row] = []

    def manifest(self) -> Manifest:
        number = self._number()
        if self._manifest is None or self._manifest.number != number:
            self._manifest = self._folders.manifest(number)
            self.rows = [restored(row) for row in self._manifest.notes.get("rows", {}).values()]
        return self._manifest

    def _number(self) -> int:
        number = self._folders.served()
        if number is None:
            raise HTTPException(503, "nothing is published yet")
        return number

    def answers(self, subjects: Sequence[Asked]) -> list[dict[str, Any]]:
        """What the lookup index of the generation says."""
        try:
            return answers(Site(str(self._folders.folder(self._number()))), subjects)
        except BadInput as error:
            raise HTTPException(503, "the lookup index cannot be read; ask again, or publish again") from error

    def file(self, path: str) -> bytes:
        """A file of the site, found again in the next generation when this one is retired meanwhile."""
        for _ in range(3):
            try:
                return (self._folders.folder(self._number()) / path).read_bytes()
            except FileNotFoundError:
                if path in self.manifest().files:
                    continue
                break
        raise HTTPException(404, "no such record or file")


def create_app(out: Path) -> FastAPI:
    """The API over the site under `out`."""
    app = FastAPI(title="Assay records", version="1.0", docs_url=None, redoc_url=None)
    app.add_middleware(HeadAsGet)
    served = Served(out)

    @app.get("/agents")
    def agents(
        request: Request,
        q: str = Query("", max_length=200),
        kind: AgentKind | None = None,
        band: str = Query("", max_length=20),
        touches: str = Query("", max_length=40),
        risk: str = Query("", max_length=20),
        order: str = Query("name", pattern="^(name|score|safest|changed)$"),
        limit: int = Query(100, ge=1, le=MOST),
        offset: int = Query(0, ge=0, le=10_000_000),
    ) -> Response:
        """Live agents, one row each."""
        if band and band not in BANDS:
            raise HTTPException(422, f"band is one of {', '.join(BANDS)}")
        if touches and touches not in FILTERS:
            raise HTTPException(422, f"touches is one of {', '.join(FILTERS)}")
        served.manifest()
        words = q.casefold().split()
        found = [
            row
            for row in served.rows
            if row.live
            and (kind is None or row.kind == kind)
            and (not band or (row.band or "withheld") == band)
            and (not touches or touches in row.touches)
            and (not risk or risk in row.risks)
            and all(word in f"{row.name} {row.slug}".casefold() for word in words)
        ]
        keys: dict[str, Callable[[Row], Any]] = {"name": by_name, "score": by_score, "safest": by_safety}
        found = newest_first(found) if order == "changed" else sorted(found, key=keys[order])
        page: list[Any] = [{name: getattr(row, name) for name in _FIELDS} for row in found[offset : offset + limit]]
        return _json(request, canonical_bytes({"total": len(found), "offset": offset, "agents": page}))

    @app.get("/agents/{slug}")
    @app.get("/agents/{slug}.json")  # registered first: the lower decorator runs first
    def agent(request: Request, slug: str) -> Response:
        """One record: the bytes that were published."""
        if not _SLUG.fullmatch(slug):
            raise HTTPException(404, "no such record or file")
        return _json(request, served.file(f"agents/{slug}.json"))

    @app.get("/agents/{slug}/summary")
    def summary(request: Request, slug: str) -> Response:
        """The short summary of one agent."""
        if not _SLUG.fullmatch(slug):
            raise HTTPException(404, "no such record or file")
        return _json(request, served.file(f"summaries/{slug}.json"))

    @app.get("/lookup")
    def lookup(
        request: Request, purl: str = Query("", max_length=2_000), url: str = Query("", max_length=2_000)
    ) -> Response:
        """The records that speak about one package or address, each with how surely it matches."""
        if bool(purl) == bool(url):
            raise HTTPException(422, "give one of purl and url; a name alone matches nothing")
        return _json(request, canonical_bytes(served.answers([Asked(purl=purl or None, url=url or None)])[0]))

    @app.post("/lookup")
    def lookup_many(request: Request, asked: Annotated[list[Asked], Body(max_length=MOST_ASKED)]) -> Response:
        """The same for up to a thousand, `[{"purl": …}, {"url": …}]`, answered in their order."""
        return _json(request, canonical_bytes({"answers": served.answers(asked)}))

    @app.get("/modified.csv")
    def modified(request: Request) -> Response:
        """`id,modified,sha256`, newest first: what a mirror follows."""
        return _tagged(request, served.file("modified.csv"), "text/csv; charset=utf-8")

    @app.get("/schema/{name}")
    def schema(request: Request, name: str) -> Response:
        """A released JSON Schema, such as `record-1.0.json`."""
        if not re.fullmatch(r"record-\d+\.\d+\.json", name):
            raise HTTPException(404, "no such record or file")
        return _json(request, served.file(f"schema/{name}"))

    @app.get("/health")
    def health() -> PlainTextResponse:
        """The number of the served generation."""
        return PlainTextResponse(f"generation {served.manifest().number}\n")

    return app


def _json(request: Request, body: bytes) -> Response:
    return _tagged(request, body, "application/json")


def _tagged(request: Request, body: bytes, media_type: str) -> Response:
    """The bytes under the digest of the bytes; 304 to who has them."""
    tag = f'"{sha256(body)}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    tags = request.headers.get("if-none-match", "")
    if tags.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in tags.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
