"""The read-only API says what the files say, and sends a body only to who has another one."""

from pathlib import Path

import made_records as made
import pytest
from fastapi.testclient import TestClient

from publishing.catalogue import Catalogue
from publishing.formats.api import create_app
from publishing.site import build
from tests.publishing.made_records import of_records


@pytest.fixture(scope="module")
def api(site: Path) -> TestClient:
    return TestClient(create_app(site.parents[1]))


@pytest.mark.slow
def test_a_record_is_the_published_bytes_under_its_digest(api: TestClient, site: Path, catalogue: Catalogue) -> None:
    for slug, digest in list(catalogue.digests.items())[:5]:
        answer = api.get(f"/agents/{slug}.json")
        assert answer.content == (site / "agents" / f"{slug}.json").read_bytes() == api.get(f"/agents/{slug}").content
        assert answer.headers["etag"] == f'"{digest}"'
        assert answer.headers["content-type"] == "application/json"
        for asked in (f'"{digest}"', f'W/"{digest}"', f'"x", "{digest}"', "*"):
            again = api.get(f"/agents/{slug}.json", headers={"If-None-Match": asked})
            assert (again.status_code, again.content) == (304, b"") and again.headers["etag"] == f'"{digest}"'
        assert api.get(f"/agents/{slug}.json", headers={"If-None-Match": '"other"'}).status_code == 200
        head = api.head(f"/agents/{slug}.json")
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", f'"{digest}"')


def test_list_search_filter_order_and_pages(api: TestClient, catalogue: Catalogue) -> None:
    whole = api.get("/agents", params={"limit": 500}).json()
    assert whole["total"] == len(whole["agents"]) == len(catalogue.digests) - 1  # one is withdrawn
    assert [a["slug"] for a in api.get("/agents", params={"q": "post sort"}).json()["agents"]] == ["post-sorter"]
    scores = [float(a["score"]) for a in api.get("/agents?order=score&band=High&limit=500").json()["agents"]]
    assert scores == sorted(scores, reverse=True) and min(scores) >= 7
    assert {a["kind"] for a in api.get("/agents?kind=skill&limit=500").json()["agents"]} <= {"skill"}
    touching = api.get("/agents", params={"touches": "changes systems", "risk": "ASI02", "limit": 500}).json()["agents"]
    assert touching and all("changes systems" in a["touches"] and "ASI02" in a["risks"] for a in touching)
    assert len(touching) == sum(
        {"changes systems"} <= {*a["touches"]} and "ASI02" in a["risks"] for a in whole["agents"]
    )
    two = api.get("/agents?limit=2&offset=2").json()["agents"]
    assert two == whole["agents"][2:4]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/agents/nobody.json", 404),
        ("/agents/..%2F..%2F000001.json", 404),
        ("/agents/%2e%2e%2fmodified.csv", 404),
        ("/schema/..%2Fmodified.csv", 404),
        ("/schema/record-1.0.json", 200),
        ("/agents?limit=0", 422),
        ("/agents?band=Enormous", 422),
        ("/agents?kind=car", 422),
        ("/agents?touches=everything", 422),
        ("/modified.csv", 200),
        ("/agents/post-sorter/summary", 200),
        ("/health", 200),
    ],
)
def test_status_codes(api: TestClient, path: str, status: int) -> None:
    assert api.get(path).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_it_only_reads(api: TestClient, method: str) -> None:
    assert api.request(method, "/agents/post-sorter.json").status_code == 405


@pytest.mark.slow
def test_a_new_generation_is_served_without_a_restart(tmp_path: Path) -> None:
    api = TestClient(create_app(tmp_path))
    assert api.get("/agents").status_code == 503
    build(of_records([made.record("one")]), tmp_path)
    assert api.get("/agents").json()["total"] == 1
    for more in range(2, 7):
        build(of_records([made.record(f"agent-{n}") for n in range(more)] + [made.record("one")]), tmp_path)
        assert api.get("/agents").json()["total"] == more + 1
        assert api.get("/agents/agent-1.json").status_code == 200


@pytest.mark.slow
def test_schemathesis_finds_no_server_error(site: Path) -> None:
    import schemathesis
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
    from schemathesis.checks import CheckContext  # noqa: F401

    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(site.parents[1]))

    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 6

    @given(data=st.data())
    @settings(suppress_health_check=list(HealthCheck))
    def tried(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(operations))
        case = data.draw(operation.as_strategy())
        assert case.call().status_code < 500

    tried()
