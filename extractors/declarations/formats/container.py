"""Compose files, Dockerfiles and workflow files: who runs it, with which rights, and what it can touch of its host."""

from __future__ import annotations

import re

from extractors.declarations.credentials import credential
from extractors.declarations.document import Document
from extractors.declarations.facts import ContainerFact, Credential, Declarations, Launch, RunsAt, Subject, merged
from extractors.declarations.located import NOTHING, Located
from extractors.declarations.subjects import image

_COMPOSE = re.compile(r"\A(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$|(?:^|/)(?:action|\.gitlab-ci)\.ya?ml$")
_INSTRUCTION = re.compile(
    r"^[ \t]*(FROM|USER|EXPOSE|VOLUME|ENV|ARG)[ \t]+((?:[^\\\n]|\\[^\n]|\\\n)*+)",
    re.MULTILINE | re.IGNORECASE,
)
_SERVICE = ("user", "privileged", "volumes", "ports", "expose", "networks", "network_mode", "image")


def applies(document: Document) -> bool:
    return (
        bool(_COMPOSE.match(document.name))
        or document.name == "dockerfile"
        or document.name.startswith("dockerfile.")
        or document.name.endswith(".dockerfile")
        or bool(_WORKFLOW.search(document.path))
        or document.name in ("smithery.yaml", "smithery.yml")
    )


def read(document: Document) -> Declarations:
    if not document.name.endswith((".yml", ".yaml")):
        return _dockerfile(document)
    made = _compose if _COMPOSE.match(document.name) else _workflow
    if document.name.startswith("smithery"):
        made = _smithery
    return merged([Declarations(), *(made(document, value) for value in document.yaml)])


def _fact(document: Document, value: str, at: Located) -> ContainerFact:
    return ContainerFact(value=" ".join(value.split())[:300], place=document.place(at))


def _compose(document: Document, value: Located) -> Declarations:
    facts: list[ContainerFact] = []
    credentials: list[Credential] = []
    subjects: list[Subject] = []
    for _, service in value.items("services"):
        for key in _SERVICE:
            entry = service.get(key) or NOTHING
            members = entry.members() or [entry]
            if isinstance(entry.value, dict):
                members = [Located(inner, member.start, member.end) for inner, member in entry.items()]
            facts += [_fact(document, text, member) for member in members if (text := written(member))]
        reference = service.string("image")
        if reference is not None and service.get("build"):
            subjects += image(reference.value, "compose file", document.place(reference), own=False)
        listed = [(str(entry.value).partition("=")[0], entry) for entry in service.members("environment")]
        for key, entry in (*service.items("environment"), *listed):
            credentials += credential(key, "compose file", document.place(entry))
    return Declarations(containers=tuple(facts), credentials=tuple(credentials), subjects=tuple(subjects))


def written(value: Located) -> str:
    if isinstance(value.value, dict):
        return ", ".join(f"{key}: {written(member)}" for key, member in value.items())
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    return "" if value.value is None else str(value.value)


def _smithery(document: Document, value: Located) -> Declarations:
    start = value.get("startCommand") or NOTHING
    kind = start.string("type")
    if kind is None:
        return Declarations()
    launch = Launch(
        transport="stdio" if kind.value == "stdio" else "http",
        runs_at=RunsAt.LOCAL if kind.value == "stdio" else RunsAt.INTERNAL_NETWORK,
        stated_by="smithery.yaml",
        place=document.place(kind),
    )
    credentials = [
        made
        for name, entry in (start.get("configSchema") or NOTHING).items("properties")
        for made in credential(name, "smithery.yaml", document.place(entry))
    ]
    return Declarations(launches=(launch,), credentials=tuple(credentials))


def _workflow(document: Document, value: Located) -> Declarations:
    holders = (value, *(job for _, job in value.items("jobs")))
    images = [image for holder in holders if (image := holder.get("container"))]
    return Declarations(containers=tuple(_fact(document, written(image), image) for image in images))


def _dockerfile(document: Document) -> Declarations:
    """Of all stages the image, and of the last one what else is said."""
    images: list[ContainerFact] = []
    facts: list[ContainerFact] = []
    credentials: list[Credential] = []
    for match in _INSTRUCTION.finditer(document.text):
        name, value = match.group(1).upper(), " ".join(match.group(2).replace("\\\n", " ").split())
        at = Located(value, match.start(1), match.start(1) + len(match.group(0).split("\n")[0].strip()))
        if name in ("ENV", "ARG"):
            for variable in re.findall(r"(?:^|\s)([A-Z][A-Z0-9_]+)(?==|\s|$)", value)[:20]:
                credentials += [made for made in credential(variable, "Dockerfile", document.place(at)) if made.secret]
        elif name == "FROM":
            images.append(_fact(document, value, at))
            facts = [*images]
        else:
            facts.append(_fact(document, value, at))
    return Declarations(containers=tuple(facts), credentials=tuple(credentials))
