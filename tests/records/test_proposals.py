"""Proposals of programs, as events of the chain."""

from datetime import datetime
from typing import Any

from extractors.canonical_json import digest
from records.assessments.proposals import StandingProposal, note_answer, note_proposal, proposals
from records.maintenance.verify import verify
from records.store import Store
from tests.records.made import START, amendment, fill


def made(path: str = "factors.self_modification", by: str = "program triage", **more: Any) -> StandingProposal:
    told: dict[str, Any] = {"verdict": "amended", "amendments": (amendment(path),), "note": "", "after": None}
    return StandingProposal(**{"id": 0, "by": by, "at": datetime.min, "path": path, **told, **more})


def test_the_last_proposal_of_a_program_about_a_claim_of_this_draft_stands_until_it_is_refused(store: Store) -> None:
    draft, other = digest(fill(store)), "sha256:" + "1" * 64
    note_proposal(store, "otter", other, made())
    note_proposal(store, "otter", draft, made(note="first"))
    for one in (made(note="second"), made("summary"), made(by="program other")):
        note_proposal(store, "otter", draft, one)
    found = proposals(store, "otter", draft)
    assert [(one.by, one.path, one.note) for one in found] == [
        ("program triage", "factors.self_modification", "second"),
        ("program triage", "summary", ""),
        ("program other", "factors.self_modification", ""),
    ]
    assert found[0]._replace(id=0, at=datetime.min) == made(note="second") and found[0].at >= START
    note_answer(store, "otter", found[0], "taken", "vera")
    assert proposals(store, "otter", draft) == found, "what a person takes, the decision itself ends"
    note_answer(store, "otter", found[0], "refused", "vera")
    assert proposals(store, "otter", draft) == found[1:]
    assert proposals(store, "heron", draft) == () and verify(store).holds
