"""`assay store verify`: the store re-derived, and its log held against an earlier head of it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from assay_check.bundles import Verified
from flows.reading.time_limited_pool import READERS
from flows.report.progress_bar import bar
from flows.settings import load
from flows.store_access import open_store
from records.maintenance.verify import verify
from scoring.errors import BadInput

if TYPE_CHECKING:
    from records.database.events import Points

_NEXT = "name a site, its audit.json, or what `assay status --json` or `assay store log --json` printed"

MOST_SECONDS = 600.0
"""Processor time that a reader may take for one batch of rows."""


def verify_store(against: str = "") -> Verified:
    """Every digest, offset, score and the event chain of the store in the settings; the chain also against an earlier
    head of it, when a file or address holds one."""
    points = earlier_head(against) if against else None
    with open_store(load(), create=False) as store, bar("verify") as progress:
        return verify(store, lambda step: progress(step, 0, 0), partial(READERS.ask, MOST_SECONDS), points)


def earlier_head(place: str) -> Points:
    """The digests of events that a file, a site's folder or an address holds. Raises `BadInput` when it holds none."""
    from assay_check.endpoints import is_url
    from assay_check.errors import BadInput as Unread
    from assay_check.lookup.site_lookup import Address, Folder
    from records.database.events import Anchor

    site, _, name = place.rpartition("/") if place.endswith(".json") or Path(place).is_file() else (place, "", "")
    try:
        body = (Address(site) if is_url(place) else Folder(Path(site or "."))).read(name or "audit.json")
        parsed = json.loads(body)
        if isinstance(parsed, list):
            return {int(point["sequence"]): str(point["digest"]).removeprefix("sha256:") for point in parsed}
        return Anchor.model_validate(parsed.get("audit", parsed)).points
    except Unread as error:
        raise BadInput(error.problem.partition(":")[0], subject=place, step="verify", next_step=_NEXT) from None
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput("it holds no head of a log", subject=place, step="verify", next_step=_NEXT) from None
