"""Which paths are program text, and which of these belong to what a product delivers.

Idea: crawl, folder and readers have to mean the same files. Invariant: the answer depends on paths alone.
"""

import posixpath
import re
from collections.abc import Sequence

SUFFIXES = {
    ".py": "python",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "tsx",
    ".mjs": "tsx",
    ".cjs": "tsx",
    ".jsx": "tsx",
    ".go": "go",
    ".rs": "rust",
    ".cs": "csharp",
    ".java": "java",
    ".kt": "kotlin",
}
_NO_PROGRAM = re.compile(
    r"^(?:[^/]+/)?(?:tests?|__tests__|specs?|__mocks__|mocks?|fixtures?|testdata|e2e|examples?|samples?|demos?|docs?|"
    r"benchmarks?|bench|node_modules|vendor|third_party|\.github|evals?|storybook|website)/"
    r"|(?:^|/)(?:__tests__|__mocks__|node_modules|src/test)/"
    r"|(?:^|/)(?<!/tools/)(?<!/tool/)test_[^/]+\.py$|(?:^|/)(?:conftest|setup)\.py$"
    r"|(?:^|/)[^/]+_test\.(?:go|py)$|(?:^|/)[^/]+\.(?:test|spec|stories|mock|bench|spechelper)s?\.[cm]?[jt]sx?$"
    r"|Tests?\.(?:cs|java|kt)$|\.d\.ts$|\.config\.\w+$",
    re.IGNORECASE,
)
"""Folders count near the root only: `src/tools/tests/list.ts` may well declare tools about tests."""


def language_of(path: str) -> str | None:
    name = path.rsplit("/", 1)[-1].lower()
    return None if name.endswith(".d.ts") else SUFFIXES.get("." + name.rpartition(".")[2])


def is_program(path: str) -> bool:
    """True for a path with the ending of a language that is read."""
    return language_of(path) is not None


def shipped(paths: Sequence[str]) -> tuple[list[str], str]:
    """(program paths that may be part of what is delivered, the product's own folder): no tests, examples or
    configuration. Where a product itself lives under `samples/`, that part of its path does not count."""
    root = posixpath.commonpath([posixpath.dirname(path) or "." for path in paths]) if paths else ""
    root = root + "/" if root not in ("", ".") else ""
    return [
        path for path in dict.fromkeys(paths) if is_program(path) and not _NO_PROGRAM.search(path[len(root) :])
    ], root
