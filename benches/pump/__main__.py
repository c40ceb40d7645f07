"""`python -m benches.pump [--long] [package …]`: no page costs more than its length.

Idea: every compiled pattern of the product is tried on repetitions of what it nearly matches, and every reader on
shapes of page that cost a careless one the square of their length. Invariant: what fails failed twice, the second
time in a fresh process; what does not end is stopped and fails. Exit 0: all linear; 1: each failure is named.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import NamedTuple

from benches.pump.patterns import PACKAGES, Place, patterns_of
from benches.pump.shapes import SHAPES
from benches.pump.times import LONG_SIZES, SIZES, growth_of, slow_steps

AT_ONCE = max(2, os.cpu_count() or 2)
PATIENCE = {False: 120, True: 600}
"""Seconds for one task, by `--long`; the machine may have other work."""
Task = Callable[[], str]
"""Gives what is wrong, or nothing."""


class Failure(NamedTuple):
    name: str
    why: str


def pattern_task(place: Place) -> Task:
    def task() -> str:
        growth = growth_of(place.pattern)
        return "" if growth is None else f"grows {growth.ratio:.1f} times to {growth.seconds:.3f} s on {growth.text}"

    return task


def shape_task(shape: str, name: str, sizes: tuple[int, ...]) -> Task:
    def task() -> str:
        slow = slow_steps(SHAPES[shape], name, sizes)
        return "; ".join(
            f"{step.step} takes {step.seconds:.2f} s at {step.size:,} (×{step.ratio:.1f})" for step in slow
        )

    return task


def tasks_of(packages: tuple[str, ...], sizes: tuple[int, ...]) -> dict[str, Task]:
    """Patterns of the packages; shapes only for the product itself."""
    tasks = {} if sizes is LONG_SIZES else {f"pattern {p.name}": pattern_task(p) for p in patterns_of(packages)}
    if packages == PACKAGES:
        tasks |= {
            f"shape {shape}, {name}": shape_task(shape, name, sizes)
            for shape, made in SHAPES.items()
            for name in made.names.split()
        }
    return tasks


def run(tasks: dict[str, Task], patience: float) -> list[Failure]:
    """Every failure that also fails in a fresh process."""
    again = {failure.name: tasks[failure.name] for failure in _round(tasks, patience, share=True)}
    return sorted(_round(again, patience, share=False))


def _round(tasks: dict[str, Task], patience: float, *, share: bool) -> Iterator[Failure]:
    """Runs tasks in child processes; one child takes many tasks, or each its own."""
    waiting = list(tasks)[::-1]
    busy: dict[Connection, tuple[multiprocessing.process.BaseProcess, str, float]] = {}
    free: list[tuple[Connection, multiprocessing.process.BaseProcess]] = []
    while waiting or busy:
        while waiting and len(busy) < AT_ONCE:
            ours, child = free.pop() if free else _child(tasks)
            name = waiting.pop()
            ours.send(name)
            busy[ours] = child, name, time.monotonic() + patience
        for ready in wait(list(busy), timeout=1.0):
            assert isinstance(ready, Connection)
            child, name, _ = busy.pop(ready)
            try:
                why = ready.recv()
            except EOFError:
                why = "the process ended"
            if share and child.is_alive():
                free.append((ready, child))
            else:
                child.kill()
            if why:
                yield Failure(name, why)
        for ours, (child, name, until) in list(busy.items()):
            if time.monotonic() > until:
                child.kill()
                busy.pop(ours)
                yield Failure(name, f"does not end within {patience:.0f} s")
    for _, child in free:
        child.kill()


def _child(tasks: dict[str, Task]) -> tuple[Connection, multiprocessing.process.BaseProcess]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_work, args=(theirs, tasks), daemon=True)
    child.start()
    theirs.close()
    return ours, child


def _work(orders: Connection, tasks: dict[str, Task]) -> None:
    while True:
        name = orders.recv()
        try:
            why = tasks[name]()
        except Exception as error:  # a reader that breaks is a finding, whatever it raises
            why = f"{type(error).__name__}: {error}"[:300]
        orders.send(why)


def main() -> int:
    long = "--long" in sys.argv
    packages = tuple(name for name in sys.argv[1:] if not name.startswith("-")) or PACKAGES
    start = time.monotonic()
    tasks = tasks_of(packages, LONG_SIZES if long else SIZES)
    failures = run(tasks, PATIENCE[long])
    for failure in failures:
        print(f"{failure.name}: {failure.why}")
    print(f"{len(tasks)} tried, {len(failures)} grow faster than their text ({time.monotonic() - start:.0f} s)")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
