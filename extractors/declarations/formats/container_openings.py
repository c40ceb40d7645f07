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

__all__ = ["LETS_OUT", "applies", "read"]

_HOST = ("network_mode", "network", "networks", "pid", "ipc", "uts", "userns_mode", "cgroup")
_MOUNT = re.compile(
    r"(?:docker|containerd|podman|crio)\.sock|(?:^|source: ?|src=)/(?:proc|sys|dev|etc|root|var|home)?/?(?::|,|$)"
)
_RIGHTS = re.compile(r"(?i)^(?:CAP_)?(?:ALL|SYS_(?:ADMIN|PTRACE|MODULE|RAWIO)|DAC_READ_SEARCH|NET_ADMIN|BPF)$")
_UNCONFINED = re.compile(r"unconfined|label[:=]disable|systempaths")
LETS_OUT = re.compile(
    r"--privileged|docker\.sock|--cap-add|--(?:net|network|pid|ipc|userns)[= ]host|(?:-v|--volume)[= ]?/:"
)
"""Options of a start that let a process out of its container."""
_TEXT = re.compile(
    r"\bprivileged:[ \t]*[\"']?(?i:true|yes|on)\b|\b(?:network_mode|pid|ipc):[ \t]*[\"']?host\b|docker\.sock"
)
_INSTRUCTION = re.compile(
    r"^[ \t]*(?:RUN|VOLUME|ENTRYPOINT|CMD)\b[^\n]*?(?:--security=insecure|docker\.sock)", re.MULTILINE
)


def read(document: Document) -> Declarations:
    found = [each for value in document.yaml for holder in _holders(value) for each in _opened(holder)]
    if not document.yaml:
        pattern = _TEXT if document.name.endswith((".yml", ".yaml")) else _INSTRUCTION
        found = [Located("", match.start(), match.end()) for match in pattern.finditer(document.text)]
    return Declarations(openings=tuple(Opening(place=document.place(each)) for each in found))


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
            text = written(member).strip()
            if (
                (key == "privileged" and text.lower() in ("true", "yes", "on", "1"))
                or (key in _HOST and (text == "host" or text.startswith("host:")))
                or (key == "volumes" and _MOUNT.search(text))
                or (key == "cap_add" and _RIGHTS.search(text))
                or (key == "security_opt" and _UNCONFINED.search(text))
                or (key == "options" and LETS_OUT.search(text))
            ):
                yield member
