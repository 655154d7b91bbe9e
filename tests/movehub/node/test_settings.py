"""Settings: every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.node.settings import Settings

GOOD = """
member_state = "FI"
certificate = "fi.pem"
key = "fi.key"
authority = "ca.pem"

[erru]
url = "https://hub.example/erru"

[node]
database = "sqlite:///node.db"
listen = "0.0.0.0:8443"
let_in = ["CN=hub"]

[node.erru]
register = "tests.support.registers:undertakings"
authority = "Traficom"
"""


def _read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "node.toml"
    path.write_text(text, "utf-8")
    return Settings.read(path)


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    settings = _read(tmp_path, GOOD)
    assert settings.database == f"sqlite:///{tmp_path}/node.db"
    assert (settings.host, settings.port, settings.synchronous, settings.proxy) == (
        "0.0.0.0",
        8443,
        False,
        None,
    )
    assert settings.numbers["threads"] == 16
    (served,) = settings.systems
    assert (served.system, served.path, served.answers_url) == ("ERRU", "/erru", "https://hub.example/erru")


def test_answers_may_go_to_another_address(tmp_path: Path) -> None:
    text = GOOD + 'answers_url = "https://hub.example/answers"\nanswers_to = "EU"\n'
    (served,) = _read(tmp_path, text).systems
    assert (served.answers_url, served.answers_to) == ("https://hub.example/answers", "EU")


def test_a_proxy_is_named_by_its_addresses_and_its_header(tmp_path: Path) -> None:
    proxy = 'let_in = ["CN=hub"]\nproxy_addresses = ["10.0.0.1"]\nproxy_header = "X-Client-Subject"'
    settings = _read(tmp_path, GOOD.replace('let_in = ["CN=hub"]', proxy))
    assert settings.proxy is not None
    assert settings.proxy.variable == "HTTP_X_CLIENT_SUBJECT"


def test_metrics_are_shown_on_a_loopback_address_unless_another_is_named(tmp_path: Path) -> None:
    assert _read(tmp_path, GOOD).metrics is None
    port = GOOD.replace("[node]\n", "[node]\nmetrics_port = 9464\n")
    assert _read(tmp_path, port).metrics == ("127.0.0.1", 9464)
    both = port.replace("[node]\n", '[node]\nmetrics_address = "10.0.0.2"\n')
    assert _read(tmp_path, both).metrics == ("10.0.0.2", 9464)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[node]\n", "[node]\nmetrics_port = 65536\n", "node.metrics_port"),
        ("[node]\n", '[node]\nmetrics_address = "10.0.0.2"\n', "node.metrics_port"),
        ("[node]\n", "[node]\nthreds = 3\n", "node.threds"),
        ("[node]\n", "[node]\nthreads = 0\n", "node.threads"),
        ("[node]\n", "[node]\nthreads = true\n", "node.threads"),
        ("[node]\n", '[node]\ninterface = "both"\n', "node.interface"),
        ("[node]\n", '[node]\nproxy_header = "X"\n', "proxy_addresses"),
        (':8443"', '"', "node.listen"),
        (':8443"', ':https"', "node.listen"),
        ('let_in = ["CN=hub"]', "let_in = []", "let_in"),
        ("[node.erru]", "[node.eru]", "node.eru"),
        ('authority = "Traficom"', 'autority = "Traficom"', "node.erru.autority"),
        ('database = "sqlite:///node.db"', "", "database"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        _read(tmp_path, GOOD.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('register = "tests.support.registers:undertakings"', "", "node.erru.register must be given"),
        ('authority = "Traficom"', "", "node.erru.authority must be given"),
        ('listen = "0.0.0.0:8443"', "", "node.listen must be given"),
        ('let_in = ["CN=hub"]', "", "node.let_in must be given"),
        ('let_in = ["CN=hub"]', 'let_in = ["hub"]', "node.let_in: .*written like"),
        ("[node]\n", '[node]\nproxy_addresses = ["::1"]\n', "node.proxy_header must be given"),
        ("[node]\n", '[records]\ndocuments = "half a year"\n[node]\n', "records.documents: a period"),
        ("[node]\n", '[records]\ndocuments = "1 day"\n[node]\n', "records.documents: .*60 days"),
        ("[node]\n", "[records]\nheartbeat_every = 0\n[node]\n", "records.heartbeat_every"),
        ("https://hub.example/erru", "http://hub.example", "erru.url must be https://"),
        (
            "[node.erru]\n",
            '[node.erru]\nanswers_url = "hub.example"\n',
            "node.erru.answers_url must be https://",
        ),
    ],
)
def test_a_setting_is_named_by_its_section_and_key(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        _read(tmp_path, GOOD.replace(before, after))


def test_an_address_with_a_password_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="erru.url") as raised:
        _read(tmp_path, GOOD.replace("https://hub", "https://me:Kanarienvogel@hub"))
    assert "Kanarienvogel" not in str(raised.value)


@pytest.mark.parametrize("path", ["erru", "/er ru", "/erru?x", "/%20"])
def test_a_path_that_no_request_could_have_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidConfiguration, match="node.erru.path must begin with /"):
        _read(tmp_path, f'{GOOD}path = "{path}"\n')


def test_two_systems_at_one_path_are_refused(tmp_path: Path) -> None:
    other = GOOD[GOOD.index("[node.erru]") :].replace("erru", "tachonet") + 'path = "/erru"\n'
    both = f'{GOOD}{other}[tachonet]\nurl = "https://hub.example/t"\n'
    with pytest.raises(InvalidConfiguration, match=r"node\.erru\.path and node\.tachonet\.path are the same"):
        _read(tmp_path, both)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_metrics_need_a_port_of_their_own(tmp_path: Path, address: str) -> None:
    text = GOOD.replace("[node]\n", f'[node]\nmetrics_port = 8443\nmetrics_address = "{address}"\n')
    with pytest.raises(InvalidConfiguration, match="node.metrics_port must be another port"):
        _read(tmp_path, text)
    elsewhere = text.replace("0.0.0.0:8443", "10.0.0.1:8443").replace('"0.0.0.0"', '"10.0.0.2"')
    assert _read(tmp_path, elsewhere).metrics is not None


def test_a_node_that_serves_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"node\.erru"):
        _read(tmp_path, GOOD[: GOOD.index("[node.erru]")])
    with pytest.raises(InvalidConfiguration, match=r"\[node\]"):
        _read(tmp_path, GOOD[: GOOD.index("[node]")])


@pytest.mark.parametrize("text", [None, "no = toml ="])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, text: str | None) -> None:
    with pytest.raises(InvalidConfiguration):
        Settings.read(tmp_path / "none.toml") if text is None else _read(tmp_path, text)
