"""Compose files, Dockerfiles and workflow files: who runs it, with which rights, and what lets it out of its container.

Idea: a page may say *sandbox* of a container that its own files start with rights of the host. Invariants: what a file
takes over from itself (anchors in `x-` blocks) counts too; one that does not parse is searched for openings as text.
"""

import re
from collections.abc import Iterator

from extractors.declarations.facts import (
    ContainerFact,
    Credential,
    Declarations,
    Launch,
    Opening,
    RunsAt,
    Subject,
    merged,
)
from extractors.declarations.formats.environment_variables import credential
from extractors.declarations.located import NOTHING, Document, Located
from extractors.declarations.subjects import image

_COMPOSE = re.compile(r"\A(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$|(?:^|/)(?:action|\.gitlab-ci)\.ya?ml$")
_INSTRUCTION = re.compile(
    r"^[ \t]*(FROM|USER|EXPOSE|VOLUME|ENV|ARG)[ \t]+((?:[^\\\n]|\\[^\n]|\\\n)*+)",
    re.MULTILINE | re.IGNORECASE,
)
_SERVICE = ("user", "privileged", "volumes", "ports", "expose", "networks", "network_mode", "image")
_SOCKETS = r"(?:docker|containerd|podman|crio)\.sock"
_VALUES = {
    key: re.compile(value)
    for keys, value in (
        ("privileged use_api_socket", r"(?i)^(?:true|yes|on|1|--privileged|--use-api-socket)$"),
        ("network_mode network networks net pid ipc uts userns_mode userns cgroup cgroupns", r"^host(?::|$)"),
        (
            "volumes volume v mount source src",
            rf"{_SOCKETS}|(?:^|(?:source|src)=)/++(?:proc|sys|dev|etc|root|home|(?:var/)?run|var)?/*+(?::|$)",
        ),
        ("devices device", r"^/dev/*(?::|$)|^/dev/(?:k?mem|port|sd|hd|vd|xvd|nvme|mmcblk|dm-|mapper|disk)"),
        ("cap_add", r"(?i)^(?:CAP_)?(?:ALL|SYS_(?:ADMIN|PTRACE|MODULE|RAWIO)|DAC_READ_SEARCH|NET_ADMIN|BPF)$"),
        ("security_opt", r"unconfined|label[:=]disable|systempaths"),
    )
    for key in keys.split()
}
"""Keys of container files, and options of a start by the same names, with the values that let a process out."""
_KEY = re.compile(r"\A(?:-(?:-|[itdqDP]*)(v(?![a-z])|[a-z][\w-]*)=?(.*)|([\w.-]++):)")
"""`--volume`, `--volume=/:/host`, `-itv`, `-v/:/host` or `volumes:`."""
_WORD = re.compile(r"[^\s,\[\]{}\"']+")
_LETTING_OUT = re.compile(
    rf"^[ \t]*(?:RUN|VOLUME|ENTRYPOINT|CMD)\b[^\n]*?(?:--security=insecure|{_SOCKETS})", re.MULTILINE
)


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
    openings = Declarations(openings=_openings_of(document))
    if not document.name.endswith((".yml", ".yaml")):
        return merged([openings, _dockerfile(document)])
    reader = _compose if _COMPOSE.match(document.name) else _workflow
    if document.name.startswith("smithery"):
        reader = _smithery
    return merged([openings, *(reader(document, value) for value in document.yaml)])


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
            facts += [_fact(document, text, member) for member in members if (text := _written(member))]
        reference = service.string("image")
        if reference is not None and service.get("build"):
            subjects += image(reference.value, "compose file", document.place(reference), own=False)
        listed = [(str(entry.value).partition("=")[0], entry) for entry in service.members("environment")]
        for key, entry in (*service.items("environment"), *listed):
            credentials += credential(key, "compose file", document.place(entry))
    return Declarations(containers=tuple(facts), credentials=tuple(credentials), subjects=tuple(subjects))


def _written(value: Located) -> str:
    if isinstance(value.value, dict):
        return ", ".join(f"{key}: {_written(member)}" for key, member in value.items())
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
    jobs = (job.get("container") for job in (value, *(job for _, job in value.items("jobs"))))
    return Declarations(containers=tuple(_fact(document, _written(image), image) for image in jobs if image))


def _dockerfile(document: Document) -> Declarations:
    """Of all stages the image, and of the last one all other instructions."""
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


def lets_out(text: str) -> bool:
    """Whether the options of a start let a process out of its container."""
    return any(_openings(text))


def _openings(text: str) -> Iterator[re.Match[str]]:
    """The words that let a process out by the key or option before them."""
    key = ""
    for word in _WORD.finditer(text):
        before, value = key, word[0]
        if named := _KEY.fullmatch(value):
            key, value = (named[1] or named[3]).replace("-", "_"), named[2] or value
        if any(each in _VALUES and _VALUES[each].search(value) for each in (before, key)):
            yield word


def _openings_of(document: Document) -> tuple[Opening, ...]:
    found = [each for value in document.yaml for holder in _holders(value) for each in _opened(holder)]
    if not document.yaml:
        search = _openings if document.name.endswith((".yml", ".yaml")) else _LETTING_OUT.finditer
        found = [Located(match[0], match.start(), match.end()) for match in search(document.text)]
    return tuple(Opening(value=_written(each), place=document.place(each)) for each in found)


def _holders(value: Located) -> Iterator[Located]:
    """Services, blocks that services take over, and the containers of a workflow's jobs."""
    yield from (service for _, service in value.items("services"))
    yield from (member for key, member in value.items() if key.startswith("x-"))
    for _, job in value.items("jobs"):
        yield job.get("container") or NOTHING
        yield from (each for _, each in job.items("services"))


def _opened(holder: Located) -> Iterator[Located]:
    for key, entry in holder.items():
        for member in entry.members() or [entry]:
            if key in (*_VALUES, "options") and lets_out(f"{key}: {_written(member)}"):
                yield member
