"""`score_line`: numbers in, one score out with every intermediate; for `assay lab score`.

Idea: the fence around the equations. Whatever a person types is checked against the profile here, and the
first thing that does not fit is said in one line. Invariant: a strict profile never scores a value that its
standard does not list; the permissive profile scores it and lists the departure.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scoring.cvss import base_score
from scoring.errors import BadInput, shown
from scoring.formulas.profile import Profile, three_point
from scoring.formulas.table import HEADLINE, profile_named
from scoring.headline.severity import plain, severity
from scoring.vocabulary import RiskFactor

KEYS = ("profile", "cvss_base", "cvss_vector", "factors", "thm", "mitigation_factor")
EXTRA_FACTOR = str(RiskFactor.NATURAL_LANGUAGE_INTERFACE)
ONE = Decimal(1)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_NUMBER = 40
LONGEST_EXPONENT = 6
TOO_LARGE = 10**20
EXACT_DIGITS = 10
"""With a base, a sum of tenths, ThM and MF of at most ten digits each, no product needs more than the 28 of Decimal."""
CARD_DIGITS = 20
"""What binary floating point prints, for the profile that reproduces it."""


def score_line(line: Any) -> dict[str, Any]:
    """One object in, one object out; numbers may be numbers or strings, and come back as strings."""
    if not isinstance(line, Mapping):
        raise BadInput(f"a line is one JSON object, not {shown(line)}")
    unknown = [str(key) for key in line if key not in KEYS]
    if unknown:
        raise BadInput(f"unknown key {shown(unknown[0])}; a line has {', '.join(KEYS)}")
    profile = profile_named(HEADLINE if line.get("profile") is None else str(line["profile"]))
    notes = list(profile.conformance)
    vector, base = _base(profile, line, notes)
    factors = _factors(profile, line.get("factors"), notes)
    thm = _multiplier(profile, "thm", line, profile.thm, profile.thm["proof_of_concept"], notes)
    mitigation = _multiplier(profile, "mitigation_factor", line, profile.mitigation, ONE, notes)
    figures = profile.equation(base, tuple(factors.values()), thm, mitigation)
    remarks = (
        (not 0 <= figures.aivss <= 10, f"result {plain(figures.aivss)} outside 0.0 to 10.0"),
        (
            base == 0,
            "zero impact: a scenario without technical impact scores above 0 only by the letter of the equation",
        ),
        (figures.aivss < base, "result below its own CVSS base (an effect of the mitigation factor)"),
        (figures.aivss == 0, "the standard defines no band for 0.0"),
    )
    notes += [remark for holds, remark in remarks if holds]
    return {
        "profile": profile.id,
        "cvss_vector": vector,
        "cvss_base": str(plain(base)),
        "factor_sum": str(plain(figures.factor_sum)),
        "thm": str(plain(thm, 2)),
        "mitigation_factor": str(plain(mitigation, 2)),
        "aars": str(plain(figures.aars)),
        "raw": str(plain(figures.raw)),
        "aivss": str(plain(figures.aivss)),
        "severity": str(severity(max(figures.aivss, Decimal(0)))),
        "conformance": notes,
    }


def number(value: Any, what: str, digits: int = EXACT_DIGITS) -> Decimal:
    """An exact finite number from a number or a string, of so few digits that an equation never has to round."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise BadInput(f"{what} is a number, not {shown(value)}")
    if isinstance(value, int) and abs(value) >= TOO_LARGE:
        raise BadInput(f"{what} has more digits than a score can use")
    text = str(value).strip()
    match = NUMBER.fullmatch(text)
    if match is None:
        raise BadInput(f"{what} is a finite number, not {shown(text)}")
    if len(text) > LONGEST_NUMBER or len(match[2] or "") > LONGEST_EXPONENT:
        raise BadInput(f"{what} has more digits than a score can use")
    exact = Decimal(text)
    significant = "".join(map(str, exact.as_tuple().digits)).strip("0")
    if len(significant) > digits or abs(exact.adjusted()) > digits:
        raise BadInput(f"{what} has more digits than a score can use")
    return exact


