"""Compose files, Dockerfiles and workflow files: who runs it, with which rights, and what it can touch of its host."""

from __future__ import annotations

import re

from extractors.declarations.credentials import credential
from extractors.declarations.document import Document
from extractors.declarations.facts import ContainerFact, Credential, Declarations, Launch, RunsAt, merged
from extractors.declarations.located import Located
from extractors.declarations.subjects import image

_COMPOSE = re.compile(r"\A(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$|(?:^|/)(?:action|\.gitlab-ci)\.ya?ml$")
_INSTRUCTION = re.compile(
    r"^[ \t]*(FROM|USER|EXPOSE|VOLUME|ENTRYPOINT|CMD|ENV|ARG|HEALTHCHECK)[ \t]+((?:[^\\\n]|\\[^\n]|\\\n)*+)",
    re.MULTILINE | re.IGNORECASE,
)
_SERVICE = {
    "user": "user",
    "privileged": "privileged",
    "volumes": "mount",
    "ports": "port",
    "expose": "port",
    "networks": "network",
    "network_mode": "network",
    "cap_add": "capability added",
    "cap_drop": "capability dropped",
    "security_opt": "security option",
    "read_only": "read-only root",
    "pid": "pid namespace",
    "ipc": "ipc namespace",
    "devices": "device",
    "image": "image",
    "command": "command",
    "entrypoint": "command",
    "runtime": "runtime",
    "mem_limit": "limit",
    "userns_mode": "user namespace",
}


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
    if _COMPOSE.match(document.name):
        return merged([Declarations(), *(_compose(document, value) for value in document.yaml)])
    if document.name.startswith("smithery"):
        return merged([Declarations(), *(_smithery(document, value) for value in document.yaml)])
    if document.name.endswith((".yml", ".yaml")):
        return merged([Declarations(), *(_workflow(document, value) for value in document.yaml)])
    return _dockerfile(document)


def _fact(document: Document, key: str, value: str, service: str, at: Located) -> ContainerFact:
    return ContainerFact(key=key, value=" ".join(value.split())[:300], service=service, place=document.place(at))


def _compose(document: Document, value: Located) -> Declarations:
    facts: list[ContainerFact] = []
    credentials: list[Credential] = []
    subjects = []
    services = value.get("services")
    for name, service in services.items() if services else ():
        for key, kind in _SERVICE.items():
            entry = service.get(key)
            if entry is None:
                continue
            members = entry.members() or [entry]
            if isinstance(entry.value, dict):
                members = [Located(inner, member.start, member.end) for inner, member in entry.items()]
            for member in members:
                text = _written(member)
                if text:
                    facts.append(_fact(document, kind, text, name, member))
        reference = service.get("image")
        if reference is not None and isinstance(reference.value, str) and service.get("build"):
            made = image(reference.value, "compose file", document.place(reference), own=False)
            subjects += [made] if made else []
        environment = service.get("environment")
        for key, entry in environment.items() if environment else ():
            made_credential = credential(key, "compose file", document.place(entry))
            credentials += [made_credential] if made_credential else []
        for entry in environment.members() if environment else []:
            made_credential = credential(str(entry.value).partition("=")[0], "compose file", document.place(entry))
            credentials += [made_credential] if made_credential else []
    return Declarations(containers=tuple(facts), credentials=tuple(credentials), subjects=tuple(subjects))


def _written(value: Located) -> str:
    if isinstance(value.value, dict):
        return ", ".join(f"{key}: {_written(member)}" for key, member in value.items())
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    return "" if value.value is None else str(value.value)


def _smithery(document: Document, value: Located) -> Declarations:
    start = value.get("startCommand")
    kind = start.get("type") if start else None
    if kind is None or not isinstance(kind.value, str):
        return Declarations()
    credentials = []
    schema = start.at("configSchema", "properties") if start else None
    required = start.at("configSchema", "required") if start else None
    names = [each.value for each in required.members()] if required else []
    for name, entry in schema.items() if schema else ():
        made = credential(name, "smithery.yaml", document.place(entry), required=name in names)
        credentials += [made] if made else []
    launch = Launch(
        transport="stdio" if kind.value == "stdio" else "http",
        runs_at=RunsAt.LOCAL if kind.value == "stdio" else RunsAt.INTERNAL_NETWORK,
        stated_by="smithery.yaml",
        place=document.place(kind),
    )
    return Declarations(launches=(launch,), credentials=tuple(credentials))


def _workflow(document: Document, value: Located) -> Declarations:
    facts = []
    triggers = value.get("on")
    if triggers is not None:
        members = (
            [Located(key, entry.start, entry.end) for key, entry in triggers.items()]
            or triggers.members()
            or [triggers]
        )
        facts += [
            _fact(document, "trigger", str(member.value), "", member)
            for member in members
            if isinstance(member.value, str)
        ]
    holders = [("", value), *(value.get("jobs") or Located({}, 0, 0)).items()]
    for name, holder in holders:
        permissions = holder.get("permissions")
        if permissions is not None:
            for key, entry in permissions.items():
                facts.append(_fact(document, "permission", f"{key}: {_written(entry)}", name, entry))
            if isinstance(permissions.value, str):
                facts.append(_fact(document, "permission", permissions.value, name, permissions))
        container = holder.get("container")
        if container is not None:
            facts.append(_fact(document, "image", _written(container), name, container))
    return Declarations(containers=tuple(facts))


def _dockerfile(document: Document) -> Declarations:
    facts: list[ContainerFact] = []
    credentials: list[Credential] = []
    last_stage = 0
    for match in _INSTRUCTION.finditer(document.text):
        name, value = match.group(1).upper(), " ".join(match.group(2).replace("\\\n", " ").split())
        at = Located(value, match.start(1), match.start(1) + len(match.group(0).split("\n")[0].strip()))
        if name == "FROM":
            last_stage = len(facts)
            facts.append(_fact(document, "image", value, "", at))
        elif name in ("ENV", "ARG"):
            for variable in re.findall(r"(?:^|\s)([A-Z][A-Z0-9_]+)(?==|\s|$)", value)[:20]:
                made = credential(variable, "Dockerfile", document.place(at))
                credentials += [made] if made and made.secret else []
        else:
            kind = {
                "USER": "user",
                "EXPOSE": "port",
                "VOLUME": "mount",
                "ENTRYPOINT": "command",
                "CMD": "command",
                "HEALTHCHECK": "health check",
            }[name]
            facts.append(_fact(document, kind, value, "", at))
    stages = facts[:last_stage]
    kept = [fact for fact in stages if fact.key == "image"] + facts[last_stage:]
    return Declarations(containers=tuple(kept), credentials=tuple(credentials))
