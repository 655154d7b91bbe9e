"""A database that fails says why, and what to do: each cause is made really, and reads differently.

What a test breaks in its own process, such as the limit of its files, it breaks in a child. A full disk is a
small one of its own, where this machine allows that (`unshare`).
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from movehub.errors import InvalidConfiguration, StoreFailed
from movehub.store import Store
from movehub.store.causes import _OF_POSTGRESQL, _OF_SQLITE
from movehub.store.changes import Change
from movehub.store.databases import single_process_lock
from movehub.store.tables import SLOT
from sqlalchemy import event, make_url, text

from tests.support.databases import postgres

FULL: Final = "its disk is full. Make room"
BROKEN: Final = "input/output error"
DAMAGED: Final = "damaged or cut off"
OTHER_KIND: Final = "a file of another kind"
READ_ONLY: Final = "it cannot be written: the file system is read-only"
NO_FILES: Final = "too many open files. Raise its limit"
LOCKED: Final = "another program writes to it and does not finish: end that program"
NO_TABLES: Final = "its tables are missing"
#: Each cause names itself and no other.
PHRASES: Final = (FULL, BROKEN, DAMAGED, OTHER_KIND, READ_ONLY, NO_FILES, LOCKED, NO_TABLES)

#: What a child begins with. `wide` is a row of 10 kB.
CHILD: Final = """
import os, resource, subprocess, sys
from movehub.errors import MovehubError
from movehub.store import Store
from movehub.store.changes import Change
from movehub.store.tables import SLOT

def wide(number):
    return Change(SLOT, {"name": f"{number} " + "x" * 10_000, "next_at": 0})

def fails(work):
    try:
        work()
    except MovehubError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
    else:
        print("worked", flush=True)

def fill(store):
    for number in range(1000):
        store.record(wide(number))

address = sys.argv[1]
"""


def child(code: str, address: str, *, prefix: tuple[str, ...] = ()) -> list[str]:
    """Run code in a process of its own, and return the lines that it prints."""
    command = [*prefix, sys.executable, "-c", CHILD + code, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def slot(name: str) -> Change:
    return Change(SLOT, {"name": name, "next_at": 0})


def says(error: StoreFailed, cause: str) -> bool:
    """Whether an error has this cause and no other, also in its text."""
    found = [each for each in PHRASES if each in str(error)]
    return found == [cause] and cause in error.cause


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that a node has used."""
    path = tmp_path / "node.db"
    with Store.open(f"sqlite:///{path}") as store:
        store.record(slot("kept"))
    return path


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("movehub.store.databases.PATIENCE", 0.2)


# SQLite: its file and its disk.


@cache
def _can_mount() -> bool:
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def on_a_small_disk(folder: Path) -> tuple[str, ...]:
    """Return the beginning of a command that sees a disk of 2 MB at this folder."""
    mount = f"mount -t tmpfs -o size=2m none '{folder}' && exec \"$@\""
    return ("unshare", "-rm", "sh", "-c", mount, "sh")


def test_a_full_disk_is_named_and_the_node_goes_on_when_there_is_room(tmp_path: Path) -> None:
    if not _can_mount():
        pytest.skip("this machine lets no test mount a disk of its own (unshare -rm)")
    code = """
store = Store.open(address)
fails(lambda: fill(store))
fails(lambda: store.record(wide("again")))
subprocess.run(["mount", "-o", "remount,size=8m", os.path.dirname(address[10:])], check=True)
fails(lambda: store.record(wide("room")))
"""
    full, again, room = child(code, f"sqlite:///{tmp_path}/node.db", prefix=on_a_small_disk(tmp_path))
    assert FULL in full
    assert FULL in again
    assert room == "worked"


def test_a_file_that_may_not_grow_is_full(path: Path) -> None:
    with Store.open(f"sqlite:///{path}") as store:

        @event.listens_for(store.engine, "begin")
        def _stop(connection: Any) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count=1")

        with pytest.raises(StoreFailed) as raised:
            store.record(*(slot(f"{number} {'x' * 10_000}") for number in range(100)))
    assert says(raised.value, FULL)


@pytest.mark.slow
def test_a_file_that_reaches_the_limit_of_its_size_is_an_error_of_the_disk_with_that_hint(
    path: Path,
) -> None:
    code = """
store = Store.open(address)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
fails(lambda: fill(store))
"""
    (line,) = child(code, f"sqlite:///{path}")
    assert BROKEN in line
    assert "the size of a file (ulimit -f)" in line


