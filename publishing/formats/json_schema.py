"""The JSON Schema of published records, released by version and kept as files.

Idea: a schema is a promise, so each released one is a file that never changes; within a major version only
optional things are added. Invariant: the file of the current version says what the types say, and every
record ever published validates against every later minor version. Unknown keys are allowed to readers, so
that an addition breaks nobody.

    python -m publishing.formats.json_schema        writes the file of a new version
"""

import json
from pathlib import Path
from typing import Any

from scoring.record import SCHEMA_VERSION, PublishedRecord

CURRENT = SCHEMA_VERSION
RELEASED = Path(__file__).parents[1] / "schemas"


def schema() -> dict[str, Any]:
    """The schema of `PublishedRecord` as the code has it now, JSON Schema 2020-12."""
    made = PublishedRecord.model_json_schema(mode="serialization")
    opened = _open(made)
    assert isinstance(opened, dict)
    opened.pop("description", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:assay:schema:record:{CURRENT}",
        **opened,
        "title": f"Assay published record {CURRENT}",
        "description": "What one AI agent publishes about itself, assessed. Numbers are exact decimals as strings.",
    }


def _open(node: Any) -> Any:
    """Without `additionalProperties: false` and titles made of names, which say nothing."""
    if isinstance(node, dict):
        return {
            key: _open(value)
            for key, value in node.items()
            if not (key == "additionalProperties" and value is False)
            and not (key == "title" and isinstance(value, str))
        }
    return [_open(value) for value in node] if isinstance(node, list) else node


def released() -> dict[str, bytes]:
    """File name and bytes of every released schema."""
    return {path.name: path.read_bytes() for path in sorted(RELEASED.glob("record-*.json"))}


def text() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    RELEASED.mkdir(exist_ok=True)
    (RELEASED / f"record-{CURRENT}.json").write_text(text(), encoding="utf-8")
