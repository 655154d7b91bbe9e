"""Search keys from a command. Every process here is real."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from movehub.errors import IllegalCharacter, SearchKeyServiceFailed
from movehub.names.key_service_command import CommandSearchKeys
from movehub.names.search_keys import SearchKeyProvider, SearchKeys, family_name_key

SERVICE = """
import os, sys
from movehub.names.search_keys import family_name_key, first_name_key
sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    part, name = line.rstrip("\\n").split("\\t")
    open(NOTES, "a").write(f"{os.getpid()} {part}\\n")
    if name == "DIE":
        os._exit(3)
    try:
        print((family_name_key if part == "full" else first_name_key)(name), flush=True)
    except ValueError:
        print("!illegal", flush=True)
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes"
    path.touch()
    return path


@pytest.fixture
def service(notes: Path):
    with CommandSearchKeys([sys.executable, "-c", f"NOTES = {str(notes)!r}\n{SERVICE}"]) as running:
        yield running


def running(code: str, timeout: float = 10.0) -> CommandSearchKeys:
    return CommandSearchKeys([sys.executable, "-c", code], timeout=timeout)


def processes(notes: Path) -> list[str]:
    return [line.split()[0] for line in notes.read_text().splitlines()]


def test_a_family_name_is_asked_for_in_full_and_first_names_are_not(
    service: CommandSearchKeys, notes: Path
) -> None:
    provider: SearchKeyProvider = service
    assert provider.keys("Creighton-Ward", "Penelope Jane") == SearchKeys("CRAGTANWAD", "PANALAP")
    assert [line.split()[1] for line in notes.read_text().splitlines()] == ["first", "full"]


def test_a_name_of_any_script_crosses_the_pipe(service: CommandSearchKeys) -> None:
    assert service.keys("Παπαδόπουλος", "Юлия") == SearchKeys(family_name_key("Papadopoulos"), "IAL")


def test_one_process_answers_every_question(service: CommandSearchKeys, notes: Path) -> None:
    for name in ("Petra", "Aachen", "Penelope"):
        service.key(name, use_full_name=True)
    assert len(processes(notes)) == 3
    assert len(set(processes(notes))) == 1


def test_a_key_that_is_known_is_not_asked_for_again(service: CommandSearchKeys, notes: Path) -> None:
    assert service.keys("Petra", None) == service.keys("Petra", None)
    assert len(processes(notes)) == 1


def test_a_command_that_has_died_is_started_again_and_one_that_dies_each_time_is_an_error(
    service: CommandSearchKeys, notes: Path
) -> None:
    service.keys("Petra", None)
    with pytest.raises(SearchKeyServiceFailed, match="ended without an answer") as failed:
        service.keys("DIE", None)
    assert "DIE" not in str(failed.value)
    assert service.keys("Aachen", None) == SearchKeys("ACAN")
    assert len(set(processes(notes))) == 3


def test_a_command_that_answers_once_a_run_is_started_for_each_question() -> None:
    with running("input(); print('PATR', flush=True)") as service:
        assert service.keys("Petra", None) == service.keys("Petro", None) == SearchKeys("PATR")


def test_an_illegal_character_has_an_error_of_its_own_which_does_not_show_the_name(
    service: CommandSearchKeys,
) -> None:
    with pytest.raises(IllegalCharacter) as refused:
        service.keys("Müller中", None)
    assert "ller" not in f"{refused.value!s} {refused.value!r} {refused.value.__context__!r}"
    assert service.keys("Petra", None) == SearchKeys("PATR")


@pytest.mark.parametrize("name", ["Pe\ttra", "Pe\ntra", "Pe\rtra"])
def test_a_name_cannot_forge_a_line(service: CommandSearchKeys, notes: Path, name: str) -> None:
    with pytest.raises(IllegalCharacter):
        service.keys(name, None)
    assert processes(notes) == []


def test_a_command_that_says_nothing_is_given_up_and_never_answers_the_next_question() -> None:
    one_question_late = "while True: first = input(); input(); print(first[5:], flush=True)"
    with running(one_question_late, timeout=0.2) as service:
        for _ in range(2):
            with pytest.raises(SearchKeyServiceFailed, match=r"within 0.2 s"):
                service.keys("Petra", None)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("input(); print('!no licence'); input()", "has no key"),
        ("input(); print('M\\xdcLLER'); input()", "no key"),
        ("input(); print('A' * 101); input()", "no key"),
        ("input(); print('A' * 10000); input()", "no key"),
        ("import os; input(); os.write(1, b'\\xff\\xfe\\n'); input()", "no key"),
        ("", "ended without an answer"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_clear_error(code: str, reason: str) -> None:
    with running(
        f"import sys; sys.stdout.reconfigure(encoding='utf-8', line_buffering=True); {code}"
    ) as made:
        with pytest.raises(SearchKeyServiceFailed, match=reason):
            made.keys("Petra", None)


def test_a_line_that_nobody_asked_for_is_never_taken_for_the_next_key() -> None:
    with running("while True: input(); print('PATR\\nMORE', flush=True)") as service:
        assert service.keys("Petra", None) == SearchKeys("PATR")
        service._running._lines.put("in case MORE is still on its way")  # type: ignore[union-attr]
        with pytest.raises(SearchKeyServiceFailed, match="a line without a question"):
            service.keys("Aachen", None)
        assert service.keys("Petro", None) == SearchKeys("PATR")


def test_a_command_that_is_not_there_cannot_be_started(tmp_path: Path) -> None:
    with CommandSearchKeys([str(tmp_path / "nothing")]) as service:
        with pytest.raises(SearchKeyServiceFailed, match="cannot be started"):
            service.keys("Petra", None)


def test_threads_that_share_a_command_each_get_the_key_of_their_own_name(service: CommandSearchKeys) -> None:
    names = [f"{first}{middle}RT" for first in "BCDFGLMNPR" for middle in ("A", "ELL", "UMM", "ICH", "ORS")]
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda name: service.key(name, use_full_name=True), names))
    assert keys == [family_name_key(name) for name in names]


def test_closing_ends_the_process_and_forgets_the_names(service: CommandSearchKeys) -> None:
    service.keys("Petra", None)
    process = service._running._process  # type: ignore[union-attr]
    service.close()
    assert process.poll() is not None
    assert len(service.cache) == 0
    service.close()
