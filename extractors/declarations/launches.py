"""One server entry of a client's configuration: command or address, environment, headers."""

from __future__ import annotations

import re
from collections.abc import Container

from extractors.declarations.credentials import VARIABLE, credential
from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, Launch, Place, RunsAt, Subject, merged
from extractors.declarations.located import NOTHING, Located
from extractors.declarations.start_commands import canonical_transport, read_command
from extractors.declarations.subjects import image, package, where

WIRING = 300
"""Characters of an entry that are quoted."""


def server_entry(document: Document, name: str, entry: Located, stated_by: str, own: bool) -> Declarations:
    """What `{"command": …, "args": …, "env": …}` or `{"url": …}` says; nothing if it is neither."""
    listed = entry.get("command") or NOTHING
    if isinstance(listed.value, dict) and not entry.text("command", "cmd"):  # Zed: {"command": {"path": …, "args": …}}
        inner = {**listed.value, "command": listed.get("path", "command") or NOTHING}
        return server_entry(document, name, listed._replace(value=inner), stated_by, own)
    command = entry.text("command", "cmd")
    arguments = entry.members("args", "arguments", "envs_args")
    words = tuple(member.value for member in arguments if isinstance(member.value, str))
    if not command and listed.members():
        command, *first = (str(member.value) for member in listed.members())
        words = (*first, *words)
    url = entry.text("url", "serverUrl", "httpUrl", "server_url", "uri", "endpoint")
    variables = dict(entry.items("env", "environment", "envs"))
    place = document.place(entry.get("command", "url", "serverUrl", "httpUrl", "server_url", "uri") or entry)
    said = entry.text("type", "transport", "transportType")
    transport = canonical_transport(said) if said else ""
    asked = [made for key, at in variables.items() for made in credential(key, stated_by, document.place(at))]
    for key, at in entry.items("headers"):
        asked += [made for made in credential(key, stated_by, document.place(at)) if made.secret is not False]
    found = Declarations()
    if command:
        found = command_line(name, command, words, transport, stated_by, place, own, variables)
    elif url:
        found = url_line(name, url, transport or "http", stated_by, place)
    whole = document.place(entry._replace(end=min(entry.end, entry.start + WIRING)))
    launches = tuple(launch.model_copy(update={"wiring": whole}) for launch in found.launches)
    return found._replace(launches=launches, credentials=(*asked, *found.credentials))


def command_line(
    name: str,
    command: str,
    words: tuple[str, ...],
    transport: str,
    stated_by: str,
    place: Place,
    own: bool = False,
    known: Container[str] = (),
) -> Declarations:
    """What a command starts. `known`: variables that are told of elsewhere."""
    read = read_command(command, words)
    if read.url:
        return url_line(name, read.url, read.transport, stated_by, place)
    if read.runs_at is None:
        return Declarations()
    transport = read.transport or transport
    launch = Launch(
        server=name,
        command=command,
        arguments=words[:60],
        transport=transport,
        package=read.purl,
        runs_at=_runs_at(read.runs_at, transport),
        stated_by=stated_by,
        place=place,
    )
    asked = [variable for variable in _docker_variables(words) if variable not in known]
    subjects: tuple[Subject, ...] = ()
    if read.ecosystem == "oci":  # a name without an owner is an image that its user builds
        subjects = image(read.name, stated_by, place, own) if "/" in read.name else ()
    elif read.name:
        subjects = package(read.ecosystem, read.name, read.version, stated_by, place, own)
    credentials = tuple(made for variable in asked for made in credential(variable, stated_by, place))
    return Declarations(subjects=subjects, launches=(launch,), credentials=credentials)


def url_line(name: str, url: str, transport: str, stated_by: str, place: Place) -> Declarations:
    """A server that is reached at its address."""
    runs_at = where(url)
    if runs_at is None:
        return Declarations()
    launch = Launch(server=name, url=url, transport=transport, runs_at=runs_at, stated_by=stated_by, place=place)
    return Declarations(launches=(launch,))


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
