"""The desk's own description of itself, and a fuzzer that reads it."""

from datetime import timedelta
from typing import Any

import pytest

from records.store import Store
from review.access import COOKIE
from review.accounts.programs import add_token
from review.desk import create_desk
from review.desk_options import DeskOptions
from tests.review.world import fill

pytestmark = pytest.mark.slow


def test_a_fuzzer_finds_no_server_error(otter: Store) -> None:
    import schemathesis
    from hypothesis import HealthCheck, Phase, settings

    fill(otter, "heron", finding=False)
    app, _ = create_desk(otter, DeskOptions(deciding_programs=("fuzz",)))
    token = add_token(otter, "fuzz", "publisher", otter.now() + timedelta(days=1), actor="ada")
    schema = schemathesis.openapi.from_dict(app.openapi())
    app_schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers={"cookie": cookie(otter)})
    assert len(list(schema.get_all_operations())) == len(list(app_schema.get_all_operations())) > 30
    calls: list[int] = []

    for found_operation in app_schema.get_all_operations():
        operation = found_operation.ok()

        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        def fuzz(case: Any) -> None:
            for name, value in (("slug", "otter"), ("path", "factors.autonomy_of_action")):
                if name in (case.path_parameters or {}) and len(calls) % 2:
                    case.path_parameters[name] = value
            answer = case.call(headers={"cookie": cookie(otter), "authorization": f"Bearer {token}"})
            calls.append(answer.status_code)
            assert answer.status_code < 500, f"{case.method} {case.formatted_path}: {answer.status_code}"

        from hypothesis import given

        given(case=operation.as_strategy())(fuzz)()
    assert len(calls) > 200 and any(200 <= code < 300 for code in calls)


def cookie(store: Store) -> str:
    return f"{COOKIE}={store.people.issue('session', 'ada', 3600)}"
