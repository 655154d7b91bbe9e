"""The settings of a node: an error names the setting. A database that cannot be opened is reported by its
setting, its address and a reason, never with a password.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from movehub.errors import InvalidConfiguration, MovehubError, StoreFailed, StoreNotOpened
from movehub.node.settings import Records, Settings, not_opened, without_password
from sqlalchemy import make_url

SECRET = "Geheimniskanarienvogel"

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
allowed_subjects = ["CN=hub"]

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


def test_a_node_may_waive_a_rule_for_its_answers(tmp_path: Path) -> None:
    (served,) = _read(tmp_path, GOOD + 'despite = ["CGR-4", "CGR-11"]\n').systems
    assert served.despite == ("CGR-4", "CGR-11")
    assert _read(tmp_path, GOOD).systems[0].despite is None


@pytest.mark.parametrize("wrong", ["CGR-2", "HDR-5", "CGR-44"])
def test_a_node_waives_no_rule_that_must_hold(tmp_path: Path, wrong: str) -> None:
    listed = rf"node.erru.despite: {wrong} cannot be waived\. ERRU lets you waive CGR-4, CGR-10, CGR-11, NU-1"
    with pytest.raises(InvalidConfiguration, match=listed):
        _read(tmp_path, GOOD + f'despite = ["CGR-4", "{wrong}"]\n')


def test_tachonet_has_no_rule_to_waive(tmp_path: Path) -> None:
    text = GOOD.replace("[erru]", "[tachonet]").replace("[node.erru]", "[node.tachonet]")
    with pytest.raises(InvalidConfiguration, match="CGR-4 cannot be waived. TACHOnet lets you waive no rule"):
        _read(tmp_path, text + 'despite = ["CGR-4"]\n')


def test_a_proxy_is_named_by_its_addresses_and_its_header(tmp_path: Path) -> None:
    proxy = 'allowed_subjects = ["CN=hub"]\nproxy_addresses = ["10.0.0.1"]\nproxy_header = "X-Client-Subject"'
    settings = _read(tmp_path, GOOD.replace('allowed_subjects = ["CN=hub"]', proxy))
    assert settings.proxy is not None
    assert settings.proxy.variable == "HTTP_X_CLIENT_SUBJECT"


def test_metrics_are_shown_on_a_loopback_address_unless_another_is_named(tmp_path: Path) -> None:
    assert _read(tmp_path, GOOD).metrics is None
    port = GOOD.replace("[node]\n", "[node]\nmetrics_port = 9464\n")
    assert _read(tmp_path, port).metrics == ("127.0.0.1", 9464)
    both = port.replace("[node]\n", '[node]\nmetrics_address = "10.0.0.2"\n')
    assert _read(tmp_path, both).metrics == ("10.0.0.2", 9464)


@pytest.mark.parametrize(
    ("addresses", "said"),
    [
        ('["10.0.0.1", "proxy.example"]', "node.proxy_addresses: entry 2: a name is no address"),
        ('["10.0.0.7/24"]', "node.proxy_addresses: entry 1: a network begins"),
        ('["0.0.0.0/0"]', "node.proxy_addresses: entry 1: a network of all addresses"),
        ("[]", "node.proxy_addresses must be a list of addresses"),
    ],
)
def test_the_addresses_of_a_proxy_are_checked_at_the_start(tmp_path: Path, addresses: str, said: str) -> None:
    text = f'[node]\nproxy_header = "X-Client-Subject"\nproxy_addresses = {addresses}\n'
    with pytest.raises(InvalidConfiguration, match=said):
        _read(tmp_path, GOOD.replace("[node]\n", text))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('refused_fingerprints = ["AB:CD"]', "refused_fingerprints: entry 1: .* 64 hexadecimal digits"),
        (f'refused_fingerprints = ["{"0" * 40}"]', "refused_fingerprints: entry 1: a SHA-1 fingerprint"),
        ("refused_fingerprints = []", "refused_fingerprints must be a list"),
        ('crl = ""', "crl: it is empty"),
    ],
)
def test_what_is_refused_is_checked_at_the_start(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        _read(tmp_path, f"{line}\n{GOOD}")


def test_lists_and_fingerprints_belong_to_every_connection(tmp_path: Path) -> None:
    lines = f'crl = "ca.crl"\nrefused_fingerprints = ["{":".join(["AB"] * 32)}"]\n'
    (served,) = _read(tmp_path, lines + GOOD).systems
    assert served.config.credentials.crl == tmp_path / "ca.crl"
    assert served.config.credentials.refused == {"ab" * 32}


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
        ('allowed_subjects = ["CN=hub"]', "allowed_subjects = []", "allowed_subjects"),
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
        ('allowed_subjects = ["CN=hub"]', "", "node.allowed_subjects must be given"),
        (
            'allowed_subjects = ["CN=hub"]',
            'allowed_subjects = ["hub"]',
            "node.allowed_subjects: .*written like",
        ),
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
    with pytest.raises(InvalidConfiguration, match="node.erru.path must be text that begins with /"):
        _read(tmp_path, f'{GOOD}path = "{path}"\n')


def test_two_systems_at_one_path_are_refused(tmp_path: Path) -> None:
    other = GOOD[GOOD.index("[node.erru]") :].replace("erru", "tachonet") + 'path = "/erru"\n'
    both = f'{GOOD}{other}[tachonet]\nurl = "https://hub.example/t"\n'
    with pytest.raises(
        InvalidConfiguration, match=r"node\.erru\.path, node\.tachonet\.path: they are the same"
    ):
        _read(tmp_path, both)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_metrics_need_a_port_of_their_own(tmp_path: Path, address: str) -> None:
    text = GOOD.replace("[node]\n", f'[node]\nmetrics_port = 8443\nmetrics_address = "{address}"\n')
    with pytest.raises(InvalidConfiguration, match="node.metrics_port: it must be another port"):
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


def test_the_old_name_of_a_setting_still_works_and_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = GOOD.replace("allowed_subjects", "let_in")
    for _ in range(2):
        assert _read(tmp_path, old).allowed_subjects == ("CN=hub",)
    (record,) = caplog.records
    assert f"{tmp_path}/node.toml: the setting node.let_in is now called node.allowed_subjects" in str(
        record.getMessage()
    )


def test_a_setting_under_both_of_its_names_is_refused(tmp_path: Path) -> None:
    both = GOOD.replace("allowed_subjects", 'let_in = ["CN=hub"]\nallowed_subjects')
    with pytest.raises(InvalidConfiguration, match="node.let_in is the old name of node.allowed_subjects"):
        _read(tmp_path, both)


def _not_opened(database: str) -> MovehubError:
    with pytest.raises(MovehubError) as raised:
        Records(database=database, member_state="FI").open()
    assert SECRET not in str(raised.value)
    return raised.value


def _kinds_of_files(folder: Path) -> dict[str, str]:
    (folder / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n" * 100, "utf-8")
    (folder / "ca.pem").chmod(0o600)
    (folder / "folder").mkdir(0o700)
    return {"ca.pem": "it is a file of another kind", "folder": "it cannot be opened"}


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    for name, said in _kinds_of_files(tmp_path).items():
        refused = _not_opened(f"sqlite:///{tmp_path}/{name}")
        assert isinstance(refused, StoreNotOpened)
        assert f"node.database: sqlite:///{tmp_path}/{name} cannot be opened: {said}" in str(refused)
        assert "Nothing was kept" not in str(refused)


@pytest.mark.parametrize(
    "database",
    [
        "mysql://host/name",
        "nothing",
        f"postgresql://node:{SECRET}@host:port/name",
        "sqlite:////none/there/x.db",
    ],
)
def test_what_is_no_address_of_a_database_is_a_fault_of_the_configuration(database: str) -> None:
    refused = _not_opened(database)
    assert isinstance(refused, InvalidConfiguration)
    assert str(refused).startswith("node.database: ")


def test_where_no_server_listens_the_address_is_told_without_the_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    refused = _not_opened(f"postgresql://node:{SECRET}@127.0.0.1:{port}/movehub?application_name={SECRET}")
    said = (
        f"node.database: postgresql://node@127.0.0.1:{port}/movehub cannot be opened: no server listens there"
    )
    assert said in str(refused)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "nobody_of_this_name"}, "there is no such role"),
        ({"database": "nothing_of_this_name"}, "there is no such database"),
        ({"host": "no.host.invalid", "query": {}}, "there is no host of this name"),
    ],
)
def test_what_a_server_does_not_have_is_told(
    postgres_server: object, changed: dict[str, Any], said: str
) -> None:
    url = make_url(postgres_server())  # type: ignore[operator]
    refused = _not_opened(url.set(**changed).render_as_string(hide_password=False))
    assert isinstance(refused, StoreNotOpened)
    assert f"cannot be opened: {said}" in str(refused)


def test_what_a_server_says_in_another_language_is_told_by_its_kind() -> None:
    failed = StoreFailed("the database failed with OperationalError")
    said = str(not_opened("postgresql://host/name", failed))
    assert "postgresql://host/name cannot be opened: the database failed with OperationalError" in said


@pytest.mark.parametrize(
    "url", [f"postgresql://node:{SECRET}@h/n", f"postgresql://h/n?password={SECRET}", SECRET]
)
def test_an_address_is_shown_without_what_may_be_a_password(url: str) -> None:
    assert SECRET not in without_password(url)
