"""Search keys from an HTTP service. Every server here is real, on loopback."""

from __future__ import annotations

import logging
import socket
import ssl
from threading import Event
from typing import Any

import pytest
from movehub.errors import IllegalCharacter, InvalidConfiguration, MovehubError, SearchKeyServiceFailed
from movehub.http.transport import Timeouts
from movehub.names.key_service_http import HttpSearchKeys
from movehub.names.search_keys import SearchKeyProvider, SearchKeys
from movehub.tls.credentials import Credentials

from tests.support.key_service import key_service
from tests.support.peers import http, peer, replying

SHORT = Timeouts(connect=0.2, total=0.2)


def trusting(credentials: Credentials) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=credentials.authority)


def test_a_family_name_is_asked_for_in_full_and_first_names_are_not() -> None:
    asked: list[dict[str, Any]] = []
    with key_service(asked=asked) as url, HttpSearchKeys(url) as service:
        provider: SearchKeyProvider = service
        assert provider.keys("Creighton-Ward", "Penelope Jane") == SearchKeys("CRAGTANWAD", "PANALAP")
    assert asked == [
        {"name": "Penelope Jane", "useFullName": False},
        {"name": "Creighton-Ward", "useFullName": True},
    ]


@pytest.mark.parametrize("first_name", [None, "", " "])
def test_without_a_first_name_nobody_is_asked_for_its_key(first_name: str | None) -> None:
    asked: list[dict[str, Any]] = []
    with key_service(asked=asked) as url, HttpSearchKeys(url) as service:
        assert service.keys("Petra", first_name) == SearchKeys("PATR")
    assert len(asked) == 1


def test_a_name_goes_out_composed() -> None:
    asked: list[dict[str, Any]] = []
    with key_service(asked=asked) as url, HttpSearchKeys(url) as service:
        assert service.key("Mu\u0308ller", use_full_name=True) == "MALAR"
    assert asked[0]["name"] == "Müller"


def test_a_key_that_is_known_is_not_asked_for_again_until_the_cache_is_cleared() -> None:
    asked: list[dict[str, Any]] = []
    with key_service(asked=asked) as url, HttpSearchKeys(url) as service:
        for _ in range(3):
            service.key("Petra", use_full_name=True)
        assert len(asked) == 1
        service.key("Petra", use_full_name=False)
        assert len(asked) == 2
        service.cache.clear()
        service.key("Petra", use_full_name=True)
        assert len(asked) == 3


def test_the_cache_has_a_bound_and_forgets_what_was_not_used_for_longest() -> None:
    asked: list[dict[str, Any]] = []
    with key_service(asked=asked) as url, HttpSearchKeys(url, cached=2) as service:
        for name in ("Petra", "Aachen", "Petra", "Penelope", "Petra"):
            service.key(name, use_full_name=True)
        assert [question["name"] for question in asked] == ["Petra", "Aachen", "Penelope"]
        assert len(service.cache) == 2


def test_closing_the_service_forgets_the_names() -> None:
    with key_service() as url:
        service = HttpSearchKeys(url)
        service.key("Petra", use_full_name=True)
        service.close()
        assert len(service.cache) == 0


def test_an_illegal_character_has_an_error_of_its_own_which_does_not_show_the_name() -> None:
    with key_service() as url, HttpSearchKeys(url) as service, pytest.raises(IllegalCharacter) as refused:
        service.keys("Müller中", None)
    assert "ller" not in f"{refused.value!s} {refused.value!r} {refused.value.__context__!r}"


@pytest.mark.parametrize("name", ["Pe\ttra", "Pe\ntra", "Pe\x00tra", "Pe\ud800tra"])
def test_a_control_character_or_half_a_character_never_leaves(name: str) -> None:
    asked: list[dict[str, Any]] = []
    with key_service(asked=asked) as url, HttpSearchKeys(url) as service, pytest.raises(IllegalCharacter):
        service.keys(name, None)
    assert asked == []


