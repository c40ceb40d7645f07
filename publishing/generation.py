"""Folders of a site: one folder a generation, switched in at once, unchanged files shared by hard link.

    out/current -> generations/000042        what a web server serves
    out/generations/000042/…                 one complete site
    out/generations/000042.json              its manifest: what each file was made from
    out/generations/000042.notes.json        what the next publication wants to know again

Idea: a file is named by what it was made from (its key), so that a publication writes only files whose key is
new. The oldest kept generation is recycled as the next one's folder, so that the cost is that of the change
and not that of the catalogue. Invariants: a folder under its number never changes; `current` is swapped by
one rename; a killed publication leaves at most `.next`, which the next one throws away.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic_core import from_json, to_json

from scoring.errors import NotFound, Refused

KEEP = 3
"""Generations that stay readable: a reader that resolved `current` has this many publications to finish."""

Write = TypeVar("Write")
"""What makes a file."""


class Generation(NamedTuple):
    """What a publication did."""

    number: int
    written: int
    """Files made anew."""
    unchanged: int
    """Files taken over from the generation before."""
    removed: int
    """Files of the generation before that are no more."""
    path: Path
    """The generation's folder."""


class Manifest(NamedTuple):
    number: int
    files: dict[str, str]
    """Path to key."""
    notes: dict[str, Any]
    """What the next publication wants to know again: rows, aliases, the digest of all.zip."""


EMPTY = Manifest(0, {}, {})


class Folders:
    """The folders under `out`. Use inside `locked`."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.generations = out / "generations"
        self.next = self.generations / ".next"

    def current(self) -> Manifest:
        """The generation that is served; EMPTY before the first."""
        number = self.served()
        return EMPTY if number is None else self.manifest(number)

    def served(self) -> int | None:
        """The number of the generation that is served; None before the first."""
        try:
            return int((self.out / "current").readlink().name)
        except (OSError, ValueError):
            return None

    def manifest(self, number: int, *, with_notes: bool = True) -> Manifest:
        """The manifest of a generation; EMPTY when it cannot be used."""
        try:
            files = from_json(self._beside(number).read_bytes())
            notes = from_json(self._beside(number, ".notes").read_bytes()) if with_notes else {}
            return Manifest(files["number"], files["files"], notes)
        except (OSError, ValueError, KeyError, TypeError):
            return EMPTY

    def folder(self, number: int) -> Path:
        return self.generations / f"{number:06d}"

    def _beside(self, number: int, kind: str = "") -> Path:
        return self.generations / f"{number:06d}{kind}.json"

    def make(
        self,
        served: Manifest,
        plan: Mapping[str, tuple[str, Write]],
        notes: dict[str, Any],
        write_all: Callable[[list[tuple[Path, Write]]], None],
    ) -> Generation:
        """Writes the plan as the next generation and switches it in. `notes` is read after the files are written."""
        number = max(served.number, *self._numbers(), 0) + 1
        there = self._start_folder(number, served.number)
        files = {path: key for path, (key, _) in plan.items()}
        new = sorted(path for path, _ in files.items() - there.files.items())
        for path in there.files.keys() & {*new, *(there.files.keys() - files.keys())}:
            (self.next / path).unlink(missing_ok=True)
        for folder in {path.rpartition("/")[0] for path in new}:
            (self.next / folder).mkdir(parents=True, exist_ok=True)
        same = [path for path in new if served.files.get(path) == files[path]]
        linked = _link(self.folder(served.number), self.next, same)
        pending = [(self.next / path, plan[path][1]) for path in new if path not in linked]
        write_all(pending)
        self._switch(Manifest(number, files, notes))
        removed = len(served.files.keys() - plan.keys())
        return Generation(number, len(pending), len(plan) - len(pending), removed, self.folder(number))

    def _numbers(self) -> list[int]:
        return sorted(int(p.name) for p in self.generations.glob("[0-9]*") if p.name.isdecimal())

    def back(self) -> Manifest:
        """Serves the generation before the one that is served; both stay. Raises `NotFound` when there is none."""
        served = self.current().number
        for number in reversed(self._numbers()):
            if number < served and (manifest := self.manifest(number)).files:
                self._point_at(number)
                return manifest
        raise NotFound("there is no generation before", subject=str(self.out), step="publish")

    def _start_folder(self, number: int, served: int) -> Manifest:
        """`.next`, either a recycled old generation with its manifest, or an empty folder."""
        if self.next.exists():
            shutil.rmtree(self.next)
        self.generations.mkdir(parents=True, exist_ok=True)
        recycled = EMPTY
        for old in self._numbers():
            if old > number - KEEP:
                break
            if old == served:  # somebody went back to it
                continue
            known = self.manifest(old, with_notes=False) if not recycled.number else EMPTY
            if known.files:
                recycled = known
                self.folder(old).rename(self.next)
            else:
                shutil.rmtree(self.folder(old))
            self._beside(old).unlink(missing_ok=True)
            self._beside(old, ".notes").unlink(missing_ok=True)
        self.next.mkdir(exist_ok=True)
        return recycled

    def _switch(self, manifest: Manifest) -> None:
        number = manifest.number
        for path, content in (
            (self._beside(number, ".notes"), manifest.notes),
            (self._beside(number), {"number": number, "files": manifest.files}),
        ):
            staged = self.generations / ".next.json"
            with staged.open("wb") as file:
                file.write(to_json(content))
                file.flush()
                os.fsync(file.fileno())
            staged.rename(path)
        self.next.rename(self.folder(number))
        self._point_at(number)

    def _point_at(self, number: int) -> None:
        link = self.out / ".current"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("generations") / f"{number:06d}")
        link.replace(self.out / "current")
        for folder in (self.generations, self.out):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _link(source: Path, target: Path, paths: list[str]) -> set[str]:
    """Takes files over by hard link, folder by folder at once; gives those that could be."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    old, new = str(source), str(target)

    def take(several: list[str]) -> list[str]:
        done = []
        for path in several:
            with contextlib.suppress(OSError):
                os.link(f"{old}/{path}", f"{new}/{path}")
                done.append(path)
        return done

    with ThreadPoolExecutor() as pool:
        return {path for done in pool.map(take, folders.values()) for path in done}


@contextlib.contextmanager
def locked(out: Path) -> Iterator[Folders]:
    """One publication at a time; a second one is refused at once."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused(
                "another publication is running", subject=str(out), step="publish", next_step="wait until it ends"
            ) from error
        yield Folders(out)
