"""Asking a server: time and size are bounded, what may pass by itself is tried again, secrets stay secret."""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import responses

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from analysis.inputs.errors import InputError

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one a moment later."""

_MOST_REDIRECTS = 3
_LATE = 1.1  # of the time for an answer: what runs out by itself comes first
_NAME = "kwh2token (electricity in the price of AI tokens)"


class LiveError(InputError):
    """A source that gave nothing usable; the message names it and what was wrong."""


class _PassingError(Exception):
    """Something that may pass by itself: why, and how long the server asks to wait [s]."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class Limits:
    """What one request may take.

    Attributes
    ----------
    seconds : float
        Time for an answer, from the first to the last byte [s].
    most_bytes : int
        Size of an answer, unpacked [B].
    tries : int
        How often it is asked for.
    wait_seconds, longest_wait_seconds : float
        Between the first two tries, doubled each time, and at most, whatever the server asks for [s].
    """

    seconds: float = 60.0
    most_bytes: int = 20_000_000
    tries: int = 4
    wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0


@dataclass(frozen=True)
class Request:
    """What a source is asked.

    Attributes
    ----------
    url : str
        Without parameters.
    params : mapping
        Of the query, told to everyone.
    secrets : mapping
        Of the query, such as a key: in no message, file or log. In the text of the request they are left out.
    """

    url: str
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def told(self) -> str:
        """The whole address, without its secrets."""
        return str(httpx.URL(self.url, params=self.params)) if self.params else self.url


@dataclass(frozen=True)
class Answer:
    """What a server said: its bytes, and the address that was asked, without secrets."""

    content: bytes
    url: str

    @property
    def sha256(self) -> str:
        """Hash of the bytes, in hexadecimal."""
        return sha256(self.content).hexdigest()


def fetch(request: Request, *, source: str, limits: Limits) -> Answer:
    """Return what a server answers.

    Parameters
    ----------
    request : Request
        Whom to ask for what.
    source : str
        What messages call it.
    limits : Limits
        What it may take.

    Raises
    ------
    LiveError
        If it cannot be reached, refuses, is too slow, or says too much; the message says which.
    """
    for name in ("httpx", "httpcore"):  # they would log whole addresses
        logging.getLogger(name).setLevel(logging.WARNING)

    def pause(state: RetryCallState) -> float:
        problem = state.outcome.exception() if state.outcome else None
        asked_for = problem.wait if isinstance(problem, _PassingError) else 0.0
        doubled = limits.wait_seconds * 2.0 ** (state.attempt_number - 1)
        return min(max(asked_for, doubled), limits.longest_wait_seconds)

    tries = Retrying(
        stop=stop_after_attempt(limits.tries),
        wait=pause,
        retry=retry_if_exception_type(_PassingError),
        reraise=True,
    )
    try:
        return Answer(tries(_ask, request, source, limits), request.told)
    except _PassingError as problem:
        often = "once" if limits.tries == 1 else f"{limits.tries} times"
        raise LiveError(f"{source}: {problem} (asked {often})") from None


def _ask(request: Request, source: str, limits: Limits) -> bytes:
    """Return the body of one answer."""
    url = httpx.URL(request.url, params={**request.params, **request.secrets})
    ending = time.monotonic() + limits.seconds
    headers = {"User-Agent": _NAME, "Accept-Encoding": "gzip"}
    try:
        with httpx.Client(timeout=limits.seconds, headers=headers) as client:
            late = threading.Timer(_LATE * limits.seconds, client.close)
            late.daemon = True  # headers, too, may come byte by byte
            late.start()
            try:
                for _ in range(_MOST_REDIRECTS + 1):
                    with client.stream("GET", url) as response:
                        if not response.has_redirect_location:
                            _check(response, source)
                            return _body(response, source, limits, ending)
                        url = _next(url, response.next_request, request, source)
            finally:
                late.cancel()
    except httpx.TimeoutException:
        raise _PassingError(f"no answer within {limits.seconds:g} seconds") from None
    except (httpx.TransportError, httpx.StreamError, OSError, RuntimeError) as error:
        if time.monotonic() > ending:
            raise _PassingError(f"no whole answer within {limits.seconds:g} seconds") from None
        if isinstance(error, httpx.RemoteProtocolError):
            raise _PassingError("the answer broke off") from None
        raise _PassingError(f"no connection ({type(error).__name__})") from None
    except (httpx.InvalidURL, zlib.error) as error:
        raise LiveError(f"{source}: no usable answer ({type(error).__name__})") from None
    raise LiveError(f"{source}: more than {_MOST_REDIRECTS} redirects")


def _next(url: httpx.URL, after: httpx.Request | None, request: Request, source: str) -> httpx.URL:
    """Return where a redirect leads, unless it leaves https, or the host where there is a secret."""
    target = after.url if after else url
    same_host = (target.scheme, target.host, target.port) == (url.scheme, url.host, url.port)
    if same_host or (target.scheme == "https" and not request.secrets):
        return target
    raise LiveError(f"{source}: the server sends us elsewhere, to another host or out of https")


def _body(response: httpx.Response, source: str, limits: Limits, ending: float) -> bytes:
    """Return an answer unpacked, no more of it than may be."""
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in {"identity", "gzip"}:
        raise LiveError(f"{source}: the answer is packed in a way that was not asked for")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if packing == "gzip" else None
    content = bytearray()
    for piece in response.iter_raw():
        rest = piece
        while rest:
            room = limits.most_bytes + 1 - len(content)
            content += unpack.decompress(rest, room) if unpack else rest
            rest = unpack.unconsumed_tail if unpack else b""
            if len(content) > limits.most_bytes:
                raise LiveError(f"{source}: the answer is larger than {limits.most_bytes:,} bytes")
        if time.monotonic() > ending:
            raise _PassingError(f"no whole answer within {limits.seconds:g} seconds")
    if unpack and not unpack.eof:
        raise _PassingError("the answer broke off")
    return bytes(content)


def _check(response: httpx.Response, source: str) -> None:
    """Refuse an answer that is none; what a server writes may repeat a key, so the words are our own."""
    status = f"{response.status_code} {responses.get(response.status_code, '')}".strip()
    if response.status_code in AGAIN:
        asked_for = response.headers.get("Retry-After", "")
        raise _PassingError(
            f"the server answered {status}", float(asked_for) if asked_for.isdecimal() else 0.0
        )
    if response.status_code in {401, 403}:
        raise LiveError(f"{source}: the server answered {status}; is the key right?")
    if not response.is_success:
        raise LiveError(f"{source}: the server answered {status}")
