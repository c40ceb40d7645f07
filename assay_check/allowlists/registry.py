"""A static MCP registry, version 0.1: the servers that the policy allows, as files whose bodies are the answers.

    v0.1/servers.json                                         GET /v0.1/servers
    v0.1/servers/NAMESPACE/NAME/versions.json                 GET /v0.1/servers/{name}/versions
    v0.1/servers/NAMESPACE/NAME/versions/latest.json          GET /v0.1/servers/{name}/versions/latest
    v0.1/servers/NAMESPACE/NAME/versions/VERSION.json         GET /v0.1/servers/{name}/versions/{version}

A file server adds `.json` and the CORS headers (see `nginx.conf` beside it). The same files stand below `v0` and
without a prefix, for clients that forget it, and each server also below the literal name `NAMESPACE%2FNAME`.
Invariant: a package is listed with an exact version or not at all; the query of a request is ignored.
"""

import re
from datetime import date
from typing import Any

from packageurl import PackageURL

from assay_check.allowlists.allow_list import AllowList, Effect, json_bytes
from assay_check.checking import Checked, CheckedEntry
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import RecordSummary
from assay_check.policy import Advice
from assay_check.record_match import Match
from assay_check.redaction import looks_secret, printable
from assay_check.subjects import SubjectKind

SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
NAMESPACE = "assay.local"
"""Of servers whose record states no registry name: it claims nobody's domain."""
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.-]*/[a-zA-Z0-9_-][a-zA-Z0-9._-]*\Z")
_VERSION = re.compile(r"[a-zA-Z0-9][\w.+-]{0,100}\Z")
"""A version becomes the name of a file, and a record's text must not lead out of the folder."""
_PREFIXES = ("v0.1/", "v0/", "")

NGINX = """# Serves the registry folder: add to a server block with `root` set to this folder.
location ~ ^/(v0\\.1/|v0/)?servers {
    if ($request_method = OPTIONS) { return 204; }
    try_files $uri.json =404;
    default_type application/json;
    add_header Access-Control-Allow-Origin "*" always;
    add_header Access-Control-Allow-Methods "GET, OPTIONS" always;
    add_header Access-Control-Allow-Headers "Authorization, Content-Type" always;
}
"""


def registry(checked: Checked) -> AllowList:
    """The folder of a registry. Raises `BadInput` when it would hold no server."""
    servers: dict[tuple[str, str], dict[str, Any]] = {}
    effects = []
    for item in checked.entries:
        if item.entry.disabled:
            continue
        made = _answer(item, checked.today)
        if isinstance(made, str):
            effects.append(Effect(item, False, f"not listed: {made}"))
            continue
        name, version = made["server"]["name"], made["server"]["version"]
        servers.setdefault((name, version), made)
        effects.append(
            Effect(item, True, f"listed as {name} {version}; the client compares the name of what is installed")
        )
    if not servers:
        raise BadInput(
            "no server can be listed, and an empty registry would let nothing run", next_step="check the configuration"
        )
    files = {f"{prefix}{name}": body for prefix in _PREFIXES for name, body in _files(servers).items()}
    notes = ("A registry is matched by name, which a local edit defeats: prefer the lists of commands and addresses.",)
    return AllowList(files | {"nginx.conf": NGINX.encode()}, tuple(effects), notes)


def _files(servers: dict[tuple[str, str], dict[str, Any]]) -> dict[str, bytes]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    for (name, _), answer in sorted(servers.items()):
        by_name.setdefault(name, []).append(answer)
    every = []
    files: dict[str, bytes] = {}
    for name, answers in by_name.items():
        latest = max(answers, key=lambda answer: _order(answer["server"]["version"]))
        marked = [_marked(answer, answer is latest) for answer in answers]
        every += marked
        for folder in (f"servers/{name}", f"servers/{name.replace('/', '%2F')}"):
            files[f"{folder}/versions.json"] = json_bytes(_list(marked))
            for answer in marked:
                files[f"{folder}/versions/{answer['server']['version']}.json"] = json_bytes(answer)
            files[f"{folder}/versions/latest.json"] = json_bytes(_marked(latest, True))
    return {"servers.json": json_bytes(_list(every)), **files}


def _list(answers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"servers": answers, "metadata": {"count": len(answers)}}


