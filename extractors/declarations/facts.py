"""What a product's own files declare, each fact with the line that carries it.

Idea: a manifest, a card or a registering call states things that no prose has to be read for. Invariant: every fact
but a gap and a power has a `Place` whose quote stands in the file at its offsets: the whole line of its span without
blanks around it, or the span itself where the line is too long to be quoted (minified files). Nothing here judges
what a declaration is worth.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from scoring.claims import Frozen
from scoring.tools.inventory import Annotations
from scoring.vocabulary import SubjectKind as SubjectKind

LONGEST_QUOTE = 400
"""Characters."""
LONGEST_PROSE = 4_000
"""Characters of a tool's description that are looked through."""
_FIRST_SENTENCE = re.compile(r"\S[^\n]*")


class SourceFile(NamedTuple):
    """One file as it was read."""

    url: str
    path: str
    """Path in the repository or folder, with `/`."""
    text: str
    truncated: bool = False
    """True if the file goes on after `text`."""


class Place(Frozen):
    """`text[start:end] == quote` in the file at `url`; offsets in Unicode code points."""

    url: str
    path: str
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    quote: str


class Origin(StrEnum):
    """Which kind of text declares a tool; the order is the order of trust."""

    SOURCE = "source"
    DUMP = "dump"
    MANIFEST = "manifest"
    CARD = "card"
    SKILL = "skill"
    AGENT = "agent"
    COMMAND = "command"
    HOOK = "hook"
    DOCUMENT = "document"


class DeclaredTool(Frozen):
    name: str
    description: str = ""
    """Its first line, at most 300 characters."""
    prose: str = ""
    """The whole description as a host hands it to its model, where program text or a list of tools holds it."""
    annotations: Annotations | None = None
    """None: this kind of text says nothing about them; an object with four Nones: it declares none."""
    schema_text: str = ""
    """The declared input schema as it is written, blanks folded; a change of it is a change of the tool."""
    allowed_tools: tuple[str, ...] = ()
    """Of a skill, agent or command: the tools of its host that it asks for."""
    allowed_at: Place | None = None
    """The line that asks for them."""
    origin: Origin
    idiom: str
    """Name of the rule that found it: `decorator`, `registering call`, `readme table`, …"""
    behind: str = ""
    """The condition that has to hold for the tool to exist, as written; empty: unconditional as far as is seen."""
    place: Place


class Subject(Frozen):
    """A name by which a machine can match the product."""

    kind: SubjectKind
    value: str
    """A canonical package URL, an address or a registry name."""
    name: str = ""
    version: str | None = None
    ecosystem: str = ""
    """`npm`, `pypi`, `oci`, `docker`, `cargo`, `golang`, `nuget`, `maven`, `mcpb`, `mcp_registry`, …"""
    stated_by: str
    """The reader that found it: `server.json`, `package.json`, `client configuration`, …"""
    own: bool = True
    """False for a package that the product merely starts or recommends: only its own files name the product itself."""
    place: Place


class RunsAt(StrEnum):
    LOCAL = "local"
    INTERNAL_NETWORK = "internal_network"
    HOSTED = "hosted"


class Launch(Frozen):
    """How the product is started or reached."""

    server: str = ""
    """The key under which a client knows it."""
    command: str = ""
    arguments: tuple[str, ...] = ()
    transport: str = ""
    """`stdio`, `streamable-http`, `sse`, `http`, `jsonrpc`, …; empty where the file does not say."""
    url: str = ""
    package: str = ""
    """The package URL of what the command fetches and runs."""
    runs_at: RunsAt | None = None
    stated_by: str
    place: Place
    wiring: Place | None = None
    """Of a client's configuration: the whole entry, by which somebody wires the product into a client."""


class Credential(Frozen):
    """An environment variable, header or configuration value that the product asks for."""

    name: str
    secret: bool | None = None
    """None where the file does not say and the name decides nothing."""
    stated_by: str
    place: Place


class Dependency(Frozen):
    name: str
    says: str = ""
    """What its presence shows, from the reviewed table: `shell`, `browser`, `sql`, `model_client`, …"""
    development: bool = False
    """Brought for building, testing or documenting only."""
    optional: bool = False
    """An extra or an optional peer: a plain installation does without it."""
    place: Place


class ContainerFact(Frozen):
    """Where it runs or what confines it: an image, a user, a mount, a port or a network."""

    value: str
    place: Place


class Scheme(Frozen):
    """A way in which a caller has to authenticate."""

    name: str
    kind: str
    """`apiKey`, `http`, `oauth2`, `openIdConnect`, `mutualTLS`."""
    place: Place


class Statement(Frozen):
    """A line of a README that says how the product is used or what it can be kept from."""

    claim: str
    """An `ExposureFact`, or `account`."""
    value: str
    why: str
    """One sentence for a person: what the line shows."""
    follows: bool = False
    """True where the line says something else, from which this follows."""
    place: Place


class Opening(Frozen):
    """A line of a container file that lets what runs in it out: privileges, the host's network, its root or socket."""

    value: str = ""
    place: Place


class Power(Frozen):
    """A line of program text that acts, or of which it is not known that it does not: it forbids a *nothing*."""

    why: str
    """One clause for a person, with file and line."""
    executes: bool
    """Whether it could run commands or code; one that does not could still write or send."""


class Declarations(NamedTuple):
    """What one reader gives for one file, one program, or all readers for all files of a product."""

    subjects: tuple[Subject, ...] = ()
    tools: tuple[DeclaredTool, ...] = ()
    launches: tuple[Launch, ...] = ()
    credentials: tuple[Credential, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    containers: tuple[ContainerFact, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    statements: tuple[Statement, ...] = ()
    gaps: tuple[str, ...] = ()
    """Why tools may exist that no reader of these files can list."""
    powers: tuple[Power, ...] = ()
    openings: tuple[Opening, ...] = ()


def merged(parts: Iterable[Declarations]) -> Declarations:
    """All facts of the parts, in their order, each once."""
    columns = zip(*parts, strict=True)
    return Declarations(*(tuple(dict.fromkeys(fact for facts in column for fact in facts)) for column in columns))


def place(file: SourceFile, start: int, end: int) -> Place:
    """The line that holds `start`, up to the end of the line that holds `end` where both are short."""
    text = file.text
    left = text.rfind("\n", 0, start) + 1
    right = text.find("\n", end)
    right = len(text) if right < 0 else right
    if right - left > LONGEST_QUOTE:
        line_end = text.find("\n", start)
        right = len(text) if line_end < 0 else line_end
        if right - left > LONGEST_QUOTE:
            left, right = start, max(min(end, start + LONGEST_QUOTE), start + 1)
    quote = text[left:right]
    left += len(quote) - len(quote.lstrip())
    quote = quote.strip()
    if not quote:
        left, quote = start, text[start : start + 1]
    return Place(url=file.url, path=file.path, start=left, end=left + len(quote), quote=quote)


def first_line(text: str, most: int = 300) -> str:
    """The first line that is not blank, blanks folded, cut at `most` characters."""
    found = _FIRST_SENTENCE.search(text)
    return " ".join(found.group(0).split())[:most] if found else ""