def test_a_name_beyond_all_measure_never_leaves() -> None:
    with key_service() as url, HttpSearchKeys(url) as service:
        with pytest.raises(SearchKeyServiceFailed, match="longer than"):
            service.keys("A" * 1001, None)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"no JSON", "no .searchKey."),
        (200, b"[]", "no .searchKey."),
        (200, b'{"searchKey": null}', "no .searchKey."),
        (200, b'{"searchKey": "' + b"A" * 101 + b'"}', "no key"),
        (200, '{"searchKey": "MÜLLER"}'.encode(), "no key"),
        (200, b"[" * 70000, "too long"),
        (302, b"", "status 302"),
        (404, b"", "status 404"),
        (500, b'{"error": "MUELLER"}', "status 500"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_clear_error(status: int, body: bytes, reason: str) -> None:
    with key_service(lambda _: (status, body)) as url, HttpSearchKeys(url) as service:
        with pytest.raises(SearchKeyServiceFailed, match=reason) as failed:
            service.keys("Müller", None)
    assert not isinstance(failed.value, IllegalCharacter)
    assert "MUELLER" not in str(failed.value)


def test_a_service_that_nobody_runs_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with HttpSearchKeys(url) as service:
        with pytest.raises(SearchKeyServiceFailed, match="could not be reached") as failed:
            service.keys("Petra", None)
    assert isinstance(failed.value, MovehubError)
    assert "Petra" not in str(failed.value)


def test_a_service_that_says_nothing_is_waited_for_until_the_time_is_up() -> None:
    done = Event()

    def silent(_: dict[str, Any]) -> tuple[int, bytes]:
        done.wait(5)
        return 200, b"{}"

    with key_service(silent) as url, HttpSearchKeys(url, timeouts=SHORT) as service:
        with pytest.raises(SearchKeyServiceFailed, match="not answer in time"):
            service.keys("Petra", None)
        done.set()


def test_an_environment_never_decides_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with key_service() as url, HttpSearchKeys(url) as service:
        assert service.keys("Petra", None) == SearchKeys("PATR")


def test_over_https_the_service_is_trusted_by_the_given_context_alone(
    hub: Credentials, foreign: Any, state: Credentials
) -> None:
    """The peer asks for a certificate, as a service between authorities may."""
    context = trusting(hub)
    context.load_cert_chain(state.certificate, state.key)
    with peer(hub, replying(http("200 OK", b'{"searchKey": "PATR"}'))) as url:
        with HttpSearchKeys(url, context) as service:
            assert service.keys("Petra", None) == SearchKeys("PATR")
        stranger = foreign.issue("hub")
        with HttpSearchKeys(url, trusting(stranger)) as service, pytest.raises(SearchKeyServiceFailed):
            service.keys("Petra", None)


@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example/nysiis",
        "http://192.0.2.7/nysiis",
        "http://127.0.0.1.example/",
        "ftp://127.0.0.1/",
        "https://user:word@keys.example/",
        "http:///nysiis",
        "nonsense",
    ],
)
def test_a_name_never_travels_in_the_open(url: str) -> None:
    with pytest.raises(InvalidConfiguration):
        HttpSearchKeys(url)


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://[::1]:1/", "http://127.3.2.1:1/"])
def test_plain_http_may_go_to_this_machine(url: str) -> None:
    HttpSearchKeys(url).close()


def test_https_needs_a_context_that_verifies() -> None:
    careless = ssl.create_default_context()
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    for context in (None, careless):
        with pytest.raises(InvalidConfiguration, match="verifies"):
            HttpSearchKeys("https://keys.example/", context)


def test_no_name_reaches_a_log_or_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), key_service() as url, HttpSearchKeys(url) as service:
        service.keys("Petra", "Penelope")
        assert "Petra" not in repr(service) + repr(service.cache)
    assert "Pe" not in caplog.text
