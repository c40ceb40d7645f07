"""How the few numbers of the lexical assessor were fitted, and how well they hold on agents left out.

    python -m benches.fit_lexical AGREEMENT            measure: train and cross-validated error
    python -m benches.fit_lexical AGREEMENT --write    and write data/priors.json and data/cues/fitted.json

Idea: the cue tables are judgement from the rubric and are not fitted. Fitted are: the priors of kinds (means
shrunk by SHRINK pseudo-records towards the means of 235 published records), the usual power of kinds (shrunk
alike) and usual effects (means), ten loadings (ridge towards one common loading) and one scale of effects by
least squares, and one threshold for layers. Cross-validation leaves out one product at a time (and again in ten
rounds of five folds: least, mean, most), twins together, and fits everything anew.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from extractors.lexical.cue_tables import CUES
from extractors.lexical.document_facts import Reading, read
from extractors.lexical.factor_values import Fitted, effects, estimate, power
from extractors.lexical.layers import pins
from extractors.lexical.passages import passages
from extractors.lexical.priors import PRIORS_FILE
from extractors.lexical.product_kind import kind_of
from extractors.pages.local_folder import read_folder
from scoring.vocabulary import PUBLISHED_FACTORS, AgentKind, MaestroLayer, RiskFactor

PUBLISHED_MEANS = dict(
    zip(PUBLISHED_FACTORS, (0.47, 0.39, 0.11, 0.51, 0.30, 0.51, 0.24, 0.28, 0.51, 0.44), strict=True)
)
"""Of 235 published records."""
SPREAD = dict(zip(PUBLISHED_FACTORS, (0.26, 0.24, 0.12, 0.30, 0.17, 0.19, 0.27, 0.23, 0.20, 0.16), strict=True))
"""Standard deviations of the factors: the shape of the common loading."""
LANGUAGE_INTERFACE = {
    "agent": 0.8,
    "app": 0.6,
    "framework": 0.7,
    "platform": 0.5,
    "mcp_server": 0.5,
    "plugin": 0.6,
    "skill": 0.6,
    "tool": 0.3,
}
"""No reference has this factor: from the rubric (language drives tools and planning: 1.0, look-ups only: 0.5)."""
SHRINK = 3
RIDGE = 0.5
THRESHOLDS = [n / 100 for n in range(50, 86, 2)]


class Agent(NamedTuple):
    slug: str
    product: str
    """Twins share it, and are left out together."""
    true_kind: AgentKind
    kind: AgentKind
    reading: Reading
    power: float
    effects: dict[RiskFactor, float]
    factors: dict[RiskFactor, float]
    layers: dict[MaestroLayer, bool]


class Model(NamedTuple):
    by: Fitted
    priors: dict[AgentKind, dict[RiskFactor, float]]


def agents(folder: Path) -> list[Agent]:
    found = []
    texts: dict[str, str] = {}
    for line in (folder / "reference.jsonl").read_text(encoding="utf-8").splitlines():
        reference = json.loads(line)
        slug = reference["slug"]
        came = read_folder(folder / slug)
        listing, documents = came.listing, came.pages
        said = passages(documents)
        kind = kind_of(listing.name, documents, said).kind
        reading = read(kind, said)
        found.append(
            Agent(
                slug=slug,
                product=texts.setdefault("".join(sorted(d.digest for d in documents)), slug),
                true_kind=AgentKind(json.loads((folder / slug / "meta.json").read_text())["kind"].replace("-", "_")),
                kind=kind,
                reading=reading,
                power=power(reading),
                effects={factor: effects(reading, factor) for factor in RiskFactor},
                factors={RiskFactor(key): value for key, value in reference["factors"].items()},
                layers={
                    MaestroLayer(e["layer"]): e["certain"] for e in reference["layers"] if e["certain"] is not None
                },
            )
        )
    return found


def fit(train: Sequence[Agent]) -> Model:
    def shrunk(values: Sequence[float], towards: float) -> float:
        return (sum(values) + SHRINK * towards) / (len(values) + SHRINK)

    def of(kind: AgentKind) -> list[Agent]:
        return [a for a in train if a.true_kind is kind]

    priors = {
        kind: {f: shrunk([a.factors[f] for a in of(kind)], PUBLISHED_MEANS[f]) for f in PUBLISHED_FACTORS}
        | {RiskFactor.NATURAL_LANGUAGE_INTERFACE: LANGUAGE_INTERFACE[kind]}
        for kind in AgentKind
    }
    mean_power = mean([a.power for a in train])
    usual_power = {kind.value: shrunk([a.power for a in of(kind)], mean_power) for kind in AgentKind}
    usual_effects = {f.value: mean([a.effects[f] for a in train]) for f in RiskFactor}
    powers = [a.power - usual_power[a.true_kind] for a in train]
    loadings = dict.fromkeys(PUBLISHED_FACTORS, 0.0)
    scale = 0.0
    for _ in range(50):  # alternating least squares; converges in about ten rounds
        rest = {
            f: [_residual(a, priors, f) - scale * _effect(a, usual_effects, f) for a in train]
            for f in PUBLISHED_FACTORS
        }
        common = sum(SPREAD[f] * dot(powers, rest[f]) for f in PUBLISHED_FACTORS)
        common /= sum(SPREAD[f] ** 2 for f in PUBLISHED_FACTORS) * dot(powers, powers)
        for f in PUBLISHED_FACTORS:
            loadings[f] = (dot(powers, rest[f]) + RIDGE * common * SPREAD[f]) / (dot(powers, powers) + RIDGE)
        above = below = 0.0
        for f in PUBLISHED_FACTORS:
            moved = [_effect(a, usual_effects, f) for a in train]
            left = [_residual(a, priors, f) - loadings[f] * p for a, p in zip(train, powers, strict=True)]
            above, below = above + dot(moved, left), below + dot(moved, moved)
        scale = above / below
    by = Fitted(
        loadings={f.value: round(loadings[f], 3) for f in PUBLISHED_FACTORS},
        effect_scale=round(scale, 3),
        usual_power={kind: round(value, 3) for kind, value in usual_power.items()},
        usual_effects={f: round(value, 3) for f, value in usual_effects.items()},
        mapped_at=_threshold(train),
    )
    return Model(by, priors)


def _residual(agent: Agent, priors: dict[AgentKind, dict[RiskFactor, float]], factor: RiskFactor) -> float:
    return agent.factors[factor] - priors[agent.true_kind][factor]


def _effect(agent: Agent, usual: dict[str, float], factor: RiskFactor) -> float:
    return (agent.effects[factor] - usual[factor]) / 10


def _threshold(train: Sequence[Agent]) -> float:
    """The middle of the thresholds that agree most."""
    right = {at: sum(_agreeing(agent, at)[0] for agent in train) for at in THRESHOLDS}
    best = [at for at in THRESHOLDS if right[at] == max(right.values())]
    return best[len(best) // 2]


def _agreeing(agent: Agent, at: float) -> tuple[int, int]:
    same = [bool(pins(layer, agent.kind, agent.reading, at)) == flag for layer, flag in agent.layers.items()]
    return sum(same), len(same)


def errors(model: Model, agent: Agent, kind: AgentKind | None = None) -> dict[RiskFactor, float]:
    kind = kind or agent.kind
    found = {}
    for factor in PUBLISHED_FACTORS:
        prior = Decimal(f"{model.priors[kind][factor]:.2f}")
        value = estimate(kind, agent.reading, factor, agent.slug, model.by, prior).value
        found[factor] = abs(value / 10 - agent.factors[factor])
    return found


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def five_fold(every: Sequence[Agent], rounds: int = 10) -> list[float]:
    """Mean error of each of the rounds of five folds; products are shuffled by a seed, twins stay together."""
    chance = random.Random(235)
    products = sorted({agent.product for agent in every})
    found = []
    for _ in range(rounds):
        chance.shuffle(products)
        fold = {product: number % 5 for number, product in enumerate(products)}
        errors_of_round: list[float] = []
        for held in range(5):
            model = fit([agent for agent in every if fold[agent.product] != held])
            left_out = [agent for agent in every if fold[agent.product] == held]
            errors_of_round += [error for agent in left_out for error in errors(model, agent).values()]
        found.append(mean(errors_of_round))
    return found


def measured(every: Sequence[Agent]) -> dict[str, Any]:
    model = fit(every)
    train = [errors(model, agent) for agent in every]
    held_out = []
    layers = []
    folds = five_fold(every)
    for agent in every:
        without = fit([other for other in every if other.product != agent.product])
        held_out.append(errors(without, agent))
        layers.append(_agreeing(agent, without.by.mapped_at))
    return {
        "agents": len(every),
        "kinds_right": sum(agent.kind is agent.true_kind for agent in every),
        "mae_train": round(mean([mean(list(e.values())) for e in train]), 4),
        "mae_cross_validated": round(mean([mean(list(e.values())) for e in held_out]), 4),
        "mae_five_fold": [round(each, 4) for each in (min(folds), mean(folds), max(folds))],
        "layers_right": [sum(right for right, _ in layers), sum(of for _, of in layers)],
        "per_factor": {f.value: round(mean([e[f] for e in held_out]), 3) for f in PUBLISHED_FACTORS},
        "worst": sorted(
            ((round(mean(list(e.values())), 3), a.slug) for a, e in zip(every, held_out, strict=True)), reverse=True
        )[:12],
        "model": {
            "loadings": model.by.loadings,
            "effect_scale": model.by.effect_scale,
            "mapped_at": model.by.mapped_at,
        },
    }


def write(model: Model) -> None:
    kinds = {k.value: {f.value: f"{value:.2f}" for f, value in factors.items()} for k, factors in model.priors.items()}
    note = "Written by benches/fit_lexical.py: kind means shrunk towards the means of 235 published records."
    PRIORS_FILE.write_text(json.dumps({"note": note, "kinds": kinds}, indent=1) + "\n", encoding="utf-8")
    (CUES / "fitted.json").write_text(json.dumps(vars(model.by), indent=1) + "\n", encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Fit the lexical assessor and cross-validate it.")
    arguments.add_argument("folder", type=Path, help="agents with reference.jsonl")
    arguments.add_argument("--write", action="store_true", help="write the fitted numbers into data/")
    given = arguments.parse_args()
    every = agents(given.folder)
    print(json.dumps(measured(every), indent=1))
    if given.write:
        write(fit(every))


if __name__ == "__main__":
    main()
