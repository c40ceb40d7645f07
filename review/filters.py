"""The filter of a list as an address, a query and a sentence. Invariant: the three always say the same."""

from typing import Annotated, Literal, NamedTuple, get_args
from urllib.parse import urlencode

from fastapi import Depends, Query

from records.agents.agent_lists import Filter, Sort
from records.agents.review_queue import IN_QUEUE, AgentStatus
from review.forms import Text
from scoring.labels import FINDINGS, KINDS
from scoring.vocabulary import AgentKind, FindingKind, Severity

State = Literal["waiting", "draft", "changed", "approved", "published", "rejected", "all"]
_STATES: dict[str, tuple[AgentStatus, ...]] = {"waiting": IN_QUEUE, "all": ()}


class QueueFilter(NamedTuple):
    """What a person chose to see."""

    state: State = "waiting"
    source: str = ""
    kind: str = ""
    band: str = ""
    finding: str = ""
    lost: bool = False
    first: str = ""
    """`yes`: never reviewed; `no`: reviewed before."""
    q: str = ""
    sort: Sort = "priority"
    start: int = 0

    def filter(self) -> Filter:
        return Filter(
            statuses=_STATES.get(self.state) if self.state in _STATES else (AgentStatus(self.state),),  # type: ignore[arg-type]
            source=self.source or None,
            kind=self.kind or None,
            severity=self.band or None,
            finding=FindingKind(self.finding) if self.finding else None,
            evidence_lost=True if self.lost else None,
            first_time={"yes": True, "no": False}.get(self.first),
            search=self.q,
        )

    def link(self, **changes: object) -> str:
        """The query string, with changes; only what differs from the defaults."""
        values = {**self._asdict(), **changes}
        default = QueueFilter()._asdict()
        chosen = {
            name: value for name, value in values.items() if value != default.get(name) and value not in ("", None)
        }
        return urlencode({name: "yes" if value is True else value for name, value in chosen.items()})

    def named(self) -> tuple[str, ...]:
        """The filter in words, one condition each; empty when nothing narrows the list."""
        conditions = (
            (self.state != "waiting", f"state is {self.state}"),
            (self.source, f"source is {self.source}"),
            (self.kind, f"kind is {KINDS[AgentKind(self.kind)]}" if self.kind else ""),
            (self.band, f"band is {self.band}"),
            (self.finding, f"has a finding: {FINDINGS[FindingKind(self.finding)]}" if self.finding else ""),
            (self.lost, "lost evidence"),
            (self.first, "never reviewed" if self.first == "yes" else "reviewed before"),
            (self.q, f"name contains “{self.q}”"),
        )
        return tuple(words for holds, words in conditions if holds)


def choice(
    state: State = "waiting",
    source: Text = "",
    kind: Annotated[AgentKind | Literal[""], Query()] = "",
    band: Annotated[Severity | Literal[""], Query()] = "",
    finding: Annotated[FindingKind | Literal[""], Query()] = "",
    lost: bool | Literal[""] = False,
    first: Literal["", "yes", "no"] = "",
    q: Annotated[Text, Query(max_length=200)] = "",
    sort: Sort = "priority",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> QueueFilter:
    """The filter of an address."""
    codes = (str(kind), str(band), str(finding))
    return QueueFilter(state, source, *codes, bool(lost), first, q.strip(), sort, start)


Choice = Annotated[QueueFilter, Depends(choice)]
SORTS: tuple[str, ...] = get_args(Sort)
