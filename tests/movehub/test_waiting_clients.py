"""Of many threads that wait for the same clients, one gets who speaks; and no client is forgotten."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest
from movehub.waiting_clients import AT_HAND, WaitingClients

if not AT_HAND:
    pytest.skip("the system cannot do it", allow_module_level=True)

#: Seconds after which something counts as not coming.
PATIENCE = 5
END = object()


class Client:
    """What is known of a client: both ends of its connection."""

    def __init__(self) -> None:
        self.socket, self.far_end = socket.socketpair()
        self.closed = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.far_end.close()

    def close(self) -> None:
        """Hang up on it."""
        self.closed += 1
        self.socket.close()


class Threads:
    """Threads that take what comes, until they are given the end."""

    def __init__(self, clients: WaitingClients, count: int) -> None:
        self.clients = clients
        self.taken: SimpleQueue[Any] = SimpleQueue()
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while (found := self.clients.get()) is not END:
            self.taken.put(found)

    def next(self) -> Any:
        """Return what was taken next."""
        return self.taken.get(timeout=PATIENCE)

    def end(self) -> None:
        """End all of them, once each has looked at what is there."""
        threads, self._threads = self._threads, []
        for _ in threads:
            self.clients.put(END)
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


@pytest.fixture
def clients() -> Iterator[WaitingClients]:
    made = WaitingClients()
    yield made
    made.close()


@pytest.fixture
def threads(clients: WaitingClients) -> Iterator[Threads]:
    made = Threads(clients, 4)
    yield made
    made.end()


@pytest.fixture
def client() -> Iterator[Client]:
    with Client() as made:
        yield made


def test_what_is_given_is_taken_once_each(threads: Threads) -> None:
    given = [object() for _ in range(1000)]
    for each in given:
        threads.clients.put(each, block=True, timeout=1)
    taken = [threads.next() for _ in given]
    assert sorted(map(id, taken)) == sorted(map(id, given))


def test_a_client_that_speaks_is_taken_by_one_thread_however_much_it_says(
    threads: Threads, client: Client
) -> None:
    threads.clients.wait_for(client)
    for _ in range(20):
        client.far_end.send(b"x" * 1000)
    assert threads.next() is client
    threads.end()  # all of them have looked
    assert threads.taken.empty()
    assert threads.clients.all == []


def test_who_spoke_before_it_was_put_back_is_taken_again(threads: Threads, client: Client) -> None:
    client.far_end.send(b"ab")
    for left in (b"a", b"b"):
        threads.clients.wait_for(client)
        assert threads.next() is client
        assert client.socket.recv(1) == left
    threads.clients.wait_for(client)
    client.far_end.close()
    assert threads.next() is client


def test_who_waits_no_more_is_taken_by_nobody(threads: Threads, client: Client) -> None:
    threads.clients.wait_for(client)
    [(number, found)] = threads.clients.all
    assert found is client
    assert threads.clients.leave(number, client)
    assert not threads.clients.leave(number, client)
    client.far_end.send(b"x")
    threads.end()
    assert threads.taken.empty()


def test_who_has_the_number_of_one_that_is_gone_goes_on_waiting(threads: Threads) -> None:
    """Between the look at who has waited for too long and the end of that one, a thread may have taken it."""
    with Client() as gone, Client() as other:
        threads.clients.wait_for(gone)
        [(number, _)] = threads.clients.all
        gone.far_end.send(b"x")
        assert threads.next() is gone
        gone.close()
        was = other.socket.detach()
        os.dup2(was, number)
        os.close(was)
        other.socket = socket.socket(fileno=number)
        threads.clients.wait_for(other)
        assert not threads.clients.leave(number, gone)
        other.far_end.send(b"x")
        assert threads.next() is other


def test_who_cannot_be_waited_for_is_hung_up_on(clients: WaitingClients) -> None:
    with Client() as client:
        client.socket.close()
        clients.wait_for(client)
        assert client.closed == 1
    assert clients.all == []


def test_at_the_end_everybody_is_hung_up_on_and_no_descriptor_is_left(client: Client) -> None:
    before = set(os.listdir("/proc/self/fd"))
    clients = WaitingClients()
    clients.wait_for(client)
    clients.close()
    assert client.closed == 1
    after = set(os.listdir("/proc/self/fd"))
    assert len(after) == len(before) - 1  # its own


def test_who_was_given_and_not_taken_is_hung_up_on_too(client: Client) -> None:
    clients = WaitingClients()
    clients.put(client)
    clients.put(object())
    clients.close()
    assert client.closed == 1


def test_nothing_is_taken_where_nothing_was_given(clients: WaitingClients) -> None:
    assert clients._next() is None
    clients.put(END)
    assert clients.get() is END


class Overtaken:
    """A poll to which another thread adds the same number between our two looks."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def modify(self, _: int, __: int) -> None:
        """Say that it is not there, the first time."""
        self.said.append("modify")
        if len(self.said) == 1:
            raise FileNotFoundError

    def register(self, _: int, __: int) -> None:
        """Say that it is there meanwhile."""
        self.said.append("register")
        raise FileExistsError


def test_a_number_that_another_thread_has_added_meanwhile_is_waited_for_all_the_same(
    clients: WaitingClients, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = Overtaken()
    with monkeypatch.context() as patched:
        patched.setattr(clients, "_poll", poll)
        clients.wait_for(client)
    assert poll.said == ["modify", "register", "modify"]
    assert client.closed == 0
    assert clients.leave(client.socket.fileno(), client)
