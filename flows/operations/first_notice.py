"""Notice before a first publication: whom to notify, since when, and with what words.

Idea: whoever publishes a contact for security matters hears of a record before the world does. Invariants: nothing is
sent from here, since a person sends the mail; an agent without a published contact waits for nobody; a notice that was
given is an event of the log.
"""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from flows.settings import Settings
from records.store import Store
from review.services import draft
from review.services.vendor_mail import mail_text
from scoring.errors import Refused

GIVEN = "notice.given"
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}\b", re.IGNORECASE)
_FOR_IT = re.compile(r"secur|vulnerab|disclos|contact|abuse|reach (?:us|out)", re.IGNORECASE)
_NOBODY = re.compile(r"^(?:git|no-?reply|you|user|name|your\.?\w*)@|@example\.|\.example$", re.IGNORECASE)


class FirstPublicationNotice(NamedTuple):
    """What a first publication waits for."""

    slug: str
    contact: str
    given_at: datetime | None
    """When the vendor was notified; None: not yet."""


def pending_notice(store: Store, slug: str, days: int) -> FirstPublicationNotice | None:
    """The notice that an agent's first publication waits for, so many days after it was given; None: it may go."""
    if not days or store.publications.current(slug) is not None:
        return None
    given_at = next((event.at for event in store.events.all(kind=GIVEN, slug=slug)), None)
    if given_at is not None and store.now() - given_at >= timedelta(days=days):
        return None
    contact = contact_of(store, slug)
    return FirstPublicationNotice(slug, contact, given_at) if contact else None


def contact_of(store: Store, slug: str) -> str:
    """The first address that a page of the draft gives in a line on security or contact; empty if there is none."""
    for source in draft.read(store, slug).extraction.read:
        for line in store.texts.get(source.text_digest).text.splitlines():
            for found in _ADDRESS.finditer(line) if "@" in line and _FOR_IT.search(line + source.url) else ():
                if not _NOBODY.search(found.group()):
                    return found.group()
    return ""


def pending_notices(store: Store, settings: Settings) -> tuple[FirstPublicationNotice, ...]:
    """Of all approved drafts, in the order in which they would be published."""
    found = (pending_notice(store, slug, settings.publish.notice_days) for slug in store.queue.to_publish())
    return tuple(notice for notice in found if notice is not None)


def text_of(store: Store, settings: Settings, notice: FirstPublicationNotice) -> str:
    """A mail that is ready to send."""
    first = (notice.given_at or store.now()) + timedelta(days=settings.publish.notice_days)
    mail = mail_text(draft.read(store, notice.slug), settings.publish.correction_contact or settings.publish.base_url)
    ends = f"{settings.publish.title} publishes this record on {first:%Y-%m-%d} at the earliest."
    return f"To: {notice.contact}\n{mail}\n{ends}\n"


def give(store: Store, settings: Settings, slug: str, actor: str) -> FirstPublicationNotice:
    """Notes that the vendor was notified. Raises `Refused` where nothing waits for it, or it was noted before."""
    notice = pending_notice(store, slug, settings.publish.notice_days)
    if notice is None or notice.given_at is not None:
        why = "its vendor was told before" if notice else "its publication waits for no notice"
        raise Refused(why, subject=slug, step="note the notice", next_step="`assay record notice` lists what waits")
    store.note(GIVEN, slug, {"contact": notice.contact}, actor)
    return notice
