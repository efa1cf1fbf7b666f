"""A server on this machine that answers as the sources do, or as badly as it is told to."""

# ruff: noqa: D102 - what a way to fail does is its name

import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.live import recorded

BOMB = gzip.compress(bytes(50_000_000))


@dataclass
class Server:
    """What the server does, and what it was asked.

    ``faults`` are used up one a request: each a name of `Handler`'s ways to fail.
    """

    url: str = ""
    bodies: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def body_of(self, path: str, query: dict[str, list[str]]) -> str | None:
        """Return what is answered at a path."""
        if path.startswith("/service/data/EXR/"):
            return recorded.ECB
        body = self.bodies.get(path, recorded.PATHS.get(path))
        if body and "retail-sales" in path and query.get("offset") != ["0"]:
            return json.dumps(recorded.eia(5000, [], total=int(json.loads(body)["response"]["total"])))
        return body


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: "Local"

    def do_GET(self) -> None:
        told = self.server.told
        told.asked.append(self.path)
        parts = urlsplit(self.path)
        body = told.body_of(unquote(parts.path), parse_qs(parts.query))
        fault = told.faults.pop(0) if told.faults else ""
        if body is None:
            self.send_error(404)
        elif fault == "packed":
            self.packed("gzip", gzip.compress(body.encode()))
        elif fault:
            getattr(self, f"fail_{fault}")(body.encode())
        else:
            self.answer(body.encode())

    def answer(self, body: bytes, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def fail_429(self, body: bytes) -> None:
        self.send_response(429)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def fail_500(self, body: bytes) -> None:
        self.send_error(500)

    def fail_403(self, body: bytes) -> None:
        self.send_error(403)

    def fail_truncated(self, body: bytes) -> None:
        self.answer(body[: len(body) // 2], length=len(body))
        self.close_connection = True

    def fail_silent(self, body: bytes) -> None:
        time.sleep(1.0)
        self.close_connection = True

    def fail_dribbling(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body[:40]:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.05)
        self.close_connection = True

    def fail_endless(self, body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b" " * 10_000)
        self.close_connection = True

    def fail_slow_headers(self, body: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(40):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)
        self.close_connection = True

    def packed(self, packing: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", packing)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail_bomb(self, body: bytes) -> None:
        self.packed("gzip", BOMB)

    def fail_half_packed(self, body: bytes) -> None:
        self.packed("gzip", gzip.compress(body)[:-20])

    def fail_mispacked(self, body: bytes) -> None:
        self.packed("gzip", body)

    def fail_packed_twice(self, body: bytes) -> None:
        self.packed("gzip, gzip", gzip.compress(gzip.compress(body)))

    def fail_odd_wait(self, body: bytes) -> None:
        self.send_response(429)
        self.send_header("Retry-After", "²")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def fail_sent_on(self, body: bytes) -> None:
        self.redirect(self.path)

    def fail_sent_away(self, body: bytes) -> None:
        self.redirect("http://other.example/api.json?api_key=hush-hush")

    def fail_sent_to_key(self, body: bytes) -> None:
        self.redirect("http://hush-hush.example/")

    def fail_own_words(self, body: bytes) -> None:
        self.send_error(404, "key hush-hush")

    def fail_own_number(self, body: bytes) -> None:
        self.send_error(499, "key hush-hush")

    def fail_packed_as_key(self, body: bytes) -> None:
        self.packed("hush-hush", body)

    def fail_echo(self, body: bytes) -> None:
        row = {"period": self.path, "stateDescription": self.path, "sectorid": "IND", "price": "1"}
        rows = [row | {"price-units": "cents per kilowatt-hour"}]
        self.answer(json.dumps({"response": {"total": "1", "data": rows}, "asked": self.path}).encode())

    def fail_echo_unquoted(self, body: bytes) -> None:
        key = unquote(self.path.rpartition("=")[2])
        self.answer(json.dumps({"response": {"total": "9" * 40, "data": [{"price": key}]}}).encode())

    def fail_echo_cut(self, body: bytes) -> None:
        row = {"period": "2026-01", "stateDescription": "x" * 88 + unquote(self.path.rpartition("=")[2])}
        row |= {"sectorid": "IND", "price": "1", "price-units": "cents per kilowatt-hour"}
        self.answer(json.dumps({"response": {"total": "1", "data": [row]}}).encode())

    def fail_echo_page(self, body: bytes) -> None:
        self.answer(f"{self.path.rpartition('=')[2]} {self.path}".encode())

    def fail_html(self, body: bytes) -> None:
        self.answer(b"<html><body>Please sign in</body></html>")

    def log_message(self, format: str, *args: object) -> None:
        pass


class Local(ThreadingHTTPServer):
    """The server with what it was told."""

    told: Server

    def handle_error(self, request: object, address: object) -> None:
        """Say nothing of clients that went away."""


@pytest.fixture
def server() -> Iterator[Server]:
    local = Local(("127.0.0.1", 0), Handler)
    local.daemon_threads = True
    local.told = Server(url=f"http://127.0.0.1:{local.server_port}")
    thread = threading.Thread(target=local.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield local.told
    local.shutdown()
    local.server_close()
