"""What a configuration names in Python: told apart what is wrong with it, before anything is served."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from movehub.errors import InvalidConfiguration
from movehub.node.plugins import load_function, responder_of
from movehub.node.settings import PACKAGES, Served, Settings

import erru_client
from tachonet_client import CardStatus
from tests.movehub.node.test_settings import GOOD
from tests.support.examples import CANARY, FI_ERRU, cgr_request

NAMED = "node.erru.register"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of an authority's own, that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "own_register", raising=False)  # an example has this name, too
    yield tmp_path / "own_register.py"
    sys.modules.pop("own_register", None)


def _configured(tmp_path: Path, **settings: str) -> Settings:
    given = {"register": "own_register:made", "authority": "Traficom"} | settings
    node = GOOD[: GOOD.index("[node.erru]")]
    member_state = given.pop("member_state", "FI")
    lines = "".join(f'{key} = "{value}"\n' for key, value in given.items())
    path = tmp_path / "node.toml"
    path.write_text(f"{node.replace('FI', member_state)}[node.erru]\n{lines}", "utf-8")
    return Settings.read(path)


def _refused(tmp_path: Path, **settings: str) -> str:
    (served,) = _configured(tmp_path, **settings).systems
    with pytest.raises(InvalidConfiguration) as raised:
        responder_of(served)
    assert CANARY not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("reference", ["no colon", "own_register", ":x", "own_register:", ".own:x"])
def test_what_is_no_reference_is_told_the_form(reference: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"node.erru.register must be package.module:name"):
        load_function(reference, NAMED)


@pytest.mark.parametrize("reference", ["nowhere:made", "nowhere.at_all:made"])
def test_a_module_that_is_not_found_is_told_with_where_it_is_looked_for(reference: str) -> None:
    with pytest.raises(InvalidConfiguration, match="there is no module nowhere in the folders of PYTHONPATH"):
        load_function(reference, NAMED)


def test_a_package_that_a_register_lacks_is_not_taken_for_the_register(module: Path) -> None:
    module.write_text("import not_there_at_all\n", "utf-8")
    with pytest.raises(
        InvalidConfiguration, match="own_register imports not_there_at_all, which is not installed"
    ):
        load_function("own_register:made", NAMED)


def test_a_name_that_a_module_lacks_is_told(module: Path) -> None:
    module.write_text("", "utf-8")
    with pytest.raises(InvalidConfiguration, match="node.erru.register: own_register has no made"):
        load_function("own_register:made", NAMED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"raise RuntimeError({CANARY!r})\n",
            "importing own_register raised RuntimeError in own_register.py:1",
        ),
        (f"x = {CANARY!r} = 1\n", "importing own_register raised SyntaxError in own_register.py:1"),
        (f"def made():\n    raise OSError({CANARY!r})\n", "raised OSError in own_register.py:2"),
        ("def made(database): ...\n", "own_register:made wants an argument, and is called without"),
        ("made = 7\n", "own_register:made is no function"),
        ("def made(): return None\n", "own_register:made returned None"),
        ("async def made(): return 1\n", "own_register:made is asynchronous"),
    ],
)
def test_a_register_that_cannot_be_made_is_one_line_without_the_text_of_its_error(
    tmp_path: Path, module: Path, text: str, said: str
) -> None:
    module.write_text(text, "utf-8")
    told = _refused(tmp_path)
    assert told.startswith(f"{NAMED}: ")
    assert said in told
    assert "\n" not in told


OWN = """
from movehub.sandbox.registers.undertakings import UndertakingRegister

class Own(UndertakingRegister):
    {0}

def made(): return Own("FI")
"""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("road_side_inspection = None", "Own has no road_side_inspection"),
        ("async def notify_unfitness(self, notification): ...", "these are asynchronous: notify_unfitness"),
    ],
)
def test_a_register_names_the_methods_that_it_lacks(
    tmp_path: Path, module: Path, changed: str, said: str
) -> None:
    module.write_text(OWN.format(changed), "utf-8")
    assert said in _refused(tmp_path)


def test_a_node_has_the_participants_of_its_configuration(tmp_path: Path, module: Path) -> None:
    module.write_text(OWN.format("pass"), "utf-8")
    (served,) = _configured(tmp_path).systems
    listed = replace(served, config=replace(served.config, participants=frozenset({"FI", "CH"})))
    assert responder_of(listed).codec.participants == {"FI", "CH"}
    strange = replace(served, config=replace(served.config, participants=frozenset({"AT", "CH"})))
    with pytest.raises(InvalidConfiguration, match=r"^member_state: FI does not take part in ERRU"):
        responder_of(strange)


def test_a_register_that_is_whole_is_taken(tmp_path: Path, module: Path) -> None:
    module.write_text(OWN.format("pass"), "utf-8")
    (served,) = _configured(tmp_path).systems
    assert responder_of(served).exchange.code == "FI"


def test_a_register_may_complete_the_messages_of_an_official_edition(tmp_path: Path, module: Path) -> None:
    module.write_text(OWN.format("def complete(self, message): return message"), "utf-8")
    (served,) = _configured(tmp_path).systems
    assert responder_of(served).exchange.complete.__name__ == "complete"


OF_TACHONET = """
from movehub.sandbox.registers.drivers import DriverRegister

