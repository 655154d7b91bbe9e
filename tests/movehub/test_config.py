"""The configuration file: the loader of sections, and the settings of a client."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from movehub.config import (
    PATH,
    TEXT,
    Config,
    Identity,
    Section,
    one_of,
    read_credentials,
    read_participants,
    setting,
    settings,
    settings_of,
    whole_number,
)
from movehub.errors import InvalidConfiguration
from movehub.tls.credentials import PassPhrase

from tests.support.altered import EMPTY, altered

COMPLETE = """
member_state = "FI"
certificate = "fi.pem"
key = "fi.key"
authority = "ca.pem"

[erru]
url = "https://hub/erru"
version = "3.4"
connect_timeout = 2
total_timeout = 12.5
"""


def read(folder: Path, text: str) -> Config:
    path = folder / "hub.toml"
    path.write_text(text, "utf-8")
    return Config.read(path, "erru")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = read(tmp_path, COMPLETE)
    assert config.credentials.certificate == tmp_path / "fi.pem"
    assert config.credentials.password is None


def test_every_setting_is_read(tmp_path: Path) -> None:
    config = read(tmp_path, COMPLETE)
    assert (config.member_state, config.url, config.version) == ("FI", "https://hub/erru", "3.4")
    assert (config.timeouts.connect, config.timeouts.total) == (2.0, 12.5)


def test_a_password_is_read_from_its_own_file_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "fi.pass").write_text("secret word\n", "utf-8")
    config = read(tmp_path, 'key_password_file = "fi.pass"\n' + COMPLETE)
    assert config.credentials.pass_phrase() == PassPhrase("secret word")
    assert "secret" not in repr(config)


def test_a_key_that_is_left_out_stands_in_the_file_of_the_certificate(tmp_path: Path) -> None:
    """As in PKCS#12, which holds both."""
    config = read(tmp_path, COMPLETE.replace('key = "fi.key"\n', "").replace("fi.pem", "fi.p12"))
    assert config.credentials.certificate == config.credentials.key == tmp_path / "fi.p12"


