"""The operator's log: one line an event of a night, as text or JSON, on standard error.

Idea: an event has a name and facts (`agent.ended run=… slug=… outcome=…`). Invariants: no page text and no reply
of a model is ever a fact; a secret of the settings is masked wherever it might turn up; a line is one line.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from flows.report.console import printable
from flows.settings import Settings

LOG = logging.getLogger("assay")
LONGEST = 300
"""Characters of one fact."""


def log_event(event: str, **facts: Any) -> None:
    """Logs one event; costs nothing when nobody listens."""
    if LOG.isEnabledFor(logging.INFO):
        LOG.info(event, extra={"facts": facts})


def listen(settings: Settings) -> None:
    """Sends the log to standard error in the form of the settings. Repeating it changes nothing."""
    for old in list(LOG.handlers):
        LOG.removeHandler(old)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter(settings))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False


class LogFormatter(logging.Formatter):
    """One event as one line."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._json = settings.log == "json"
        self._secrets = sorted(secrets_of(settings), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        facts = {name: self._plain(value) for name, value in getattr(record, "facts", {}).items()}
        event = self._masked(printable(record.getMessage()))
        if self._json:
            return json.dumps({"at": at, "level": record.levelname.lower(), "event": event, **facts})
        return " ".join([at, event, *(f"{name}={_quoted(value)}" for name, value in facts.items() if value != "")])

    def _plain(self, value: Any) -> Any:
        if isinstance(value, bool | int | float) or value is None:
            return value
        return self._masked(printable(str(value)))[:LONGEST]

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _quoted(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & set(' "=') else text


def secrets_of(settings: Settings) -> set[str]:
    """Every secret in force, those of the environment and the database's password included."""
    found = {settings.api_key or "", settings.github_token or "", settings.store_password}

    def walk(value: Any) -> None:
        if isinstance(value, SecretStr):
            found.add(value.get_secret_value())
        elif isinstance(value, BaseModel):
            for name in type(value).model_fields:
                walk(getattr(value, name))
        elif isinstance(value, dict):
            for inner in value.values():
                walk(inner)

    walk(settings)
    return {secret for secret in found if len(secret) > 3}
