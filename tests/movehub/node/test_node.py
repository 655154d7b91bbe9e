"""A whole node, over real TLS on loopback: it takes in, answers, sends, stops, and goes on where it was."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from logging.handlers import QueueHandler
from pathlib import Path
from queue import Queue
from threading import Event
from typing import Any

import pytest
import requests
import typer
from movehub.cli import serve as command
from movehub.cli.log_lines import LogFormat, LogLevel
from movehub.errors import HttpRefused, InvalidConfiguration
from movehub.http.endpoint import Endpoint
from movehub.http.server import HttpsServer
from movehub.http.transport import HttpsTransport
from movehub.node import node as serving
from movehub.node.node import Node
from movehub.node.settings import Settings
from movehub.node.threads import Threads
from movehub.node.tickets import Sender
from movehub.protocol.exchange import Exchange, utc_now
from movehub.sandbox.pki import Authority
from movehub.sandbox.registers.undertakings import UndertakingRegister
from movehub.store import Anchor, Store, transaction
from movehub.store.journal import GENESIS
from movehub.tls.credentials import Credentials
from movehub.tls.expiry import expiries_of
from sqlalchemy import text

import erru_client as erru
from tests.support import registers
from tests.support.erru_examples import nu_request
from tests.support.examples import CANARY, cgr_request
from tests.support.nodes import answer_of_the_hub, from_denmark, written


class Central:
    """The hub's own endpoint: it keeps what arrives, and answers searches with what it is told."""

    def __init__(self) -> None:
        self.came: Queue[Any] = Queue()

    def handle(self, data: bytes) -> bytes:
        message = erru.decode(data)
        self.came.put(message)
        if isinstance(message.body, erru.CheckGoodReputeRequest):
            return answer_of_the_hub(message, message.body.answer("DK", ()), utc_now())
        return b""


@pytest.fixture
def central() -> Central:
    return Central()


@pytest.fixture
def central_port(central: Central, hub: Credentials) -> Iterator[int]:
    with HttpsServer(Endpoint(central.handle), hub, threads=4) as listener:
        yield listener.port


@pytest.fixture
def config(tmp_path: Path, state: Credentials, central_port: int, address: str) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(
        f"""
member_state = "FI"
certificate = "{state.certificate}"
key = "{state.key}"
authority = "{state.authority}"

[erru]
url = "https://localhost:{central_port}/"

[node]
database = "{address}"
listen = "127.0.0.1:0"
allowed_subjects = ["CN=hub"]

[node.erru]
register = "tests.support.registers:undertakings"
authority = "Traficom"
on_answer = "tests.support.registers:told"
""",
        "utf-8",
    )
    return path


@pytest.fixture
def running(config: Path) -> Iterator[Node]:
    with Node(Settings.read(config)) as node:
        yield node


def _transport(node: Node, credentials: Credentials) -> HttpsTransport:
    return HttpsTransport(f"https://localhost:{node.port}/erru", credentials)


def test_a_notification_is_taken_recorded_and_answered_on_another_connection(
    config: Path, central: Central, hub: Credentials
) -> None:
    """The receipt leaves when the notification is recorded, so that the test can look right after it."""
    config.write_text(config.read_text("utf-8") + 'acknowledge = "when recorded"\n', "utf-8")
    message = from_denmark(nu_request(), utc_now())
    with Node(Settings.read(config)) as running, _transport(running, hub) as transport:
        assert transport.deliver(written(message)) == b""
        answer = central.came.get(timeout=10)
    assert answer.header.workflow_id == message.header.workflow_id
    assert answer.body.member_states[0].status_code == "OK"
    assert [each.header for each in registers.MADE[-1].notified] == [message.header]


def test_a_request_that_is_posted_is_answered_by_the_hub(running: Node) -> None:
    registers.TOLD.clear()
    sender = Sender(running.store, erru.CODEC, Exchange("FI", erru.ERRU_3_5))
    answer = sender.post(cgr_request(), "DK").wait(10)
    assert answer.body.member_states[0].member_state_code == "DK"
    assert [told[2] for told in registers.TOLD] == [answer]


def test_a_good_certificate_of_another_subject_is_not_let_in(
    running: Node, authority: Authority, central: Central
) -> None:
    with _transport(running, authority.issue("SE")) as transport:
        with pytest.raises(HttpRefused) as raised:
            transport.deliver(written(from_denmark(nu_request(), utc_now())))
    assert raised.value.status == 403
    assert central.came.empty()


@pytest.mark.parametrize("path", ["/", "/tachonet"])
def test_nothing_is_served_at_another_path(running: Node, hub: Credentials, path: str) -> None:
    with HttpsTransport(f"https://localhost:{running.port}{path}", hub) as transport:
        with pytest.raises(HttpRefused) as raised:
            transport.deliver(b"<x/>")
    assert raised.value.status == 404


def test_what_was_taken_before_a_stop_is_answered_after_the_next_start(
    config: Path, address: str, central: Central
) -> None:
    from movehub.node.receiver import Receiver

    message = from_denmark(nu_request(), utc_now())
    with Store.open(address) as store:
        Receiver(store, erru.CODEC).accept(written(message))
    with Node(Settings.read(config)):
        assert central.came.get(timeout=10).header.workflow_id == message.header.workflow_id


