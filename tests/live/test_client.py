"""Asking a server that answers well, late, badly, too much or not at all."""

import logging
import tracemalloc

import pytest

from analysis.live.client import Limits, LiveError, Request, fetch

QUICK = Limits(seconds=0.5, most_bytes=100_000, tries=3, wait_seconds=0.01, longest_wait_seconds=0.02)


def ask(server, limits: Limits = QUICK, **request):
    return fetch(Request(f"{server.url}/api.json", **request), source="models-dev", limits=limits)


def test_an_answer_comes_with_its_address_and_hash(server) -> None:
    answer = ask(server, params={"a": "1"})
    assert answer.url == f"{server.url}/api.json?a=1"
    assert len(answer.sha256) == 64
    assert answer.content.startswith(b'{"anthropic"')


def test_packed_answers_and_redirects_to_the_same_host_are_followed(server) -> None:
    server.faults = ["packed", "sent_on"]
    assert ask(server).content == ask(server).content
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "fault", ["429", "500", "truncated", "silent", "dribbling", "half_packed", "odd_wait", "slow_headers"]
)
def test_what_passes_by_itself_is_asked_again(server, fault: str) -> None:
    server.faults = [fault]
    assert ask(server).content.startswith(b'{"anthropic"')
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("429", r"models-dev: the server answered 429 Too Many Requests \(asked 3 times\)"),
        ("500", r"the server answered 500 Internal Server Error \(asked 3 times\)"),
        ("truncated", r"the answer broke off \(asked 3 times\)"),
        ("silent", r"no answer within 0.5 seconds \(asked 3 times\)"),
        ("dribbling", r"no whole answer within 0.5 seconds \(asked 3 times\)"),
    ],
)
def test_in_the_end_it_is_told(server, fault: str, message: str) -> None:
    server.faults = [fault] * 3
    with pytest.raises(LiveError, match=message):
        ask(server)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("403", "403 Forbidden; is the key right"),
        ("endless", "larger than 100,000 bytes"),
        ("bomb", "larger than 100,000 bytes"),
        ("mispacked", r"no usable answer \(error\)"),
        ("packed_twice", "packed in a way that was not asked for$"),
        ("own_words", "the server answered 404 Not Found$"),
        ("own_number", "the server answered 499$"),
        ("packed_as_key", "packed in a way that was not asked for$"),
        ("sent_to_key", "sends us elsewhere, to another host or out of https$"),
        ("sent_away", "sends us elsewhere, to another host or out of https$"),
    ],
)
def test_what_will_not_pass_is_asked_once(server, fault: str, message: str) -> None:
    server.faults = [fault]
    with pytest.raises(LiveError, match=message):
        ask(server)
    assert len(server.asked) == 1


def test_a_circle_of_redirects_ends(server) -> None:
    server.faults = ["sent_on"] * 10
    with pytest.raises(LiveError, match="more than 3 redirects"):
        ask(server)
    assert len(server.asked) == 4


def test_a_bomb_takes_no_memory(server) -> None:
    server.faults = ["bomb"]
    tracemalloc.start()
    with pytest.raises(LiveError):
        ask(server)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


def test_a_page_that_is_not_there_and_a_server_that_is_not_there(server) -> None:
    with pytest.raises(LiveError, match="404"):
        fetch(Request(f"{server.url}/nowhere"), source="x", limits=QUICK)
    with pytest.raises(LiveError, match=r"no connection \(ConnectError\) \(asked 3 times\)"):
        fetch(Request("http://127.0.0.1:9/"), source="x", limits=QUICK)


def test_a_secret_reaches_the_server_and_nobody_else(server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    request = Request(f"{server.url}/api.json", {"a": "1"}, {"api_key": "hush-hush"})
    answer = fetch(request, source="models-dev", limits=QUICK)
    server.faults = ["403"]
    with pytest.raises(LiveError) as refused:
        fetch(request, source="models-dev", limits=QUICK)
    assert "hush-hush" in server.asked[0]
    assert "hush-hush" not in f"{answer.url} {request!r} {refused.value} {caplog.text}"


def test_a_wish_of_the_server_is_bounded(server, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    limits = Limits(seconds=0.5, tries=4, wait_seconds=0.01, longest_wait_seconds=0.03)
    server.faults = ["429"] * 3
    ask(server, limits)
    assert slept == pytest.approx([0.01, 0.02, 0.03])
