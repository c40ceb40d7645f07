"""What a product's files say against a safe value: a container that is opened, a remote whose address is none."""

import json

import pytest

from extractors.inventory.from_pages import declared_in
from extractors.model.declared import DeclaringFile
from extractors.pages.text_extraction import page_text
from scoring.vocabulary import Certainty, Detail, ExposureFact, LayerStatus, MaestroLayer
from tests.extractors.claims.test_declared_facts import DOCKER, extracted

SANDBOXED = "# Ferry\n\nFerry is an MCP server for piers. It runs in a sandboxed Docker container.\n"
COMPOSE = "services:\n  ferry:\n    build: .\n    {}\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yaml", COMPOSE.format("privileged: true")),
        ("docker-compose.yml", COMPOSE.format("network_mode: host")),
        ("compose.yaml", "x-all: &all\n  privileged: true\nservices:\n  ferry:\n    <<: *all\n    build: .\n"),
        ("compose.yaml", COMPOSE.format("privileged: true") + "  broken: [\n"),
        ("Dockerfile", "FROM python:3\nVOLUME /var/run/docker.sock\n"),
        ("Dockerfile", "FROM python:3\nRUN --security=insecure make\n"),
        (
            ".github/workflows/run.yml",
            "on: push\njobs:\n  ferry:\n    container:\n      image: ferry\n      options: --privileged\n",
        ),
    ],
)
def test_a_container_that_is_opened_is_no_sandbox(path: str, text: str) -> None:
    claim = extracted({"README.md": SANDBOXED, path: text}).fact(ExposureFact.ISOLATION)
    assert claim.value == "none" and claim.certainty is Certainty.INFERRED
    assert claim.detail == Detail.DECLARATION_DIFFERS and any("sandboxed" in each.quote for each in claim.evidence)
    assert len({each.url for each in claim.evidence}) == 2, "both lines are shown"


@pytest.mark.parametrize(
    "text",
    [
        "user: '1000'",
        "privileged: false",
        "network_mode: bridge",
        'volumes: ["./data:/data", "/etc/ferry.toml:/ferry.toml:ro"]',
        "cap_drop: [ALL]",
        "cap_add: [NET_BIND_SERVICE]",
        'security_opt: ["no-new-privileges:true"]',
    ],
)
def test_a_container_that_only_confines_contradicts_nothing(text: str) -> None:
    claim = extracted({"README.md": SANDBOXED, "compose.yaml": COMPOSE.format(text)}).fact(ExposureFact.ISOLATION)
    assert claim.value == "sandbox"


def test_an_opened_container_decides_nothing_where_no_page_says_sandbox_and_confines_nothing() -> None:
    """It may be that of another service; but what a start command says of containers is not taken beside it."""
    files = {"README.md": "# Ferry\n\nFerry is an MCP server.\n", "compose.yaml": COMPOSE.format("privileged: true")}
    started = {"README.md": files["README.md"] + f"\n```json\n{DOCKER.replace('EXTRA', '')}\n```\n"}
    assert extracted(files).fact(ExposureFact.ISOLATION).value is None
    assert extracted(started).fact(ExposureFact.ISOLATION).value == "sandbox"
    assert extracted(files | started).fact(ExposureFact.ISOLATION).value is None
    layer = extracted(files).layers[list(MaestroLayer).index(MaestroLayer.L4)]
    assert layer.status is not LayerStatus.MAPPED, "privileges do not confine it"


OPENED = [
    ("privileged: true", "--privileged"),
    ("privileged: true", "--privileged=true"),
    ("use_api_socket: true", "--use-api-socket"),
    ("network_mode: host", "--network host"),
    ("networks: [host]", "--net=host"),
    ("pid: host", "--pid=host"),
    ("ipc: host", "--ipc host"),
    ("uts: host", "--uts=host"),
    ("userns_mode: host", "--userns=host"),
    ("cgroup: host", "--cgroupns=host"),
    ("cap_add: [NET_BIND_SERVICE, CAP_SYS_ADMIN]", "--cap-add NET_BIND_SERVICE --cap-add=CAP_SYS_ADMIN"),
    ("cap_add: [ALL]", "--cap-add SYS_TIME,ALL"),
    ('security_opt: ["seccomp:unconfined"]', "--security-opt seccomp=unconfined"),
    ('security_opt: ["label:disable"]', "--security-opt=label=disable"),
    ('devices: ["/dev/mem:/dev/mem"]', "--device /dev/mem"),
    ('devices: ["/dev/sda"]', "--device=/dev/sda:/dev/sda:r"),
    ('volumes: ["./a:/a", "/:/host:ro"]', "-v ./a:/a -v /:/host:ro"),
    ("volumes: [{type: bind, source: /, target: /host}]", "--mount type=bind,source=/,target=/host"),
    ("volumes: [{type: bind, target: /host, source: /etc}]", "--mount=type=bind,dst=/host,src=/etc"),
    ('volumes: ["/etc:/etc"]', "-v/etc:/etc"),
    ('volumes: ["/root:/r"]', "-itv /root:/r"),
    ('volumes: ["/proc/:/p"]', "-v=/proc/:/p"),
    ('volumes: ["/dev:/dev"]', "--volume /dev:/dev"),
    ('volumes: ["/var/run:/r"]', "--volume=/run:/r"),
    ('volumes: ["/var/run/docker.sock:/s"]', "-v /var/run/docker.sock:/s"),
    ('volumes: ["/run/podman/podman.sock:/s"]', "-v /run/podman/podman.sock:/s"),
    ('volumes: ["/run/containerd/containerd.sock:/s"]', "--mount type=bind,src=/run/containerd/containerd.sock,dst=/s"),
]
WORKFLOW = "on: push\njobs:\n  ferry:\n    container:\n      image: ferry\n      options: {}\n"


