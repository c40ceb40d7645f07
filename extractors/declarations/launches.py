"""One server entry of a client's configuration: command or address, environment, headers."""

from __future__ import annotations

import re
from typing import NamedTuple

from extractors.declarations.credentials import VARIABLE, credential
from extractors.declarations.document import Document
from extractors.declarations.facts import (
    Credential,
    Declarations,
    Endpoint,
    Launch,
    Place,
    RunsAt,
    Subject,
    merged,
)
from extractors.declarations.located import Located
from extractors.declarations.start_commands import canonical_transport, read_command
from extractors.declarations.subjects import image, package, where

WIRING = 300
"""Characters of an entry that are quoted."""


class _Parts(NamedTuple):
    subjects: list[Subject]
    launches: list[Launch]
    credentials: list[Credential]
    endpoints: list[Endpoint]


def server_entry(document: Document, name: str, entry: Located, stated_by: str, own: bool) -> Declarations:
    """What `{"command": …, "args": …, "env": …}` or `{"url": …}` says; nothing if it is neither."""
    command = entry.text("command", "cmd")
    arguments = entry.get("args", "arguments", "envs_args")
    words = tuple(
        str(member.value) for member in (arguments.members() if arguments else []) if isinstance(member.value, str)
    )
    listed = entry.get("command")
    if not command and listed is not None and listed.members():
        texts = [str(member.value) for member in listed.members()]
        command, words = texts[0], (*texts[1:], *words)
    nested = entry.get("command")
    if (
        not command and nested is not None and isinstance(nested.value, dict)
    ):  # Zed: {"command": {"path": …, "args": …}}
        return server_entry(
            document,
            name,
            Located({**nested.value, "command": nested.get("path", "command")}, *nested[1:]),
            stated_by,
            own,
        )
    url = entry.text("url", "serverUrl", "httpUrl", "server_url", "uri", "endpoint")
    environment = entry.get("env", "environment", "envs")
    variables = [(key, value) for key, value in environment.items()] if environment else []
    headers = entry.get("headers")
    place = document.place(entry.get("command", "url", "serverUrl", "httpUrl", "server_url", "uri") or entry)
    found = _Parts([], [], [], [])
    transport = (
        canonical_transport(entry.text("type", "transport", "transportType"))
        if entry.text("type", "transport", "transportType")
        else ""
    )
    for key, value in variables:
        made = credential(key, stated_by, document.place(value))
        if made:
            found.credentials.append(made)
    for key, value in headers.items() if headers else ():
        made = credential(key, stated_by, document.place(value))
        if made and made.secret is not False:
            found.credentials.append(made)
    names = tuple(key for key, _ in variables)
    if command:
        add_command(found, name, command, words, names, transport, stated_by, own, place)
    elif url:
        add_url(found, name, url, names, transport or "http", stated_by, place)
    whole = document.place(entry._replace(end=min(entry.end, entry.start + WIRING)))
    found.launches[:] = [launch.model_copy(update={"wiring": whole}) for launch in found.launches]
    return Declarations(
        subjects=tuple(found.subjects),
        launches=tuple(found.launches),
        credentials=tuple(found.credentials),
        endpoints=tuple(found.endpoints),
    )


def add_command(
    found: _Parts,
    name: str,
    command: str,
    words: tuple[str, ...],
    names: tuple[str, ...],
    transport: str,
    stated_by: str,
    own: bool,
    place: Place,
) -> None:
    read = read_command(command, words)
    if read.url:
        add_url(found, name, read.url, names, read.transport, stated_by, place)
        return
    if read.runs_at is None:
        return
    transport = read.transport or transport
    asked = [*names, *_docker_variables(words)]
    found.launches.append(
        Launch(
            server=name,
            command=command,
            arguments=words[:60],
            transport=transport,
            package=read.purl,
            environment=tuple(dict.fromkeys(asked)),
            runs_at=_runs_at(read.runs_at, transport),
            stated_by=stated_by,
            place=place,
        )
    )
    for variable in _docker_variables(words):
        made = credential(variable, stated_by, place)
        if made and variable not in names:
            found.credentials.append(made)
    if read.ecosystem == "oci":
        # A name without an owner is an image that its user builds.
        subject = image(read.name, stated_by, place, own) if "/" in read.name else None
    else:
        subject = package(read.ecosystem, read.name, read.version, stated_by, place, own) if read.name else None
    if subject:
        found.subjects.append(subject)


def add_url(
    found: _Parts, name: str, url: str, names: tuple[str, ...], transport: str, stated_by: str, place: Place
) -> None:
    runs_at = where(url)
    if runs_at is None:
        return
    found.launches.append(
        Launch(
            server=name,
            url=url,
            transport=transport,
            environment=names,
            runs_at=runs_at,
            stated_by=stated_by,
            place=place,
        )
    )
    found.endpoints.append(Endpoint(url=url, transport=transport, runs_at=runs_at, stated_by=stated_by, place=place))


def command_line(
    document: Document,
    name: str,
    command: str,
    words: tuple[str, ...],
    transport: str,
    stated_by: str,
    own: bool,
    place: Place,
) -> Declarations:
    found = _Parts([], [], [], [])
    add_command(found, name, command, words, (), transport, stated_by, own, place)
    return Declarations(
        subjects=tuple(found.subjects),
        launches=tuple(found.launches),
        credentials=tuple(found.credentials),
        endpoints=tuple(found.endpoints),
    )


def url_line(name: str, url: str, transport: str, stated_by: str, place: Place) -> Declarations:
    found = _Parts([], [], [], [])
    add_url(found, name, url, (), transport, stated_by, place)
    return Declarations(launches=tuple(found.launches), endpoints=tuple(found.endpoints))


def servers(document: Document, holder: Located, stated_by: str, own: bool) -> Declarations:
    """All entries of `mcpServers`; the first is quoted with the key that holds them."""
    entries = list(holder.items())
    if entries and entries[0][1].start - holder.start < WIRING // 3:
        entries[0] = (entries[0][0], entries[0][1]._replace(start=holder.start))
    return merged([Declarations(), *(server_entry(document, name, entry, stated_by, own) for name, entry in entries)])


def _docker_variables(words: tuple[str, ...]) -> list[str]:
    found = []
    for position, word in enumerate(words):
        if word in ("-e", "--env") and position + 1 < len(words):
            word = words[position + 1]
        elif not word.startswith(("--env=", "-e")):
            continue
        match = VARIABLE.match(word.removeprefix("--env=").removeprefix("-e").lstrip("= "))
        if match:
            found.append(match.group(0))
    return found


def _runs_at(place: RunsAt, transport: str) -> RunsAt:
    return RunsAt.INTERNAL_NETWORK if place is RunsAt.LOCAL and re.match(r"sse|http|streamable", transport) else place
