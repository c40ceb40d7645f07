"""The methodology page, generated from the code that applies it: rubric, rule table, formulas, threat catalogue.

Idea: the page describes what the program does, because both use the same objects and docstrings.
"""

import importlib
import inspect
import pkgutil
from functools import cache
from types import ModuleType, SimpleNamespace

import scoring.formulas
from publishing.catalogue import Names
from publishing.pages.agent_page import page
from scoring import labels, rubric
from scoring.cvss import exposure_defaults, vector_rules
from scoring.formulas import threat_and_mitigation
from scoring.formulas.table import HEADLINE
from scoring.headline import score_with_range, severity
from scoring.maestro.threat_catalogue import CATALOGUE
from scoring.risks import core_risks, risk_profile
from scoring.vocabulary import (
    EXPOSURE_QUESTIONS,
    FACTOR_TITLES,
    LAYER_TITLES,
    PUBLISHED_FACTORS,
    REASON_TITLES,
    Certainty,
    RiskFactor,
)


def _doc(module: ModuleType) -> str:
    return inspect.getdoc(module) or ""


def _profiles() -> list[SimpleNamespace]:
    """Every formula, the headline's first."""
    found = []
    for info in pkgutil.iter_modules(scoring.formulas.__path__):
        module = importlib.import_module(f"scoring.formulas.{info.name}")
        profile = getattr(module, "PROFILE", None)
        if profile:
            found.append(SimpleNamespace(id=profile.id, title=profile.title, source=profile.source, text=_doc(module)))
    return sorted(found, key=lambda p: (p.id != HEADLINE, p.id))


@cache
def _content() -> dict[str, object]:
    return {
        "rubric_version": rubric.RUBRIC_VERSION,
        "general": rubric.GENERAL_RULES,
        "factors": [
            SimpleNamespace(
                id=factor.value,
                title=FACTOR_TITLES[factor],
                summed=factor in PUBLISHED_FACTORS,
                anchors=[(str(value), text) for value, text in rubric.RUBRIC[factor].anchors.items()],
                rubric=rubric.RUBRIC[factor],
            )
            for factor in RiskFactor
        ],
        "facts": [
            SimpleNamespace(
                id=fact.value,
                title=labels.FACTS[fact],
                question=question,
                values=[(labels.plain(value), meaning) for value, meaning in labels.meanings(fact)],
                default=labels.plain(exposure_defaults.DEFAULTS[fact].value),
                reason=exposure_defaults.DEFAULTS[fact].reason,
            )
            for fact, question in EXPOSURE_QUESTIONS.items()
        ],
        "profiles": _profiles(),
        "texts": [
            ("base", "The CVSS base is derived", _doc(vector_rules)),
            ("unknown", "What the headline takes for an unknown fact", _doc(exposure_defaults)),
            ("multipliers", "Threat multiplier and mitigation", _doc(threat_and_mitigation)),
            ("range", "The range", _doc(score_with_range)),
            ("bands", "Rounding and bands", _doc(severity)),
            ("core-risks", "The ten core risks", f"{_doc(risk_profile)}\n\n{_doc(core_risks)}"),
        ],
        "layers": [
            (layer.value, title, [t for t in CATALOGUE.values() if t.layer is layer])
            for layer, title in LAYER_TITLES.items()
        ],
        "maps": {layer.value: rule for layer, rule in rubric.LAYER_RULES.items()},
        "cross": [t for t in CATALOGUE.values() if t.layer is None],
        "certainties": [labels.CERTAINTIES[c] for c in Certainty],
        "uncertain": list(REASON_TITLES.values()),
    }


def methodology_key() -> list[str]:
    """Names what the page is made from, beside this room's own files."""
    content = _content()
    return [repr(content[name]) for name in sorted(content)]


def methodology(names: Names, as_of: str) -> str:
    return page("methodology.html", "methodology.html", names, as_of, **_content())
