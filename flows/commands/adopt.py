"""`assay adopt`: what new versions do to the store; then in slices, stopped, taken back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import By, Json, Reason, acting, opened
from flows.report.console import emit, say, table

if TYPE_CHECKING:
    from decimal import Decimal

    from flows.operations.adoption import RenewalPlan, RenewedAgent

group = typer.Typer(
    help="A new prompt, reader, model, formula or reference class: what it moves, before anything is published.",
    invoke_without_command=True,
)


@group.callback()
def preview(context: typer.Context, as_json: Json = False) -> None:
    """Show what the versions in force would do to drafts and records that other versions made. Keeps nothing.

    Bands that move and why, claims lost and gained, approvals that stand (same claim, same sentence), and first what
    has to be looked at again. No model is asked; what asking it costs is estimated.
    """
    if context.invoked_subcommand is not None:
        return
    from flows.operations.adoption import preview
    from flows.operations.doctor import cost_of_answer

    with opened() as (store, settings):
        plan = asyncio.run(preview(store, settings))
        each = cost_of_answer(store, settings) if plan.calls else None
    _print(plan, each, as_json)
    if not as_json:
        say("nothing was stored. Next: assay adopt run --agents N --reason WHY" if plan.rows else "nothing to adopt")


@group.command()
def run(
    agents: Annotated[int, typer.Option(help="So many now, and each night, until all are done.", min=1)],
    reason: Reason,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Make the next drafts by the versions in force; again for the next slice. Publishes nothing.

    Approvals stand where claim and sentence are the same; the rest waits for a person while the old record is served.
    """
    from flows.operations.adoption import adopt

    with opened() as (store, settings):
        actor = acting(store, by, least="publisher", step="adopt")
        plan = asyncio.run(adopt(store, settings, agents, actor, reason))
    _print(plan, None, as_json)
    if not as_json:
        following = "assay adopt run for the next" if plan.left else "assay review list"
        say(f"{len(plan.rows)} done, {plan.left} left. Next: {following}, or assay adopt back")


@group.command()
def stop(reason: Reason, by: By = "") -> None:
    """No night makes further drafts only because versions changed. What was made stays."""
    from flows.operations.adoption import stop

    with opened() as (store, _):
        stop(store, acting(store, by, least="publisher", step="adopt"), reason)
    say("stopped. Next: assay adopt run goes on, assay adopt back takes it back")


@group.command()
def back(reason: Reason, by: By = "") -> None:
    """Put drafts and approvals from before the adoption back in place. What a person decided since stays."""
    from flows.operations.adoption import back

    with opened() as (store, _):
        restored, left = back(store, acting(store, by, least="publisher", step="adopt"), reason)
    for slug in left:
        say(f"LEFT: {slug}: a person decided on the new draft; assay review reverse {slug}")
    say(f"{len(restored)} drafts are as they were, {len(left)} left. Next: assay site publish")


def _print(plan: RenewalPlan, each: Decimal | None, as_json: bool) -> None:
    cost = None if each is None else plan.calls * each
    if as_json:
        rows = [
            {**row._asdict(), "before": row.before._asdict(), "after": row.after._asdict(), "moved": row.moved}
            for row in plan.rows
        ]
        emit({**plan._asdict(), "rows": rows, "model_calls": plan.calls, "model_usd": cost})
        return
    for difference, number in plan.differ.items():
        if not difference.startswith("prompt_digest"):
            say(f"{difference}: {number} agents")
    header = ("agent", "before", "after", "approval", "claims", "why")
    table([_cells(row) for row in plan.rows if row.differs or row.problem or row.again], header)
    approvals = [row.approval for row in plan.rows if not row.problem]
    say(
        f"{len(plan.rows)} agents by other versions, {plan.standing} by these: "
        f"{sum(row.differs for row in plan.rows)} scores or advices change, "
        f"{sum(row.moved for row in plan.rows)} bands move, {sum(len(row.lost) for row in plan.rows)} claims lost, "
        f"{sum(len(row.gained) for row in plan.rows)} gained; {approvals.count('stands')} approvals stand, "
        f"{approvals.count('falls')} have to be looked at again"
    )
    if plan.calls:
        say(
            f"{plan.calls} ask the model, {'at a price that is not known' if cost is None else f'about {cost:.2f} USD'}"
        )


def _cells(row: RenewedAgent) -> tuple[str, ...]:
    claims = f"-{len(row.lost)} +{len(row.gained)}, {len(row.again)} again"
    before, after = (
        f"{state.score or '–'} {state.band or 'withheld'} {state.advice}".rstrip() for state in (row.before, row.after)
    )
    return row.slug, before, after, row.approval, claims, row.problem or "; ".join(row.why)
