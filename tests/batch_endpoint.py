"""A model's endpoint on loopback that speaks files and batches, and can kill who asks it at a chosen point."""

import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.model_endpoint import Say

IN_PROGRESS = "in_progress"


class BatchEndpoint:
    """`say` answers a question, in a batch or at once. A batch ends at its look number `looks`, as `ends`."""

    def __init__(self) -> None:
        self.say = Say(content="{}")
        self.answer: Callable[[dict[str, Any]], Say] | None = None
        """Decides by question, instead of `say`."""
        self.odd: dict[int, Say] = {}
        """Other answers in batches, by the place of the question."""
        self.direct: list[dict[str, Any]] = []
        self.batched: list[dict[str, Any]] = []
        """Bodies of all questions that were taken into a batch, so that they are paid for."""
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.looks = 1
        self.ends = "completed"
        self.answered = 1_000_000
        """Questions of a batch that have a line."""
        self.refuses: dict[str, Say] = {}
        """Errors by path."""
        self.kill: tuple[str, str] | None = None
        """(`before` or `after`, what): `upload`, `create`, `look`, `content`."""
        self._looked: dict[str, int] = {}
        self._lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                self._give("POST", body)

            def do_GET(self) -> None:
                self._give("GET", b"")

            def _give(self, method: str, body: bytes) -> None:
                path = self.path.removeprefix("/v1").split("?")[0]
                names = {"/files": "upload", "/batches": "create" if method == "POST" else "list"}
                what = names.get(path, "content" if path.endswith("/content") else "look" if "batches" in path else "")
                with endpoint._lock:
                    if self._kills("before", what):
                        return  # nothing was done
                    status, data = endpoint._answer(method, path, body, self.path)
                    if self._kills("after", what):
                        return
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                self.wfile.flush()

            def _kills(self, when: str, what: str) -> bool:
                if endpoint.kill != (when, what):
                    return False
                endpoint.kill = None
                self.close_connection = True
                os.kill(int(self.headers["authorization"].removeprefix("Bearer ")), signal.SIGKILL)
                return True

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _answer(self, method: str, path: str, body: bytes, whole: str) -> tuple[int, bytes]:
        if path in self.refuses:
            return self.refuses[path].status, self.refuses[path].body()
        if path == "/chat/completions":
            self.direct.append(json.loads(body))
            say = self._said(self.direct[-1])
            return say.status, say.body()
        if path == "/files":
            assert b'name="purpose"\r\n\r\nbatch\r\n' in body
            content = re.search(rb'filename="[^"]+\.jsonl".*?\r\n\r\n(.*)\r\n--', body, re.S)
            assert content is not None
            name = f"file-{len(self.files)}"
            self.files[name] = content[1].split(b"\r\n--")[0]
            return 200, _json({"id": name, "object": "file", "purpose": "batch", "status": "processed"})
        if path == "/batches" and method == "POST":
            asked = json.loads(body)
            assert asked["endpoint"] == "/v1/chat/completions" and asked["completion_window"] == "24h"
            lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
            assert len({line["custom_id"] for line in lines}) == len(lines)
            self.batched += [line["body"] for line in lines]
            number = f"batch_{len(self.batches)}"
            self.batches[number] = {"id": number, "object": "batch", "status": IN_PROGRESS, **asked}
            self.batches[number]["request_counts"] = {"total": len(lines), "completed": 0, "failed": 0}
            return 200, _json(self.batches[number])
        if path == "/batches":
            after = re.search(r"after=(\w+)", whole)
            newest = list(reversed(self.batches.values()))
            start = [batch["id"] for batch in newest].index(after[1]) + 1 if after else 0
            page = newest[start : start + 1]
            return 200, _json({"object": "list", "data": page, "has_more": start + 1 < len(newest)})
        if path.startswith("/files/"):
            return 200, self.files[path.split("/")[2]]
        batch = self.batches.get(path.split("/")[2])
        if batch is None:
            return 404, _json({"error": {"message": "No such batch"}})
        if path.endswith("/cancel"):
            self._end(batch, "cancelled")
        self._looked[batch["id"]] = self._looked.get(batch["id"], 0) + 1
        if batch["status"] == IN_PROGRESS and self._looked[batch["id"]] >= self.looks:
            self._end(batch, self.ends)
        return 200, _json(batch)

    def _said(self, body: dict[str, Any]) -> Say:
        return self.answer(body) if self.answer is not None else self.say

    def _end(self, batch: dict[str, Any], status: str) -> None:
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        good, bad = [], []
        for place, line in enumerate(lines if status != "failed" else ()):
            say = self.odd.get(place) or self._said(line["body"])
            response = {"status_code": say.status, "request_id": "r", "body": json.loads(say.body())}
            answer = {"id": f"line_{place}", "custom_id": line["custom_id"], "response": response, "error": None}
            if place >= self.answered:
                answer |= {"response": None, "error": {"code": "batch_expired", "message": "not in time"}}
            (good if place < self.answered and say.status == 200 else bad).append(answer)
        for name, rows in (("output_file_id", good), ("error_file_id", bad)):
            if rows:
                batch[name] = f"file-{len(self.files)}"
                self.files[batch[name]] = b"".join(_json(row) + b"\n" for row in reversed(rows))
        if status == "failed":
            batch["errors"] = {"object": "list", "data": [{"code": "x", "message": "no batches for this model"}]}
        batch["status"] = status
        batch["request_counts"] = {"total": len(lines), "completed": len(good), "failed": len(bad)}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture
def batch_endpoint() -> Iterator[BatchEndpoint]:
    endpoint = BatchEndpoint()
    yield endpoint
    endpoint.close()