def _digits(profile: Profile) -> int:
    return CARD_DIGITS if profile.permissive else EXACT_DIGITS


def _base(profile: Profile, line: Mapping[str, Any], notes: list[str]) -> tuple[str | None, Decimal]:
    stated = None if line.get("cvss_base") is None else number(line["cvss_base"], "cvss_base", _digits(profile))
    if stated is not None and not 0 <= stated <= 10:
        raise BadInput(f"cvss_base is from 0.0 to 10.0, not {stated}")
    if line.get("cvss_vector") is not None:
        vector = str(line["cvss_vector"]).strip()
        computed = base_score.base(vector)
        if stated is not None and stated != computed:
            raise BadInput(f"cvss_base {stated} is not what the vector gives ({computed})")
        ordered = base_score.vector_of(base_score.metrics_of(vector))
        if vector != ordered:
            notes.append("the vector was given in another order than that of CVSS v4.0")
        return ordered, computed
    if stated is None:
        raise BadInput("a line needs cvss_vector or cvss_base")
    if profile.needs_vector:
        raise BadInput(f"{profile.id} needs cvss_vector; a bare base score is not enough")
    if stated not in base_score.REACHABLE_BASES:
        if not profile.permissive:
            raise BadInput(f"cvss_base {stated} is no value that CVSS v4.0 can give")
        notes.append(f"base {stated} is no value that CVSS v4.0 can give")
    notes.append("no CVSS vector")
    return None, stated


def _factors(profile: Profile, stated: Any, notes: list[str]) -> dict[str, Decimal]:
    if not isinstance(stated, Mapping):
        raise BadInput(f"factors is an object with {', '.join(profile.factors)}")
    keys = profile.factors
    if profile.also_accepts is not None and set(stated) == set(profile.also_accepts):
        keys = profile.also_accepts
    extra = [str(key) for key in stated if key not in keys]
    if extra == [EXTRA_FACTOR] and not profile.strict and keys is profile.factors:
        _factor(profile, EXTRA_FACTOR, stated[EXTRA_FACTOR])
        notes.append(f"{EXTRA_FACTOR} is not one of the ten and is not summed")
    elif extra:
        raise BadInput(f"unknown factor {shown(extra[0])}; {profile.id} takes {', '.join(keys)}")
    missing = [key for key in keys if key not in stated]
    if missing:
        raise BadInput(f"missing factor {missing[0]}; a missing factor is no zero")
    factors = {key: _factor(profile, key, stated[key]) for key in keys}
    if any(value != three_point(value) for value in factors.values()):
        notes.append("factors off the three-point scale 0.0, 0.5, 1.0")
    return factors


def _factor(profile: Profile, key: str, stated: Any) -> Decimal:
    value = number(stated, key, _digits(profile))
    if not 0 <= value <= 1:
        raise BadInput(f"{key} is from 0.0 to 1.0, not {value}")
    if profile.strict and value != three_point(value):
        raise BadInput(f"{key} is 0.0, 0.5 or 1.0 in {profile.id}, not {value}")
    if not profile.permissive and value % Decimal("0.1"):
        raise BadInput(f"{key} is a tenth in {profile.id}, not {value}")
    return value


def _multiplier(
    profile: Profile, key: str, line: Mapping[str, Any], table: Mapping[str, Decimal], absent: Decimal, notes: list[str]
) -> Decimal:
    if line.get(key) is None:
        return absent
    value = number(line[key], key, _digits(profile))
    legal = sorted(set(table.values()), reverse=True)
    if value in legal:
        return value
    listed = ", ".join(str(entry) for entry in legal)
    if profile.strict:
        raise BadInput(f"{key} {value} is not in the table of {profile.id}: {listed}")
    most = 2 if profile.permissive else 1
    if not 0 <= value <= most:
        raise BadInput(f"{key} is from 0 to {most} in {profile.id}, not {value}")
    notes.append(f"{key} {value} is off the table of the standard ({listed})")
    return value
