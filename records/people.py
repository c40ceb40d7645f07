"""Who may use the desk, and the tokens that let them in.

Invariants: neither a password nor a token is kept, only what proves it (the caller's hash; a token's digest); a
token gives no role of its own, and those of a person end when the role changes; what expired is soon dropped.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from extractors.pages.snapshot import sha256
from records.database.store_part import StorePart
from records.database.tables import people, tokens
from scoring.errors import NotFound, required


class Person(NamedTuple):
    name: str
    role: str
    """`reader`, `reviewer`, `publisher` or `administrator`."""
    secret: str | None
    """Password hash as the desk made it; None for people whom a proxy signs in."""
    added_at: datetime
    disabled_at: datetime | None


class Token(NamedTuple):
    purpose: str
    """`session`, `setup`, `vendor`, `program`"""
    subject: str
    """The person, or the slug that a vendor's link is about."""
    data: dict[str, Any]
    created_at: datetime
    until: datetime
    used_at: datetime | None


class Session(NamedTuple):
    """A session that is open, or a program's token."""

    mark: str
    """The first signs of the token's digest: names it, and lets nobody in."""
    person: str
    since: datetime
    until: datetime
    data: dict[str, Any]
    """`agent` and `address` of who signed in, where known; of a program its `role`."""


_PERSONAL = ("session", "setup")
"""Purposes of the tokens that let a person in."""
KEPT_AFTER = timedelta(days=1)
"""How long a token that expired or was used stays."""


class People(StorePart):
    """People and their tokens."""

    def put(self, name: str, role: str, *, secret: str | None = None, actor: str | None = None) -> Person:
        """Adds a person, or changes role and secret. Another role ends their sessions and links."""
        with self._db.writing():
            known = self._db.first(Person, sa.select(people).where(people.c.name == name))
            if known is None or known.role != role or known.disabled_at is not None:
                self._end_tokens(name)
            added = known.added_at if known is not None else self._db.now()
            row = {"name": name, "role": role, "secret": secret, "added_at": added, "disabled_at": None}
            self._db.put(people, row)
            self._db.note("person.put", payload={"name": name, "role": role}, actor=actor)
        return self.get(name)

    def get(self, name: str) -> Person:
        found = self._db.first(Person, sa.select(people).where(people.c.name == name))
        return required(found, NotFound("no such person", subject=name, step="desk"))

    def all(self) -> tuple[Person, ...]:
        return self._db.read(Person, sa.select(people).order_by(people.c.name))

    def disable(self, name: str, *, actor: str | None = None) -> None:
        """Ends their sessions and links too."""
        with self._db.writing():
            self._db.write(sa.update(people).where(people.c.name == name).values(disabled_at=self._db.now()))
            self._end_tokens(name)
            self._db.note("person.disabled", payload={"name": name}, actor=actor)

    def _end_tokens(self, name: str) -> None:
        self._db.write(sa.delete(tokens).where(tokens.c.subject == name, tokens.c.purpose.in_(_PERSONAL)))

    def issue(self, purpose: str, subject: str, seconds: int, data: dict[str, Any] | None = None) -> str:
        """Issues a token, which is shown once. Deletes tokens that expired long ago (writes)."""
        token = secrets.token_urlsafe(32)
        now = self._db.now()
        until = now + timedelta(seconds=seconds)
        row = {"digest": sha256(token.encode()), "purpose": purpose, "subject": subject, "data": data or {}}
        with self._db.writing():
            self.prune_expired()
            self._db.put(tokens, {**row, "created_at": now, "until": until, "used_at": None})
        return token

    def prune_expired(self) -> int:
        """Lets go of tokens that expired or were used a day ago; gives how many."""
        over = self._db.now() - KEPT_AFTER
        return self._db.write(sa.delete(tokens).where((tokens.c.until <= over) | (tokens.c.used_at <= over)))

    def token(self, purpose: str, token: str) -> Token | None:
        """The purpose and person of a token; None when it is unknown, used up or too old."""
        query = sa.select(*tokens.c[Token._fields])
        return self._db.first(Token, query.where(_valid(purpose, self._db.now()), _is(token)))

    def sessions(self, person: str | None = None, purpose: str = "session") -> tuple[Session, ...]:
        """Open sessions, the newest first; of one person, or of all."""
        query = sa.select(*tokens.c["digest", "subject", "created_at", "until", "data"])
        query = query.where(_valid(purpose, self._db.now())).order_by(tokens.c.created_at.desc(), tokens.c.digest)
        if person is not None:
            query = query.where(tokens.c.subject == person)
        return tuple(Session(mark_of(row[0]), *row[1:]) for row in self._db.rows(query))

    def end_session(self, mark: str, *, actor: str) -> None:
        """Ends the session with this mark."""
        digest = tokens.c.digest.startswith(f"sha256:{mark}", autoescape=True)
        with self._db.writing():
            if self._db.write(sa.delete(tokens).where(tokens.c.purpose == "session", digest)):
                self._db.note("session.ended", payload={"session": mark}, actor=actor)

    def use(self, purpose: str, token: str) -> Token | None:
        """Like `token`, and it can never be used again: of two at once, one gets it."""
        now = self._db.now()
        query = sa.select(*tokens.c[Token._fields]).where(_is(token))
        with self._db.writing():
            used = self._db.write(sa.update(tokens).where(_valid(purpose, now), _is(token)).values(used_at=now))
            return self._db.first(Token, query) if used else None

    def revoke(self, purpose: str, *, token: str | None = None, subject: str | None = None) -> None:
        """Ends one token, or all of a subject."""
        only = [_is(token)] if token is not None else []
        only += [tokens.c.subject == subject] if subject is not None else []
        self._db.write(sa.delete(tokens).where(tokens.c.purpose == purpose, *only))


def _valid(purpose: str, now: datetime) -> sa.ColumnElement[bool]:
    return (tokens.c.purpose == purpose) & tokens.c.used_at.is_(None) & (tokens.c.until > now)


def _is(token: str) -> sa.ColumnElement[bool]:
    return tokens.c.digest == sha256(token.encode())


def mark_of(digest: str) -> str:
    """The signs of a token's digest by which its session is named."""
    return digest.removeprefix("sha256:")[:16]
