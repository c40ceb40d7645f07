"""A buyer's policy as a file and as sentences: limits, ages, kinds, powers, unknowns, versions, exceptions.

Every section may be left out. What a file says is read whole or refused with the key that is wrong.
"""

import tomllib
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assay_check.endpoints import endpoint, is_url
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import Power
from assay_check.purl import looked_up, without_version


class Advice(StrEnum):
    """What to do with an entry, mildest first."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Section):
    possible: float = Field(6.9, ge=0, le=10)
    likely: float = Field(8.9, ge=0, le=10)


class Evidence(_Section):
    max_age_days: int | None = Field(180, gt=0)
    stale: Advice = Advice.ASK


class Kinds(_Section):
    allowed: tuple[str, ...] | None = None
    other: Advice = Advice.DENY


class Powers(_Section):
    reads: Advice = Advice.ALLOW
    writes: Advice = Advice.ALLOW
    writes_outside: Advice = Advice.ALLOW
    runs_code: Advice = Advice.ALLOW
    sends: Advice = Advice.ALLOW
    spends: Advice = Advice.ASK


class Unknowns(_Section):
    required: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    answer: Literal[Advice.ASK, Advice.DENY] = Advice.ASK


class Versions(_Section):
    unpinned: Advice = Advice.ALLOW
    other: Advice = Advice.ALLOW


class Unlisted(_Section):
    public: Advice = Advice.ASK
    local: Advice = Advice.ALLOW
    unnamed: Advice = Advice.ASK


class Disabled(_Section):
    check: bool = False


class PolicyException(_Section):
    """One subject for which a person decided, why and until when."""

    subject: str
    advice: Advice
    reason: str = Field(min_length=1)
    until: date

    @field_validator("subject")
    @classmethod
    def _is_subject(cls, value: str) -> str:
        if is_url(value):
            address = endpoint(value).address
            if address is None:
                raise ValueError("no address")
            return address
        try:
            without_version(value)
            return looked_up(value)
        except BadInput as error:
            raise ValueError("a subject is a package URL or an address, never a name") from error


class Policy(_Section):
    """What a buyer accepts. Every section may be left out."""

    format: Literal["assay-policy-1"] = "assay-policy-1"
    limits: Limits = Limits()
    evidence: Evidence = Evidence()
    kinds: Kinds = Kinds()
    powers: Powers = Powers()
    unknowns: Unknowns = Unknowns()
    versions: Versions = Versions()
    unlisted: Unlisted = Unlisted()
    disabled: Disabled = Disabled()
    exceptions: tuple[PolicyException, ...] = ()


POWER_WORDS: dict[Power, str] = {
    "reads": "reads data",
    "writes": "writes data",
    "writes_outside": "writes to systems outside",
    "runs_code": "runs code",
    "sends": "sends messages or data",
    "spends": "spends money",
}


def read_policy(path: Path | None) -> Policy:
    """A policy file, or the default. Raises `BadInput` with the key that is wrong."""
    name = "the default policy" if path is None else str(path)
    try:
        text = default_text() if path is None else path.read_text("utf-8")
        return Policy.model_validate(tomllib.loads(text))
    except OSError as error:
        raise BadInput(error.strerror or "cannot be read", subject=name, next_step="name a policy file") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"{where}: {first['msg']}", subject=name, next_step="see the comments of the default policy"
        ) from None
    except ValueError as error:
        raise BadInput(f"this is no TOML: {error}", subject=name, next_step="see the default policy") from None


def default_text() -> str:
    """The default policy file with its comments."""
    return resources.files("assay_check").joinpath("data/policy.toml").read_text("utf-8")


_VERBS = {Advice.ALLOW: "Allow", Advice.ASK: "Ask about", Advice.DENY: "Deny"}


def prose(policy: Policy) -> str:
    """The sentences, in the order in which the rules stand in a file."""
    limits, evidence, unlisted, unknowns = policy.limits, policy.evidence, policy.unlisted, policy.unknowns
    required = "every fact" if "*" in unknowns.required else ", ".join(unknowns.required)
    but = f", except {', '.join(unknowns.tolerated)}" if unknowns.tolerated else ""
    kinds, most = policy.kinds.allowed, evidence.max_age_days
    older = "evidence is past its expiry; its age does not matter"
    lines = [
        f"Allow what can be at most {limits.possible:g} of 10, whatever is not known about it.",
        f"Ask about what is likely at most {limits.likely:g}, and where the score is withheld. Deny the rest.",
        f"{_when(evidence.stale)} where {f'evidence is older than {most} days or past its expiry' if most else older}.",
        *([] if kinds is None else [f"{_VERBS[policy.kinds.other]} every kind but {', '.join(kinds) or 'none'}."]),
        *(
            f"{_VERBS[answer]} what {words}, or may do so for all that is known."
            for power, words in POWER_WORDS.items()
            if (answer := getattr(policy.powers, power)) is not Advice.ALLOW
        ),
        *([f"{_when(unknowns.answer)} unless {required} is known{but}."] if required else []),
        f"{_when(policy.versions.other)} where the record speaks about another version.",
        f"{_when(policy.versions.unpinned)} where no exact version is named.",
        f"{_VERBS[unlisted.public]} public subjects without a record.",
        f"{_VERBS[unlisted.local]} the buyer's own programs, files and addresses.",
        f"{_VERBS[unlisted.unnamed]} entries that name no subject.",
        "Check entries that are switched off too."
        if policy.disabled.check
        else "Pass over entries that are switched off.",
        *(
            f"{_VERBS[exception.advice]} {exception.subject} until {exception.until}: {exception.reason}."
            for exception in policy.exceptions
        ),
    ]
    return "\n".join(lines) + "\n"


def _when(advice: Advice) -> str:
    return advice.value.capitalize()
