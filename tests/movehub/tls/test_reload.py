"""A certificate is renewed under load: nothing restarts, and nothing is lost."""

from __future__ import annotations

import logging
import os
import shutil
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest
from cryptography import x509
from movehub.errors import InvalidConfiguration
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport
from movehub.sandbox.pki import Authority
from movehub.tls import reload as certificate_watch
from movehub.tls.contexts import client_context
from movehub.tls.credentials import Credentials
from movehub.tls.reload import WatchedCertificate

from tests.support.certificates import Live, serial
from tests.support.clock import Clock

MORE = 40


class Seen:
    """An application that notes which certificate each request came with, and can be made to wait."""

    def __init__(self) -> None:
        self.serials: list[int] = []
        self.grown = Event()
        self._lock = Lock()
        self._wanted = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        shown = x509.load_pem_x509_certificate(environ["SSL_CLIENT_CERT"].encode())
        with self._lock:
            self.serials.append(shown.serial_number)
            if len(self.serials) >= self._wanted:
                self.grown.set()
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def wait_for(self, more: int) -> None:
        """Return once so many requests more have come in."""
        with self._lock:
            self._wanted = len(self.serials) + more
            self.grown.clear()
        assert self.grown.wait(20)


@pytest.fixture(autouse=True)
def _a_look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no test has to wait for the next look."""
    monkeypatch.setattr(certificate_watch, "_LOOK", 0.0)


@pytest.fixture
def live(tmp_path: Path, state: Credentials) -> Live:
    return Live.of(tmp_path / "state", state)


def test_no_request_is_lost_while_both_certificates_are_renewed(
    tmp_path: Path, authority: Authority, hub: Credentials, live: Live
) -> None:
    """Eight threads send without a pause; the state's certificate changes, then the hub's."""
    seen, stop, hub_live = Seen(), Event(), Live.of(tmp_path / "hub", hub)
    new_state, new_hub = authority.issue("FI-renewed"), authority.issue("hub-renewed")

    def send(transport: HttpsTransport) -> int:
        sent = 0
        while not stop.is_set():
            assert transport.post(b"<a/>") == b"ok"
            sent += 1
        return sent

    with (
        HttpsServer(seen, hub_live.credentials, threads=8) as server,
        HttpsTransport(f"https://localhost:{server.port}/", live.credentials) as transport,
        ThreadPoolExecutor(8) as threads,
    ):
        sending = [threads.submit(send, transport) for _ in range(8)]
        try:
            seen.wait_for(MORE)
            for renewed, new in ((live, new_state), (hub_live, new_hub)):
                renewed.renew_key(new)
                seen.wait_for(MORE)  # the halves do not fit, and the old ones serve
                renewed.renew_certificate(new)
                seen.wait_for(MORE)
        finally:
            stop.set()
        sent = sum(each.result() for each in sending)
    assert sent == len(seen.serials)
    assert set(seen.serials) == {serial(hub_state := live.credentials), seen.serials[0]}
    assert seen.serials[-1] == serial(hub_state) != seen.serials[0]


def test_a_server_shows_its_renewed_certificate_to_new_connections(
    tmp_path: Path, authority: Authority, hub: Credentials, state: Credentials
) -> None:
    hub_live = Live.of(tmp_path / "hub", hub)
    new = authority.issue("hub-renewed-again")
    with HttpsServer(Seen(), hub_live.credentials, threads=2) as server:
        assert _shown_by(server, state) == serial(hub)
        hub_live.renew(new)
        assert _shown_by(server, state) == serial(new)


def _shown_by(server: HttpsServer, state: Credentials) -> int:

    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        with client_context(state).wrap_socket(raw, server_hostname="localhost") as connection:
            shown = connection.getpeercert()
    assert shown is not None
    return int(str(shown["serialNumber"]), 16)


def test_half_written_files_leave_the_old_certificate_in_use_and_warn_once(
    authority: Authority, live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    watched = WatchedCertificate(live.credentials, client_context)
    before, new = watched(), authority.issue("FI-half")
    live.renew_key(new)
    assert [watched() for _ in range(3)] == [before] * 3
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert "the one before stays" in warning.getMessage()
    live.renew_certificate(new)
    assert watched() is not before


def test_the_files_are_looked_at_ten_times_a_second_at_most(
    live: Live, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate_watch, "_LOOK", 0.1)
    clock = Clock()
    watched = WatchedCertificate(live.credentials, client_context, clock)
    before = watched()
    live.renew(authority.issue("FI"))
    assert watched() is before
    clock.sleep(0.2)
    assert watched() is not before


def test_files_that_vanish_leave_the_old_certificate_in_use(live: Live) -> None:
    watched = WatchedCertificate(live.credentials, client_context)
    before = watched()
    live.credentials.certificate.unlink()
    assert watched() is before


def test_files_that_do_not_change_are_not_loaded_again(live: Live) -> None:
    watched = WatchedCertificate(live.credentials, client_context)
    assert watched() is watched()


def test_a_rewritten_file_of_the_same_length_and_time_is_noticed(live: Live, authority: Authority) -> None:
    """The contents count: a clock that stands still, or a copy that keeps times, hides nothing."""

    watched = WatchedCertificate(live.credentials, client_context)
    before, stamp = watched(), live.credentials.certificate.stat()
    live.renew(authority.issue("FI-same-time"))
    os.utime(live.credentials.certificate, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert watched() is not before


def test_files_that_are_wrong_from_the_beginning_are_a_fault_of_the_configuration(
    live: Live, hub: Credentials
) -> None:
    shutil.copy(hub.key, live.credentials.key)
    with pytest.raises(InvalidConfiguration, match="the key is that of another"):
        WatchedCertificate(live.credentials, client_context)
