"""What an endpoint says when it gives no answer, sorted into five classes before anything is done about it.

Idea: one table, `data/endpoint_errors.toml`, is read from the top; the first row whose codes, words and statuses fit
decides. Each class has one course, which `chat_calls` takes: a page is refused, a form steps down, an account ends
the asking, a load is waited for by all requests together, a transport is tried again.

Invariants: only what the endpoint itself says counts, never text of ours that it sends back; its words are cut, clean
Unicode and one line; a status of 200 is believed no more than any other.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from extractors.model.endpoint.retry_wait import longest_wait
from scoring.errors import AssayError

TABLE = Path(__file__).resolve().parents[3] / "data" / "endpoint_errors.toml"
_ROWS: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["row"]
_SHOWN = 200
"""Characters of an endpoint's words in a reason."""
_READ = 2_000
"""Characters of its words that are looked at."""
_DEEPEST = 8
_WORDS = re.compile(
    r"\A(?:messages?|msg|err\w*|\w*details?|description|reason|raw|title|cause|status_?message|body|blocked?\w*)"
)
_CODES = re.compile(r"\A(?:\w*code|(__)?type|status|\w*reason|error)")
_ONE_WORD = re.compile(r"\s*[!-~]*\s*")
_HINTS = re.compile(r"param|loc")
_WAITS = re.compile(r"\A(?:retry[-_]?(?:after|delay|in)\S*|estimated_time|wait\w*|cooldown\w*|\S*reset\S*)")
_OURS = ("input", "messages", "content", "prompt", "failed_generation", "flagged_input", "request")
"""Keys under which an endpoint may send back text that it was sent."""
_WINDOW = (
    r"(?:>|<=|≤|at most|less than|fewer than|up to) ?(\d[\d,]+)",
    r"(?:context|window|n_ctx|max_model_len)\D{0,40}?(\d[\d,]+)",
    r"(\d[\d,]+)\D{0,12}(?:max|context)",
    r"(?:max\w*|limit|allowed|at most|range)\D{0,40}?(?:1, ?)?(\d[\d,]+)",
)


ErrorClass = Literal["page", "form", "account", "load", "transport"]
Cause = Literal[
    "filtered", "too long", "answer room", "temperature", "tokens key", "turns", "schema", "limit", "said", ""
]  # fmt: skip
"""What a class's course has to know more exactly. `limit`: it is asked too much, or is down for everybody, so that
waiting is no try; `said`: its words say so, not its status alone."""


class EndpointError(AssayError):
    """No answer came. `problem` is one line for a person, with the endpoint's own words.

    `wait` is the seconds that it asks for; `limit` the tokens of its window, or of an answer; `billed` says that it may
    have done the work although no answer came; `usage` is what it counted all the same, a `TokenCounts`.
    """

    def __init__(
        self,
        problem: str,
        kind: ErrorClass,
        cause: Cause = "",
        *,
        status: int = 0,
        wait: float | None = None,
        limit: int | None = None,
        billed: bool = False,
    ) -> None:
        super().__init__(problem)
        self.kind = kind
        self.cause = cause
        self.status = status
        self.wait = wait
        self.limit = limit
        self.billed = billed
        self.usage: Any = None


def _fits(row: Mapping[str, Any], status: int, message: EndpointMessage, wait: float | None) -> bool:
    if row.get("unless_wait") and wait is not None:
        return False
    if any(_is_code(row, code) for code in message.codes):
        return True
    if "statuses" in row and not {str(status), f"{status // 100}xx"}.intersection(row["statuses"]):
        return False
    return (
        any(re.search(words, message.line, re.IGNORECASE) for words in row["words"])
        if "words" in row
        else "codes" not in row
    )


def _is_code(row: Mapping[str, Any], code: str) -> bool:
    bare = re.sub(r"[^a-z0-9]", "", code.lower())
    return any(re.fullmatch(pattern, bare) for pattern in row.get("codes", ()))


def is_filters_code(code: str) -> bool:
    """Whether a reply ended because of the filter."""
    return any(_is_code(row, code) for row in _ROWS if row.get("cause") == "filtered")