@pytest.mark.slow
def test_too_many_open_files_are_named_on_either_database_and_the_node_goes_on(address: str) -> None:
    code = """
store = Store.open(address)
store.engine.dispose()
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    while True:
        held.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
fails(lambda: store.record(wide("late")))
for each in held:
    os.close(each)
fails(lambda: store.record(wide("in time")))
"""
    late, in_time = child(code, address)
    assert NO_FILES in late
    assert in_time == "worked"


def _garbage(path: Path) -> None:
    path.write_bytes(b"not a database " * 1000)


def _damaged(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes([0xA5]) * (len(whole) - 4096))


def _cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("spoil", "cause"), [(_garbage, OTHER_KIND), (_damaged, DAMAGED), (_cut_off, DAMAGED)]
)
def test_a_file_that_is_spoilt_is_named_when_it_is_opened(
    path: Path, spoil: Callable[[Path], None], cause: str
) -> None:
    spoil(path)
    with pytest.raises(StoreFailed) as raised:
        Store.open(f"sqlite:///{path}")
    assert says(raised.value, cause)


def test_a_file_that_is_cut_off_while_the_node_runs_is_damaged(path: Path) -> None:
    with Store.open(f"sqlite:///{path}") as store:
        _cut_off(path)
        with pytest.raises(StoreFailed) as raised:
            store.record(slot("late"))
        assert says(raised.value, DAMAGED)


def test_a_file_that_is_replaced_by_an_empty_one_has_no_tables(path: Path) -> None:
    with Store.open(f"sqlite:///{path}") as store:
        store.engine.dispose()
        path.write_bytes(b"")
        with pytest.raises(StoreFailed) as raised:
            store.record(slot("late"))
    assert says(raised.value, NO_TABLES)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user")
def test_a_file_that_only_the_group_may_read_cannot_be_written(path: Path) -> None:
    os.chown(path, 0, 65534)
    path.chmod(0o640)
    for folder in path.parents[:-2]:
        folder.chmod(0o755)
    begin = "os.setgroups([])\nos.setgid(65534)\nos.setuid(65534)\n"
    (line,) = child(f"{begin}fails(lambda: Store.open(address))", f"sqlite:///{path}")
    assert READ_ONLY in line


@pytest.mark.slow
def test_a_read_only_file_system_is_named(tmp_path: Path) -> None:
    if not _can_mount():
        pytest.skip("this machine lets no test mount a disk of its own (unshare -rm)")
    code = """
folder = os.path.dirname(address[10:])
store = Store.open(address)
store.record(wide(0))
store.close()
subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
fails(lambda: store.record(wide(1)))
fails(lambda: Store.open(address.replace("node.db", "new.db")))
"""
    used, new = child(code, f"sqlite:///{tmp_path}/node.db", prefix=on_a_small_disk(tmp_path))
    assert "or is its file system read-only (see mount, dmesg)?" in used
    assert new.startswith("InvalidConfiguration: the file of the database cannot be created: ")
    assert READ_ONLY in new


