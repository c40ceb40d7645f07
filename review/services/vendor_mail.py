"""What a vendor is asked about a draft: the questions of its record, and the same as a mail that is ready to send.

Invariant: every question names the claim and the field that its answer corrects, so that an answer is a proposal like
any other: it needs a sentence on a public page, and a person decides.
"""

from extractors import reference_classes
from extractors.record_decision import decision
from review.services.draft import Claims
from scoring.claims import Extraction
from scoring.likely.advice import Limits
from scoring.likely.decision import MOST_SHOWN, Question

LONGEST_QUOTE = 300


def vendor_questions(claims: Claims, limits: Limits | None = None) -> tuple[Question, ...]:
    """Those whose answers move the score most first; drafts of earlier versions are asked by the current class."""
    made = decision(claims.extraction, claims.assessment, limits, reference_classes.current())
    return made.questions if made else ()


def mail_text(claims: Claims, link: str) -> str:
    """The first questions with the values that answer them, and what the pages say so far."""
    extraction = claims.extraction
    lines = [
        f"Subject: Questions about {extraction.name} ({extraction.slug})",
        "",
        f"An assessment of {extraction.name} from its public pages leaves open what follows.",
        f"Please answer with a sentence on a public page, by the form at {link}",
        "or by mail, in the lines below. A person decides on each answer, and decisions are public.",
    ]
    for number, question in enumerate(vendor_questions(claims)[:MOST_SHOWN], 1):
        lines += ["", f"{number}. {question.text}", f"   Claim: {question.settles}", "   Answer, one of:"]
        lines += [f"   - {answer.value}: {answer.text}" for answer in question.answers]
        lines += [f'   Your pages so far: "{quote}"' for quote in _quotes(extraction, question.settles)]
        lines += ["   Your sentence:", "   Its public page:"]
    return "\n".join(lines) + "\n"


def _quotes(extraction: Extraction, path: str) -> list[str]:
    """What is quoted beside a claim that is not certain."""
    return [" ".join(evidence.quote.split())[:LONGEST_QUOTE] for evidence in extraction.claims[path].evidence]
