"""Plugin and marketplace manifests, and hooks: which command runs on which event of the host."""

from __future__ import annotations

from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, DeclaredTool, Hook, Origin, SubjectKind, merged
from extractors.declarations.launches import servers
from extractors.declarations.located import Located
from extractors.declarations.place import first_line
from extractors.declarations.subjects import named, stated_repository


def applies(document: Document) -> bool:
    return document.name in ("plugin.json", "marketplace.json", "hooks.json", "settings.json") or (
        document.name.endswith(".json") and "/hooks/" in f"/{document.path}"
    )


def read(document: Document) -> Declarations:
    value = document.json
    if value is None or not isinstance(value.value, dict):
        return Declarations()
    hooks = value.get("hooks")
    parts = [_hooks(document, hooks) if hooks else Declarations()]
    if document.name == "plugin.json":
        parts.append(_plugin(document, value))
    elif document.name == "marketplace.json":
        parts.append(_marketplace(document, value))
    holder = value.get("mcpServers")
    if holder is not None and isinstance(holder.value, dict) and document.name == "plugin.json":
        parts.append(servers(document, holder, "plugin manifest", own=False))
        for name, entry in holder.items():
            parts.append(
                Declarations(
                    tools=(
                        DeclaredTool(
                            name=name, origin=Origin.MANIFEST, idiom="plugin's server", place=document.place(entry)
                        ),
                    )
                )
            )
    return merged(parts)


def _plugin(document: Document, value: Located) -> Declarations:
    name = value.get("name")
    if name is None or not isinstance(name.value, str) or not name.value.strip():
        return Declarations()
    subjects = [
        named(
            SubjectKind.PLUGIN,
            name.value.strip(),
            value.text("version"),
            "claude_plugin",
            "plugin manifest",
            document.place(name),
        )
    ]
    url = value.get("repository")
    url = url.get("url") if url is not None and isinstance(url.value, dict) else url
    if url is not None and isinstance(url.value, str):
        made = stated_repository(url.value, "plugin manifest", document.place(url))
        subjects += [made] if made else []
    return Declarations(subjects=tuple(subjects))


def _marketplace(document: Document, value: Located) -> Declarations:
    name = value.get("name")
    if name is None or not isinstance(name.value, str):
        return Declarations()
    subjects = [
        named(
            SubjectKind.MARKETPLACE,
            name.value,
            value.text("version"),
            "claude_marketplace",
            "marketplace manifest",
            document.place(name),
        )
    ]
    return Declarations(subjects=tuple(subjects))


def _hooks(document: Document, value: Located) -> Declarations:
    """`{event: [{matcher, hooks: [{type, command}]}]}`, or flat `{event: [{command}]}`."""
    found = []
    for event, groups in value.items():
        for group in groups.members() or ([groups] if isinstance(groups.value, dict) else []):
            inner = group.get("hooks")
            for entry in inner.members() if inner else [group]:
                runs = entry.get("command", "prompt", "url", "bash", "script")
                if runs is None or not isinstance(runs.value, str):
                    continue
                condition = entry.text("if")
                matcher = group.text("matcher") or (condition.partition("(")[0] if condition else "")
                found.append((event, matcher, entry.text("type") or "command", runs))
    hooks = tuple(
        Hook(event=event, matcher=matcher, kind=kind, runs=runs.value.strip(), place=document.place(runs))
        for event, matcher, kind, runs in found
    )
    tools = tuple(
        DeclaredTool(
            name=hook.event, description=first_line(hook.runs), origin=Origin.HOOK, idiom="hook", place=hook.place
        )
        for hook in hooks
    )
    return Declarations(hooks=hooks, tools=tools)