def test_whose_certificate_it_is_can_be_read_without_a_system(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(COMPLETE, "utf-8")
    assert read_credentials(tmp_path / "hub.toml") == read(tmp_path, COMPLETE).credentials


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('member_state = "FI"', "", "member_state must be given"),
        ('url = "https://hub/erru"', "url = 7", "erru.url must be https://host/path, .*, not a whole number"),
        ("[erru]", "[eru]", r"section \[erru\] is missing"),
        ("connect_timeout = 2", 'connect_timeout = "2"', "connect_timeout must be a number"),
        (
            "connect_timeout = 2",
            "conect_timeout = 2",
            "unknown setting erru.conect_timeout. Did you mean connect_timeout?",
        ),
        (
            'key = "fi.key"',
            'key = "fi.key"\nverify = false',
            "unknown setting verify. Known here: authority, certificate, ",
        ),
        ("total_timeout = 12.5", "total_timeout = 60", "20 s"),
        (
            'key = "fi.key"',
            'key = "fi.key"\nkey_password_file = "none"',
            "key_password_file: the file of the pass phrase cannot be read: .*none",
        ),
        ("[erru]", "[erru", "cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        read(tmp_path, COMPLETE.replace(old, new))


def test_official_schemas_and_their_mapping_are_one_setting(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(EMPTY.replace("TACHOnet", "ERRU"), "utf-8")
    official = altered(tmp_path, "tachonet/3.0/tachonet.xsd")
    both = f'{COMPLETE}schemas = "{official.name}"\nmapping = "m.toml"\n'
    edition = read(tmp_path, both).edition
    assert edition is not None
    assert str(edition) == "ERRU 3.0"
    with pytest.raises(InvalidConfiguration, match="mapping must be given"):
        read(tmp_path, f'{COMPLETE}schemas = "{official.name}"\n')
    with pytest.raises(InvalidConfiguration, match="no mapping file"):
        read(tmp_path, both.replace("m.toml", "none.toml"))


@settings
class Example:
    """A section of these tests."""

    name: str = setting(TEXT, "A name.")
    colour: str = setting(one_of("red", "green"), "A colour.", default="red")
    count: int = setting(whole_number(1, 3), "A count.", default=2)
    file: Path | None = setting(PATH, "A file.", default=None, needs="count")


def example(folder: Path, text: str) -> Example:
    (folder / "x.toml").write_text(text, "utf-8")
    return Example(**Section.top_of(folder / "x.toml").section("example").values(Example))


def test_a_section_is_read_into_its_class_with_defaults(tmp_path: Path) -> None:
    read = example(tmp_path, '[example]\nname = "x"\nfile = "y"\ncount = 3')
    assert read == Example(name="x", colour="red", count=3, file=tmp_path / "y")
    assert example(tmp_path, '[example]\nname = "x"') == Example(name="x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the section [example] is missing"),
        ('[exampel]\nname = "x"', "the section [example] is missing. Did you mean it by [exampel]?"),
        ('example = "x"', "[example] must be a section, not text"),
        ("[example]", "example.name must be given, as text"),
        ('[example]\nname = ""', "example.name: it is empty"),
        ("[example]\nname = 2026-11-30", "example.name must be text, not a date or a time"),
        ("[[example.name]]", "example.name must be text, not a list"),
        ("[example.name]", "example.name must be text, not a section"),
        ('[example]\nname = "x"\ncolour = "blue"', "example.colour must be red or green"),
        ('[example]\nname = "x"\ncount = 4', "example.count must be a whole number from 1 to 3"),
        (
            '[example]\nname = "x"\ncount = true',
            "example.count must be a whole number from 1 to 3, not true or false",
        ),
        ('[example]\nname = "x"\ncuont = 1', "unknown setting example.cuont. Did you mean count?"),
        ('[example]\n"" = 1', "unknown setting example.. Known here: colour, count, file, name"),
        ('[example]\nname = "x"\nfile = "y"', "example.count must be given together with example.file"),
    ],
)
def test_an_error_names_the_file_the_setting_and_what_is_expected(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InvalidConfiguration) as raised:
        example(tmp_path, text)
    assert str(raised.value) == f"{tmp_path}/x.toml: {said}"


def test_an_error_never_shows_a_value(tmp_path: Path) -> None:
    secret = "Geheimniskanarienvogel"
    for wrong in (f'colour = "{secret}"', f'count = "{secret}"', f'file = ["{secret}"]', f"name = {secret}"):
        with pytest.raises(InvalidConfiguration) as raised:
            example(tmp_path, f"[example]\n{wrong}")
        assert secret not in str(raised.value)
        assert raised.value.__context__ is None


def test_every_setting_is_described_and_every_field_of_the_identity_is_one() -> None:
    assert settings_of(Identity).keys() == {each.name for each in fields(Identity)}
    for each in (*settings_of(Identity).values(), *settings_of(Config).values()):
        assert each.help.endswith(".")
        assert each.kind.words


def test_erru_has_no_card_statuses(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"erru\.statuses: only \[tachonet\] has card statuses"):
        read(tmp_path, COMPLETE + 'statuses = "own.toml"\n')


LISTED = COMPLETE + 'participants = ["AT", "FI", "GB", "el", "TR"]\n'


def test_the_participants_of_a_system_are_listed_in_its_section(tmp_path: Path) -> None:
    """Article 3a of Regulation (EU) 2016/68: a third country may connect, here Türkiye."""
    assert read(tmp_path, LISTED).participants == {"AT", "FI", "UK", "GR", "TR"}
    assert read_participants(tmp_path / "hub.toml", "erru") == {"AT", "FI", "UK", "GR", "TR"}
    assert read_participants(tmp_path / "hub.toml", "tachonet") is None
    assert read(tmp_path, COMPLETE).participants is None


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ('["FI", "FN"]', "erru.participants: FN is no code of a state that may take part: AD, AL, .*, FI, "),
        ('["FI", "ZZ"]', "erru.participants: ZZ is no code"),
        ('["FI", "EU"]', "erru.participants: EU is no code"),
        ('["FI", "FIN"]', "erru.participants: FIN is no code"),
        ('["FI", "AT,BE"]', "erru.participants: an entry of another form is no code"),
        ('["FI", ""]', "erru.participants must be a list of states"),
        ("[]", "erru.participants must be a list of states"),
        ('["FI", 7]', "erru.participants must be a list of states"),
        ('[["FI"]]', "erru.participants must be a list of states"),
        ('"FI,AT"', 'erru.participants must be a list of states, such as \\["AT", "BE"\\], not text'),
    ],
)
def test_a_wrong_list_of_participants_is_named(tmp_path: Path, listed: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        read(tmp_path, f"{COMPLETE}participants = {listed}\n")