def started(*options: str) -> str:
    return DOCKER.replace("EXTRA", "".join(f"{json.dumps(option)}, " for option in options))


@pytest.mark.parametrize(("key", "options"), OPENED)
def test_what_opens_a_container_counts_wherever_it_is_written(key: str, options: str) -> None:
    texts = {
        "compose.yaml": COMPOSE.format(key),
        "docker-compose.yml": COMPOSE.format(key) + "  broken: [\n",
        ".github/workflows/run.yml": WORKFLOW.format(json.dumps(options)),
        ".mcp.json": started(*options.split()),
    }
    for path, text in texts.items():
        claim = extracted({"README.md": SANDBOXED, path: text}).fact(ExposureFact.ISOLATION)
        assert claim.value == "none", path
    assert extracted({".mcp.json": started(*options.split())}).fact(ExposureFact.ISOLATION).value != "sandbox"


@pytest.mark.parametrize(
    "options",
    [
        "--user 1000 --network bridge -p 8080:80",
        "-v ./data:/data -v /etc/ferry.toml:/ferry.toml:ro",
        "--cap-drop ALL --cap-add NET_BIND_SERVICE",
        "--security-opt no-new-privileges --device /dev/dri",
        "--privileged=false --mount type=volume,source=var,target=/var",
    ],
)
def test_a_start_that_only_confines_is_in_a_sandbox(options: str) -> None:
    files = {"README.md": "# Ferry\n\nFerry is an MCP server.\n", ".mcp.json": started(*options.split())}
    assert extracted(files).fact(ExposureFact.ISOLATION).value == "sandbox"


def test_a_start_with_privileges_shows_its_words() -> None:
    claim = extracted({"README.md": f"{SANDBOXED}\n```json\n{started('--privileged')}\n```\n"}).fact(
        ExposureFact.ISOLATION
    )
    assert claim.value == "none" and any("--privileged" in each.quote for each in claim.evidence)


PACKAGE = {"registryType": "npm", "identifier": "@ferry/ferry", "version": "1.0.0", "transport": {"type": "stdio"}}


@pytest.mark.parametrize(
    ("remotes", "value", "certainty"),
    [
        ([], "local", Certainty.INFERRED),
        ([{"type": "streamable-http", "url": "https://mcp.acme.dev/mcp"}], "hosted", Certainty.INFERRED),
        ([{"type": "sse", "url": "https://your-host.io/sse"}], "hosted", Certainty.INFERRED),
        ([{"type": "sse", "url": "mcp.ferry.io"}], "hosted", Certainty.INFERRED),
        ([{"type": "sse"}], "hosted", Certainty.INFERRED),
        ([{"type": "sse", "url": "https://mcp.ferry.io/sse"}], "hosted", Certainty.STATED),
        (
            [{"type": "sse", "url": "https://mcp.acme.dev"}, {"type": "sse", "url": "https://mcp.ferry.io/sse"}],
            "hosted",
            Certainty.STATED,
        ),
    ],
)
def test_a_remote_without_an_address_leaves_no_stated_place(
    remotes: list[dict[str, str]], value: str, certainty: Certainty
) -> None:
    server = {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-09-29/server.schema.json",
        "name": "io.ferry/ferry",
        "packages": [PACKAGE],
        "remotes": remotes,
    }
    text = json.dumps(server, indent=1)
    page = page_text(text.encode(), url="file:server.json")
    made = declared_in([DeclaringFile("server.json", text, page)])
    assert made is not None
    claim = next(claim for claim in made.claims if claim.claim == ExposureFact.RUNS_AT)
    assert (claim.value, claim.certainty) == (value, certainty)
