"""`assay review measure` and `assay review errors`: how good the readers are."""

from typing import Annotated

import typer

from flows.commands.common import Json, opened
from flows.report.console import emit, printable, say, table


def measure(as_json: Json = False) -> None:
    """How people review: agreement of two readings, time, overrides, false claims caught."""
    from review.measurement import figures

    with opened() as (store, _):
        found = figures.figures(store)
    if as_json:
        emit([figure._asdict() for figure in found])
    else:
        values = ["not known" if figure.value is None else str(figure.value) for figure in found]
        rows = [(figure.measure, figure.of, value, str(figure.n)) for figure, value in zip(found, values, strict=True)]
        table(rows, ("measure", "of", "figure", "counted"), none="nobody has reviewed yet: nothing to measure")


def errors(
    reader: Annotated[str, typer.Argument(help="Who is asked, a person of the desk.")],
    count: Annotated[int, typer.Option(min=1, max=100, help="How many false claims, among as many true ones.")] = 10,
    end: Annotated[bool, typer.Option("--end", help="End the round; what is not answered goes.")] = False,
) -> None:
    """Ask a reviewer about known false claims, mixed with true ones, at the desk's second review. None is kept."""
    from review.measurement.second_review import begin_round

    with opened() as (store, _):
        store.people.get(reader)
        if end:
            say(printable(f"{reader}: the round is over; {store.second_reviews.end(reader)} claims were not answered"))
            return
        made = begin_round(store, reader, count)
    say(printable(f"{reader} is asked about {made} false claims among true ones. Next: the desk, Second review"))
