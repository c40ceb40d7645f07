"""What the store says of a host while a night asks it: more than was asked, and never less polite than the truth.

Idea: writing a host's memory before and after every request costs more than the request. So it is written
ahead: the host counts as being asked until the night ends, with some requests, bytes and latency more than there were.
Invariants: a night that was killed waits at least as long, and asks at most as much, as one that was not; what a
host itself demands (`Retry-After`, robots.txt, failures) is written at once.
"""

from collections.abc import Mapping
from contextlib import suppress

from extractors.crawl.politeness.host_state import HostState
from records.store import Store
from scoring.errors import AssayError

REQUESTS = 20
"""Of a host's budget, written ahead: what a kill can cost it."""
BYTES = 2_000_000
LATENCY = 2.0
"""Times the last one."""
_DEMANDS = ("night", "not_before", "not_before_reason", "crawl_delay", "failures", "robots")


class HostStateWriter:
    """Handed to the crawler as `remember`; `close` writes how things really stand."""

    def __init__(self, store: Store, *, ahead: bool = True) -> None:
        """`ahead=False` writes every memory as it is: where other processes read it in between."""
        self._store = store
        self._ahead = ahead
        self._written: dict[str, HostState] = {}
        self._real: dict[str, HostState] = {}

    def read(self) -> dict[str, HostState]:
        """What is remembered of every host."""
        states: Mapping[str, object] = self._store.pages.host_states()
        return {host: HostState.model_validate(memory) for host, memory in states.items()}

    def __call__(self, memory: HostState) -> None:
        if not self._ahead:
            self._write(memory)
            return
        self._real[memory.host] = memory
        written = self._written.get(memory.host)
        if written is None or not _covers(written, memory):
            written = self._written[memory.host] = _ahead_of(memory)
            self._write(written)

    def close(self) -> None:
        """A database that is away keeps what was written ahead."""
        for host, memory in self._real.items():
            with suppress(AssayError):
                self._write(memory)
                self._written.pop(host, None)
        self._real.clear()

    def _write(self, memory: HostState) -> None:
        self._store.pages.keep_host_states({memory.host: memory.model_dump(mode="json")})


def _covers(written: HostState, real: HostState) -> bool:
    """Whether a night that knew only `written` would be no less polite than one that knew `real`."""
    demands = all(getattr(written, name) == getattr(real, name) for name in _DEMANDS)
    counts = written.asked >= real.asked and written.received >= real.received
    return demands and counts and written.last_latency >= real.last_latency


def _ahead_of(memory: HostState) -> HostState:
    return memory.model_copy(
        update={
            "last_ended_at": None,
            "asked": memory.asked + REQUESTS,
            "received": memory.received + BYTES,
            "last_latency": max(memory.last_latency * LATENCY, 0.25),
        }
    )