class Own(DriverRegister):
    def use_statuses(self, translation):
        {0}

REGISTER = Own("FI")
def made(): return REGISTER
"""


def _tachonet(tmp_path: Path, statuses: str = "") -> Served:
    top = GOOD[: GOOD.index("[node.erru]")].replace("[erru]", "[tachonet]").replace("/erru", "/tachonet")
    top = top.replace("[tachonet]", f"[tachonet]\n{statuses}")
    path = tmp_path / "node.toml"
    path.write_text(
        f'{top}[node.tachonet]\nregister = "own_register:made"\nauthority = "Traficom"\n', "utf-8"
    )
    (served,) = Settings.read(path).systems
    return served


def test_a_register_gets_the_card_statuses_of_the_configuration(tmp_path: Path, module: Path) -> None:
    """2016/68, Annex II, 4: it can store a received status as a value of its own procedure."""
    module.write_text(OF_TACHONET.format("self.statuses = translation"), "utf-8")
    responder_of(_tachonet(tmp_path))
    register = sys.modules["own_register"].REGISTER
    assert register.statuses.to_local(CardStatus.LOST) == "missing"
    translation = "".join(f'{status.value} = "poissa"\n' for status in CardStatus)
    (tmp_path / "own.toml").write_text(f'local = ["poissa"]\n[translation]\n{translation}', "utf-8")
    responder_of(_tachonet(tmp_path, 'statuses = "own.toml"'))
    assert register.statuses.to_local(CardStatus.LOST) == "poissa"


def test_a_node_does_not_start_with_a_wrong_table_of_card_statuses(tmp_path: Path, module: Path) -> None:
    module.write_text(OF_TACHONET.format(f"raise OSError({CANARY!r})"), "utf-8")
    (tmp_path / "own.toml").write_text('local = ["a"]\n[translation]\nLost = "a"\n', "utf-8")
    with pytest.raises(InvalidConfiguration, match=r"tachonet\.statuses, .*no value for Application"):
        responder_of(_tachonet(tmp_path, 'statuses = "own.toml"'))
    with pytest.raises(InvalidConfiguration, match=r"use_statuses raised OSError in own_register\.py:6$"):
        responder_of(_tachonet(tmp_path))


def test_a_node_waives_the_rules_that_its_configuration_names(tmp_path: Path, module: Path) -> None:
    found = "def check_good_repute(self, search): return (gaps()['CGR-4'],)"
    module.write_text("from tests.movehub.test_responder import gaps\n" + OWN.format(found), "utf-8")
    (served,) = _configured(tmp_path).systems
    asked = erru_client.encode(replace(FI_ERRU, code="DK").request(cgr_request(), to="FI"))
    for despite, root in ((None, "ErrorNotification"), (("CGR-4",), "CheckGoodRepute_Response")):
        answer = responder_of(replace(served, despite=despite)).handle(asked)
        assert erru_client.decode(answer).body.root == root


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("authority", "A" * 60, "node.erru.authority"),
        ("answers_to", "Brussels", "node.erru.answers_to"),
        ("member_state", "XX", "member_state"),
    ],
)
def test_a_setting_that_no_schema_takes_is_named(
    tmp_path: Path, module: Path, setting: str, value: str, named: str
) -> None:
    module.write_text(OWN.format("pass"), "utf-8")
    assert _refused(tmp_path, **{setting: value}).startswith(f"{named}: ")


@pytest.mark.parametrize("system", PACKAGES)
def test_every_system_says_what_a_register_must_have(system: str) -> None:
    """The methods of the protocols are abstract, all of them; what is not cannot be missed."""
    from importlib import import_module

    from movehub.node import plugins as loading

    protocol = getattr(import_module(PACKAGES[system]), loading._REGISTERS[system])
    announced = {name for name, value in vars(protocol).items() if callable(value) and name[0] != "_"}
    assert protocol.__abstractmethods__ == announced
