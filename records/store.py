"""The store: one database, one folder of blobs, one clock. Everything that Assay keeps goes through here.

    with Store.open("data/run/assay.db") as store:             # or postgresql://…, with blobs="s3://…"
        with store.writing():                                  # several calls, one transaction, nothing awaited
            store.assessments.put(extraction, assessment)
            store.runs.end_agent(run.id, slug, AgentOutcome.ASSESSED)

    store.sources       add get all remove
    store.listings      take put get at find slugs count coverage opt_out opt_in
    store.subjects      keep of beside history stating rivals
    store.pages         keep state states snapshot body assign urls ledger
                        host_states host_state keep_host_states
    store.texts         keep keep_none derived get body
    store.completions   answered refused keep body parts usage keep_prompt prompt_body
    store.batches       begin name end drop under_way answer waits waiting take_unused
    store.assessments   put current current_digest stored extraction assessment history
    store.reviews       append (raises StaleState) all of_act of_reviewer get standing effort
    store.drafts        decide (raises StaleState) log last last_of of_act flip redo add_note notes
    store.claim_reasons waiting claims verdicts by_assessor times
    store.second_reviews approved answered begin waiting end answer take_back answers
    store.publications  begin put finish generation current version versions all digests set_lost_evidence
    store.corrections   append get all states
    store.requests      add open finish
    store.runs          begin is_ours is_running plan finish get recent reclaim end_agent endings counts
    store.looks         crawled ended stand
    store.locks         try_acquire held
    store.people        put get all disable issue token use revoke prune_expired sessions end_session
    store.queue         get status page neighbours count statuses groups to_publish
    store.events        all last head anchor differences
    store.blobs         put get has drop all sweep

    store.note(kind, slug, payload, actor)                     store.reading()   store.now()

What goes through all that is kept (verify, backup, export, import, retention) is in `records.maintenance`.

Invariants: each call is one transaction or joins the open `store.writing()`; blobs are written before the rows
that name them; what a person decided is only ever appended to. Errors are those of `scoring.errors`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Self

from records.agents.agent_lists import Queue
from records.agents.last_crawl import LastCrawls
from records.agents.listings import Listings
from records.agents.sources import Sources
from records.agents.subjects import Subjects
from records.assessments.assessments import Assessments
from records.assessments.batches import Batches
from records.assessments.claim_reasons import ClaimReasons
from records.assessments.completions import Completions
from records.assessments.corrections import Corrections, Requests
from records.assessments.review_drafts import Drafts
from records.assessments.reviews import Reviews
from records.assessments.second_reviews import SecondReviews
from records.database import schema
from records.database.engine import Database, utc_now
from records.database.events import Events
from records.database.locks import Locks
from records.database.runs import Runs
from records.pages.blobs import Blobs
from records.pages.page_texts import Texts
from records.pages.pages import Pages
from records.people import People
from records.publications import Publications
from scoring.errors import BadInput, required


class Store:
    """Everything kept, by topic."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self.database = database
        self.blobs = blobs
        self.sources = Sources(database)
        self.listings = Listings(database)
        self.subjects = Subjects(database)
        self.pages = Pages(database, blobs)
        self.texts = Texts(database)
        self.completions = Completions(database)
        self.batches = Batches(database)
        self.assessments = Assessments(database)
        self.reviews = Reviews(database)
        self.drafts = Drafts(database)
        self.claim_reasons = ClaimReasons(database)
        self.second_reviews = SecondReviews(database)
        self.publications = Publications(database)
        self.corrections = Corrections(database)
        self.requests = Requests(database)
        self.locks = Locks(database)
        self.looks = LastCrawls(database)
        self.runs = Runs(database, self.locks)
        self.people = People(database)
        self.queue = Queue(database)
        self.events = Events(database)

    @classmethod
    def open(
        cls,
        database: str | Path,
        *,
        blobs: str | Path | None = None,
        clock: Callable[[], datetime] = utc_now,
        actor: str = "assay",
        create: bool = True,
    ) -> Self:
        """Opens a store; makes it when it is new, brings its schema up when it is old.

        `database` is a file or a URL. Blobs lie beside the file in `blobs/` unless said otherwise; a server
        needs them said. With `create=False` a store that is not there is `NotFound`.
        """
        url = str(database)
        if "://" not in url:
            url = f"sqlite:///{Path(url).expanduser().absolute()}"
        opened = Database(url, clock, actor)
        if blobs is None:
            problem = BadInput(
                "a database server needs a place for page bytes",
                subject=opened.label,
                step="open",
                next_step="set `blobs` to a shared folder or bucket",
            )
            blobs = required(opened.path, problem).parent / "blobs"
        try:
            schema.ensure(opened, create=create)
        except BaseException:
            opened.close()
            raise
        return cls(opened, Blobs(blobs))

    def writing(self, *, quick: bool = False) -> AbstractContextManager[object]:
        """One transaction for several calls: all of them, or none. Never await anything inside.

        `quick`: it outlives any kill, but perhaps not a power failure; for what can be worked out again.
        """
        return self.database.writing(quick=quick)

    def reading(self) -> AbstractContextManager[object]:
        """One consistent view for several calls."""
        return self.database.viewing()

    def note(self, kind: str, slug: str = "", payload: dict[str, object] | None = None, actor: str = "") -> None:
        """Adds an event of the caller's own to the chain."""
        with self.database.writing():
            self.database.note(kind, slug, payload, actor or None)

    def now(self) -> datetime:
        return self.database.now()

    def close(self) -> None:
        """Lets go of connections and locks."""
        self.locks.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