@pytest.mark.usefixtures("hurried")
def test_a_lock_of_another_process_is_named(path: Path) -> None:
    hold = (
        "import sqlite3, sys; other = sqlite3.connect(sys.argv[1], isolation_level=None);"
        " other.execute('BEGIN IMMEDIATE'); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(path)]
    with Store.open(f"sqlite:///{path}") as store:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            other.stdout.readline()
            with pytest.raises(StoreFailed) as raised:
                store.record(slot("late"))
            other.communicate()
        store.record(slot("in time"))
    assert says(raised.value, LOCKED)


def test_another_process_that_serves_the_file_is_named_with_its_lock(path: Path) -> None:
    code = """
from movehub.store.databases import single_process_lock
store = Store.open(address)
def serve():
    with single_process_lock(store.engine):
        pass
fails(serve)
"""
    with Store.open(f"sqlite:///{path}") as store, single_process_lock(store.engine):
        (line,) = child(code, f"sqlite:///{path}")
    holds = f"another process serves this database and holds {path}.lock (fuser shows it): end that process"
    assert line.startswith(f"InvalidConfiguration: {holds}")


def test_a_lock_file_that_cannot_be_opened_is_named(path: Path) -> None:
    path.with_name("node.db.lock").mkdir()
    with Store.open(f"sqlite:///{path}") as store:
        with pytest.raises(InvalidConfiguration, match=r"node\.db\.lock cannot be opened: it is a folder"):
            single_process_lock(store.engine).__enter__()


@pytest.mark.usefixtures("hurried")
def test_connections_that_are_all_in_use_are_named(address: str) -> None:
    with Store.open(address, connections=1) as store, store.reading(), store.reading():
        with pytest.raises(StoreFailed, match=r"all its connections are in use: does your register hang"):
            store.reading().__enter__()


# PostgreSQL.


@pytest.fixture
def server(postgres_server: Callable[[], str]) -> str:
    return postgres_server()


def _raising(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"


STATES: Final = {
    **{state: state for state in _OF_POSTGRESQL if len(state) == 5},
    "58P01": "58",
    "XX000": "XX",
    "57P03": "57P",
    "08006": "08",
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_of_postgresql_has_its_cause(server: str, state: str) -> None:
    with Store.open(server) as store, pytest.raises(StoreFailed) as raised:
        store.write(lambda connection: connection.execute(text(_raising(state))))
    assert raised.value.cause == _OF_POSTGRESQL[STATES[state]]


def test_each_cause_reads_differently_and_says_what_to_do() -> None:
    for table in (_OF_SQLITE, _OF_POSTGRESQL):
        causes = set(table.values())
        assert len({each.partition(":")[0].partition(".")[0] for each in causes}) == len(causes)
        assert all(": " in each or ". " in each or ", or " in each for each in causes)


def _written_to_a_snapshot(store: Store) -> None:
    with store.snapshot() as connection:
        connection.execute(text("INSERT INTO slot VALUES ('late', 0)"))


def test_a_server_that_is_read_only_is_named(server: str) -> None:
    with Store.open(server) as store, pytest.raises(StoreFailed, match="the server is read-only: is it a"):
        _written_to_a_snapshot(store)


def test_a_session_that_an_administrator_ends_is_named_and_the_node_goes_on(server: str) -> None:
    def ended(connection: Any) -> None:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(server, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        connection.execute(text("SELECT 1"))

    with Store.open(server) as store:
        with pytest.raises(StoreFailed, match="the server is ending or starting. Wait, or start it"):
            store.write(ended)
        store.record(slot("in time"))


@pytest.fixture(scope="module")
def other_server() -> Iterator[str]:
    """The address of a server that these tests may end."""
    with postgres() as database:
        yield database()


def _as(address: str, **parts: str) -> str:
    return make_url(address).set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]


def _run(address: str, *statements: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.slow
def test_a_wrong_password_is_named(other_server: str) -> None:
    with psycopg.connect(other_server) as connection:
        file = Path(str(connection.execute("SHOW hba_file").fetchone()[0]))  # type: ignore[index]
    before = file.read_text()
    file.write_text(f"local all locked_out reject\nlocal all guarded scram-sha-256\n{before}")
    _run(
        other_server,
        "CREATE ROLE guarded LOGIN PASSWORD 'right'",
        "CREATE ROLE locked_out LOGIN",
        "CREATE ROLE small LOGIN CONNECTION LIMIT 0",
        "SELECT pg_reload_conf()",
    )
    for parts, cause in (
        ({"username": "guarded", "password": "wrong"}, "the password is wrong, or there is no such role"),
        ({"username": "guarded", "password": ""}, "it needs a password: put one in ~/.pgpass"),
        ({"username": "small"}, "the server has no connection left: raise its max_connections"),
        ({"database": "nothing"}, "there is no such database: create it"),
        ({"username": "nobody"}, "there is no such role: create it"),
    ):
        with pytest.raises(StoreFailed) as raised:
            Store.open(_as(other_server, **parts))
        assert raised.value.cause.startswith(cause)
        assert "wrong" not in str(raised.value).replace("is wrong", "")


@pytest.mark.slow
def test_a_server_that_crashes_and_one_that_is_ended_are_named_and_a_store_goes_on(other_server: str) -> None:
    with Store.open(other_server) as store:

        def crashes(connection: Any) -> None:
            os.kill(connection.execute(text("SELECT pg_backend_pid()")).scalar_one(), signal.SIGKILL)
            connection.execute(text("SELECT 1"))

        with pytest.raises(StoreFailed, match="the connection to the server was lost. Check that it runs"):
            store.write(crashes)
        store.engine.dispose()
        until = time.monotonic() + 60
        while True:  # it starts again, says so meanwhile, and cuts off who came just before
            try:
                store.record(slot("in time"))
                break
            except StoreFailed as error:
                assert re.search(
                    "the server is ending or starting|the connection to the server was lost", error.cause
                )
                assert time.monotonic() < until, "the server did not come back"