def sort_error(status: int, body: bytes | str, headers: Mapping[str, str] | None = None) -> EndpointError:
    """The error of an answer with this status, or of a body with status 200 that holds no answer."""
    message = EndpointMessage(body)
    if status < 300 or status >= 500:  # a proxy's; what the body says is nearer to the matter
        status = next((int(code) for code in message.codes if re.fullmatch("[45][0-9]{2}", code)), status)
    wait = longest_wait(headers or {}, message.waits, message.words)
    row = next(row for row in _ROWS if _fits(row, status, message, wait))
    cause, shown = row.get("cause", ""), message.words[:_SHOWN]
    if cause == "filtered":
        problem = f"the endpoint's content filter: {shown or 'no reason given'}"
    else:
        problem = ": ".join(filter(None, [f"HTTP {status}" if status >= 300 else "", shown]))
    problem = problem or "the endpoint's answer holds no message"
    if "hint" in row:
        problem = f"{problem}; {row['hint']}"
    limit = message.limit if cause in ("too long", "answer room") else None
    return EndpointError(problem, row["class"], cause, status=status, wait=wait, limit=limit)


class EndpointMessage:
    """The endpoint's own words and codes in a body of any shape: objects, lists, JSON within strings, plain text."""

    def __init__(self, body: bytes | str) -> None:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        self.codes: list[str] = []
        self.waits: list[tuple[str, str]] = []
        found: list[str] = []
        hints: list[str] = []
        value = parsed(text)
        for key, node in _leaves(value, "error") if isinstance(value, dict | list) else [("error", text)]:
            if _WAITS.fullmatch(key):
                self.waits.append((key, str(node)))
            if key in _OURS:
                self.codes.append(key)
            elif _CODES.fullmatch(key) and len(str(node)) <= 80:
                self.codes.append(str(node))
            if key == "n_ctx":
                hints.append(f"n_ctx {node}")
            if node is text and node.lstrip().startswith("<"):
                hints.append("a web page")
            if isinstance(node, str) and key not in _OURS and not node.lstrip().startswith("<"):
                if _WORDS.fullmatch(key) and not (_CODES.fullmatch(key) and _ONE_WORD.fullmatch(node)):
                    found.append(node[:_READ])
                elif _HINTS.fullmatch(key):
                    hints.append(node[:_SHOWN])
        self.words = " ".join(clean(" ".join(dict.fromkeys(found))).split())[:_READ]
        """For a person."""
        self.line = f"{self.words} {clean(' '.join(hints))}"

    @property
    def limit(self) -> int | None:
        """Tokens that the words name as the most."""
        matches = (re.search(pattern, self.line, re.IGNORECASE) for pattern in _WINDOW)
        return next((int(match[1].replace(",", "")[:9]) for match in matches if match), None)


def _leaves(node: Any, key: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every value that is no object and no list, with the key nearest to it; the value of a key of ours is left
    out, but the key itself is named."""
    inner = parsed(node) if isinstance(node, str) and "{" in node and key not in _OURS else None
    node = inner if isinstance(inner, dict | list) else node
    if _WAITS.fullmatch(key) and isinstance(node, dict) and "seconds" in node:  # and nanoseconds
        node = f"{node['seconds']}.{node.get('nanos', 0)!s:0>9}"
    if key in _OURS or not isinstance(node, dict | list):
        if node is not None and not isinstance(node, bool) and depth <= _DEEPEST:
            yield key, ("" if key in _OURS else node)
    elif depth <= _DEEPEST:
        for name, value in node.items() if isinstance(node, dict) else ((key, entry) for entry in node[:20]):
            yield from _leaves(value, str(name).lower(), depth + 1)


def parsed(text: str) -> Any:
    """The JSON object or list that a text is, or that follows some words in it; None when there is none."""
    text = text.lstrip("\ufeff \t\r\n")
    for start in sorted({0, text.find("{"), text.find("[")} - {-1}):
        try:
            value = json.JSONDecoder(strict=False).raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict | list):
            return value
    return None


def clean(text: str) -> str:
    """Unicode without halves of surrogate pairs and without NUL, which no JSON and no database takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
