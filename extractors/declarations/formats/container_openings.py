"""Lines of container files that let what runs in a container out of it.

Idea: a page may say *sandbox* of a container that its own files start with rights of the host. Invariants: what a file
takes over from itself (anchors in `x-` blocks) counts too; one that does not parse is searched as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, Opening
from extractors.declarations.formats.container import applies, written
from extractors.declarations.located import NOTHING, Located

__all__ = ["applies", "lets_out", "read"]

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
_INSTRUCTION = re.compile(
    rf"^[ \t]*(?:RUN|VOLUME|ENTRYPOINT|CMD)\b[^\n]*?(?:--security=insecure|{_SOCKETS})", re.MULTILINE
)


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


def read(document: Document) -> Declarations:
    found = [each for value in document.yaml for holder in _holders(value) for each in _opened(holder)]
    if not document.yaml:
        look = _openings if document.name.endswith((".yml", ".yaml")) else _INSTRUCTION.finditer
        found = [Located(match[0], match.start(), match.end()) for match in look(document.text)]
    return Declarations(openings=tuple(Opening(value=written(each), place=document.place(each)) for each in found))


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
            if key in (*_VALUES, "options") and lets_out(f"{key}: {written(member)}"):
                yield member