def _marked(answer: dict[str, Any], latest: bool) -> dict[str, Any]:
    official = answer["_meta"]["io.modelcontextprotocol.registry/official"] | {"isLatest": latest}
    return {"server": answer["server"], "_meta": {"io.modelcontextprotocol.registry/official": official}}


def _order(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part) if part.isdigit() else -1, part) for part in re.split(r"[.+-]", version))


def _answer(item: CheckedEntry, today: date) -> dict[str, Any] | str:
    """The answer about one entry's server, or why it cannot be listed."""
    match, subject = item.match, item.entry.subject
    if item.verdict.advice is not Advice.ALLOW:
        return f"the policy says {item.verdict.advice}"
    if match is None:
        return "no record speaks about it"
    if subject.kind is SubjectKind.URL and subject.endpoint:
        if any(looks_secret(part) for part in subject.endpoint.split("/")):
            return "a part of its address looks like a token"
        kind = "sse" if item.entry.transport == "sse" else "streamable-http"
        start: dict[str, Any] = {"remotes": [{"type": kind, "url": subject.endpoint}]}
        stated = match.record.registry.version if match.record.registry else None
        version = stated if stated and _VERSION.match(stated) else None
    elif subject.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE) and subject.purl:
        package = _package(subject.purl, match)
        if isinstance(package, str):
            return package
        start = {"packages": [package]}
        exact = match.version or subject.version or ""
        version = (subject.tag or exact.replace(":", "-")) if subject.kind is SubjectKind.IMAGE else exact
        if not _VERSION.match(version):
            return "its version cannot be listed"
    else:
        return "a registry lists packages, images and addresses"
    return _response(match.record, start, version, today)


def _package(purl: str, match: Match) -> dict[str, Any] | str:
    parsed = PackageURL.from_string(purl)
    version = parsed.version or match.version
    if parsed.type == "oci":
        repository, tag = parsed.qualifiers.get("repository_url", ""), parsed.qualifiers.get("tag") or match.tag
        if not version and not tag:
            return "neither a tag nor a digest is stated, and a registry must name a version"
        reference = repository + (f":{tag}" if tag else "") + (f"@{version}" if version else "")
        return {"registryType": "oci", "identifier": reference, "transport": {"type": "stdio"}}
    if not version:
        return "no exact version is stated, and a registry must name one"
    if parsed.type not in ("npm", "pypi", "nuget"):
        return f"a registry does not know packages of type {parsed.type}"
    name = f"{parsed.namespace}/{parsed.name}" if parsed.namespace else parsed.name
    return {"registryType": parsed.type, "identifier": name, "version": version, "transport": {"type": "stdio"}}


def _response(record: RecordSummary, start: dict[str, Any], version: str | None, today: date) -> dict[str, Any]:
    stated = record.registry
    assessed = record.assessed or today
    server: dict[str, Any] = {
        "$schema": SCHEMA,
        "name": _name(record),
        "description": printable((stated.description if stated else None) or record.name, 100) or record.slug,
        "title": printable(record.name, 100) or record.slug,
        "version": version or f"{assessed.year}.{assessed.month}.{assessed.day}",
        **start,
        "_meta": {"io.modelcontextprotocol.registry/publisher-provided": {"assay/record": _provenance(record)}},
    }
    moment = f"{assessed.isoformat()}T00:00:00Z"
    official = {"status": "active", "publishedAt": moment, "updatedAt": moment, "isLatest": True}
    return {"server": server, "_meta": {"io.modelcontextprotocol.registry/official": official}}


def _name(record: RecordSummary) -> str:
    """The registry name that the record states, else one in a namespace of nobody."""
    if record.registry and len(record.registry.name) <= 200 and _NAME.match(record.registry.name):
        return record.registry.name
    return f"{NAMESPACE}/{re.sub(r'[^a-zA-Z0-9_-]+', '-', record.slug)[:100].strip('-') or 'server'}"


def _provenance(record: RecordSummary) -> dict[str, Any]:
    stated = {
        "record": record.record,
        "record_digest": record.digest,
        "assessed": record.assessed.isoformat() if record.assessed else None,
        "expires": record.expires.isoformat() if record.expires else None,
    }
    return {key: value for key, value in stated.items() if value is not None}