def test_the_synchronous_interface_answers_on_the_same_connection(
    config: Path, hub: Credentials, central: Central
) -> None:
    words = config.read_text("utf-8").replace(
        "allowed_subjects", 'interface = "synchronous"\nallowed_subjects'
    )
    config.write_text(words, "utf-8")
    message = from_denmark(cgr_request(), utc_now())
    with Node(Settings.read(config)) as node, _transport(node, hub) as transport:
        first, second = transport.post(written(message)), transport.post(written(message))
    assert first == second
    assert erru.decode(first).header.workflow_id == message.header.workflow_id
    assert central.came.empty()


def test_metrics_have_a_port_of_their_own_and_show_when_the_certificates_end(
    config: Path, hub: Credentials, state: Credentials, central: Central
) -> None:
    settings = replace(Settings.read(config), metrics_port=0)
    with Node(settings) as node, _transport(node, hub) as transport:
        transport.deliver(written(from_denmark(cgr_request(), utc_now())))
        central.came.get(timeout=10)
        told = requests.get(f"http://127.0.0.1:{node.metrics_port}/metrics", timeout=10)
        document = requests.post(f"http://127.0.0.1:{node.metrics_port}/erru", data=b"<x/>", timeout=10)
    assert (told.status_code, document.status_code) == (200, 404)
    assert 'movehub_inbox_messages{state="processed",kind="query"} 1' in told.text
    assert told.text.count("movehub_certificate_seconds_left{") == len(expiries_of(state))
    assert CANARY not in told.text


def test_metrics_go_on_while_a_certificate_is_being_renewed(
    config: Path, state: Credentials, tmp_path: Path
) -> None:
    own = tmp_path / "own.pem"
    own.write_bytes(state.certificate.read_bytes())
    config.write_text(config.read_text("utf-8").replace(str(state.certificate), str(own)), "utf-8")
    with Node(replace(Settings.read(config), metrics_port=0)) as node:
        own.write_bytes(b"half a certificate")
        told = requests.get(f"http://127.0.0.1:{node.metrics_port}/metrics", timeout=10)
    assert told.status_code == 200
    assert "movehub_certificate_seconds_left{" not in told.text
    assert "movehub_attention_open" in told.text


def test_a_node_that_starts_logs_the_anchor_of_its_journal(config: Path) -> None:
    logged: Queue[Any] = Queue()
    handler, logger = QueueHandler(logged), logging.getLogger("movehub.store.anchors")
    logger.addHandler(handler)
    try:
        with Node(Settings.read(config)):
            record = logged.get(timeout=10)
    finally:
        logger.removeHandler(handler)
    assert record.levelname == "WARNING"
    assert Anchor.of(record.getMessage().rpartition(": ")[2]) == Anchor(0, GENESIS)


def test_no_port_is_opened_for_metrics_that_nobody_wants(running: Node) -> None:
    assert running.metrics_port is None


def test_an_sqlite_file_is_not_served_twice(config: Path, running: Node) -> None:
    if running.store.shared:
        with Node(Settings.read(config)) as second:
            assert second.port != running.port
    else:
        with pytest.raises(InvalidConfiguration, match="another process"):
            Node(Settings.read(config)).__enter__()


def test_the_command_serves_until_it_is_told_to_stop(
    config: Path, hub: Credentials, central: Central
) -> None:
    command = [sys.executable, "-m", "movehub", "serve", "--config", str(config)]
    command[1:3] = ["-c", "from movehub.cli.main import main; main()"]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as serving:
        assert serving.stdout is not None
        port = int(serving.stdout.readline().rsplit(maxsplit=1)[-1])
        with HttpsTransport(f"https://localhost:{port}/erru", hub) as transport:
            transport.deliver(written(from_denmark(nu_request(), utc_now())))
        central.came.get(timeout=10)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=20) == 0


def test_the_command_ends_with_an_error_where_a_thread_has_died(
    config: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A node that says 202 and works on nothing would be taken for healthy: its supervisor has to know."""
    monkeypatch.setattr(Threads, "_run", lambda *_: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(typer.Exit) as raised:
        command.serve(config, LogLevel.INFO, LogFormat.TEXT)
    assert raised.value.exit_code == 1
    assert "a thread has died: query-0" in caplog.text


def test_a_node_ends_though_a_register_holds_the_database_for_ever(
    config: Path, hub: Credentials, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, ends = Event(), Event()

    def hang(*_: object) -> None:
        held = transaction()
        held.execute(text("SELECT 1"))
        begun.set()
        ends.wait(60)
        held.invalidate()

    monkeypatch.setattr(Threads.__init__, "__kwdefaults__", {"patience": 0.1})
    monkeypatch.setattr(serving, "_LAST_WRITES", 0.1)
    monkeypatch.setattr(UndertakingRegister, "notify_unfitness", hang)
    with Node(Settings.read(config)) as node, _transport(node, hub) as transport:
        transport.deliver(written(from_denmark(nu_request(), utc_now())))
        assert begun.wait(10)
    assert re.search("are left behind: .*notification-", caplog.text)
    ends.set()
    for thread in node._threads._threads:
        thread.join()
