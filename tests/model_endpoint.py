"""A chat endpoint on loopback that says what a test tells it to say, over real HTTP."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Say:
    """One answer. `content` is the model's text; `raw` replaces the whole body."""

    content: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    finish_reason: str = "stop"
    refusal: str | None = None
    usage: dict[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 9000, "completion_tokens": 500})
    raw: bytes | None = None
    error: dict[str, Any] | None = None
    seconds: float = 0.0
    cut: bool = False
    """Close the connection in the middle of the body."""

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.error is not None:
            return json.dumps({"error": self.error}).encode()
        message = {"role": "assistant", "content": self.content, "refusal": self.refusal}
        answer: dict[str, Any] = {
            "id": "c1",
            "object": "chat.completion",
            "created": 0,
            "model": "fake",
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
        }
        if self.usage is not None:
            answer["usage"] = self.usage
        return json.dumps(answer).encode()


class ModelEndpoint:
    """`answers` are given one after the other, the last one for ever; or `answer` decides by request."""

    def __init__(self) -> None:
        self.answers: list[Say] = []
        self.answer: Callable[[dict[str, Any]], Say] | None = None
        self.requests: list[dict[str, Any]] = []
        self.pages: dict[str, Any] = {}
        """What a GET gives, by path."""
        self.headers: list[dict[str, str]] = []
        self._lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1
            disable_nagle_algorithm = True
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                say = endpoint._next(body, dict(self.headers))
                time.sleep(say.seconds)
                data = say.body()
                self.send_response(say.status)
                for name, value in {"content-type": "application/json", **say.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                try:
                    self.wfile.write(data[: len(data) // 2] if say.cut else data)
                    self.wfile.flush()
                except OSError:
                    pass  # the client hung up, as some tests want it to
                if say.cut:
                    self.close_connection = True

            def do_GET(self) -> None:
                found = endpoint.pages.get(self.path.removeprefix("/v1"))
                data = json.dumps(found).encode()
                self.send_response(404 if found is None else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _next(self, body: dict[str, Any], headers: dict[str, str]) -> Say:
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            if self.answer is not None:
                return self.answer(body)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def model_endpoint() -> Iterator[ModelEndpoint]:
    endpoint = ModelEndpoint()
    yield endpoint
    endpoint.close()
