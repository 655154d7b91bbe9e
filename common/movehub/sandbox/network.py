"""The whole sandbox: an authority, a hub, and the Member States behind it, started and stopped together."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

import erru_client
import tachonet_client
from movehub.codec.codec import Codec
from movehub.errors import InvalidConfiguration
from movehub.http.endpoint import Endpoint, at_paths
from movehub.http.transport import LONGEST_WAIT, HttpsTransport, Timeouts
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.protocol.workflow import workflow_of
from movehub.sandbox.biztalk import BizTalkServer, BizTalkTransport
from movehub.sandbox.hub import Hub
from movehub.sandbox.pki import Authority
from movehub.sandbox.profiles import ALL, Profile, by_state
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.registers.undertakings import UndertakingRegister
from movehub.sandbox.server import SandboxServer
from movehub.tls.credentials import Credentials

#: Rules of ERRU whose breach the hub is known to refuse: test cases NCR_07, RSI_06 and RSI_08.
_REFUSED: Final = ("NCR-4", "RSI-1", "RSI-2")

Handle = Callable[[bytes], bytes]

#: The systems by their paths at the hub and at the states. The real paths are not public.
_CODECS: Final = {"tachonet": tachonet_client.CODEC, "erru": erru_client.CODEC}

#: The states of the sandbox by default: those that take part in TACHOnet, in ERRU, or in both.
PARTICIPANTS: Final = tuple(sorted(tachonet_client.CODEC.participants | erru_client.CODEC.participants))


class Sandbox:
    """A running hub. A client needs only `url("tachonet")` and `credentials`.

    States in `late` answer after the hub has stopped waiting. States in `down` cannot be reached. States in
    `version_2` still use version 2 (`movehub.sandbox.version_2`). An entry is a state, `FR`, or one workflow
    of a state, `FR:CGR`. `profiles` names the states that speak an older edition of ERRU or lack one of its
    workflows. `participants` lists the states of a system, such as `{"tachonet": ["FI", "TR"]}`, if they
    differ from the default. The hub waits 20 seconds, as in law. For states in `late` it waits `patience`
    seconds, so that your test need not take as long. With `biztalk` the hub speaks HTTP as BizTalk behind IIS
    does by default (`movehub.sandbox.biztalk`).
    `drivers` has the TACHOnet register of each state while the sandbox runs, and `undertakings` its ERRU
    register. Both store their notifications.

    Raises InvalidConfiguration if the asking state, or a state in an entry, takes part in no system, or if
    the workflow of an entry is unknown.
    """

    def __init__(
        self,
        member_state: str = "FI",
        *,
        late: Iterable[str] = (),
        down: Iterable[str] = (),
        version_2: Iterable[str] = (),
        profiles: Mapping[str, Profile] | None = None,
        participants: Mapping[str, Iterable[str]] | None = None,
        patience: float = LONGEST_WAIT,
        biztalk: bool = False,
    ) -> None:
        self.member_state = member_state
        listed = participants or {}
        self._codecs = {
            system: codec.among(listed.get(system, codec.participants)) for system, codec in _CODECS.items()
        }
        self._tachonet, self._erru = self._codecs["tachonet"].participants, self._codecs["erru"].participants
        if member_state not in self._tachonet | self._erru:
            raise InvalidConfiguration(f"{member_state} takes part in no system of this sandbox")
        self.patience = patience
        self._biztalk = biztalk
        states = self._tachonet | self._erru
        self._late, self._down = by_state(late, states), by_state(down, states)
        self._old = by_state(version_2, states)
        self._given = profiles or {}
        self.drivers: dict[str, DriverRegister] = {}
        self.undertakings = {code: UndertakingRegister(code) for code in self._erru}
        self._stopping = Event()
        self._running = ExitStack()

    def __enter__(self) -> Sandbox:
        with ExitStack() as starting:
            folder = Path(starting.enter_context(TemporaryDirectory(prefix="movehub-sandbox-")))
            self.authority = Authority.create(folder)
            with (
                ThreadPoolExecutor() as threads
            ):  # an RSA key takes long, and is made outside the interpreter lock
                names = (*sorted(self._tachonet | self._erru), "hub")
                self.issued = dict(zip(names, threads.map(self.authority.issue, names), strict=True))
            self.drivers = {
                code: starting.enter_context(closing(DriverRegister(code))) for code in self._tachonet
            }
            states = {code: self._start_state(starting, code) for code in self._tachonet | self._erru}
            hubs = {
                f"/{system}": self._hub(starting, system, codec, states).handle
                for system, codec in self._codecs.items()
            }
            self._server = self._serving(hubs)
            starting.enter_context(self._server)
            starting.callback(self._stopping.set)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def url(self, system: str) -> str:
        """Return the hub's address for one system, `tachonet` or `erru`."""
        return self._server.url(f"/{system}")

    @property
    def credentials(self) -> Credentials:
        """The asking state's certificate."""
        return self.issued[self.member_state]

    def transport(self, system: str, credentials: Credentials | None = None) -> HttpsTransport:
        """Return a transport to the hub, by default with the asking state's certificate."""
        return HttpsTransport(self.url(system), credentials or self.credentials)

    def write_config(self, path: Path) -> Path:
        """Write the configuration file of the asking state, for `from_config` and the command line."""
        files = self.credentials
        lines = [
            f'member_state = "{self.member_state}"',
            f'certificate = "{files.certificate}"',
            f'key = "{files.key}"',
            f'authority = "{files.authority}"',
        ]
        for system, codec in self._codecs.items():
            if self.member_state in codec.participants:
                lines += [f"\n[{system}]", f'url = "{self.url(system)}"']
                lines += [f"participants = {sorted(codec.participants)}"]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def _serving(self, hubs: Mapping[str, Handle]) -> SandboxServer | BizTalkServer:
        if self._biztalk:
            return BizTalkServer(hubs, self.issued["hub"])
        applications = {path: Endpoint(handle) for path, handle in hubs.items()}
        return SandboxServer(at_paths(applications), self.issued["hub"], threads=8)

    def _start_state(self, starting: ExitStack, code: str) -> str:
        """Start one state and return its address. If all of it is down, the port is closed."""
        if self._down.get(code) == ALL:
            with socket.create_server(("127.0.0.1", 0)) as closed:
                return f"https://localhost:{closed.getsockname()[1]}"
        authority = f"Competent authority of {code}"
        responders = {}
        if code in self._tachonet:
            responders["tachonet"] = tachonet_client.responder(
                self.drivers[code], code, authority, participants=self._tachonet
            )
        if code in self._erru:
            responders["erru"] = erru_client.responder(
                self.undertakings[code], code, authority, participants=self._erru
            )
        application = at_paths(
            {
                f"/{system}": Endpoint(self._paced(code, self._codecs[system], each.handle))
                for system, each in responders.items()
            }
        )
        return starting.enter_context(SandboxServer(application, self.issued[code])).url()

    def _paced(self, code: str, codec: Codec, handle: Handle) -> Handle:
        """Return the handle of a late state: it answers too late, or when the sandbox stops."""
        slow = self._late.get(code)
        if slow is None:
            return handle

        def late(data: bytes) -> bytes:
            workflow = workflow_of(codec.decode(data).body.root)
            if workflow is not None and workflow.abbreviation in slow:
                self._stopping.wait(2 * self.patience)
            return handle(data)

        return late

    def _profile(self, code: str, system: str) -> Profile:
        """Return the profile of a state at the hub. Its edition is one of ERRU."""
        given, down = self._given.get(code, Profile()), self._down.get(code, frozenset())
        return replace(
            given,
            edition=given.edition if system == "erru" else None,
            version_2=given.version_2 | self._old.get(code, frozenset()),
            down=given.down | (frozenset() if down == ALL else down),
        )

    def _hub(self, starting: ExitStack, system: str, codec: Codec, states: dict[str, str]) -> Hub:
        own, carrier = self.issued["hub"], BizTalkTransport if self._biztalk else HttpsTransport
        for_late = Timeouts(min(5.0, self.patience), self.patience)
        timeouts = {code: for_late if code in self._late else Timeouts() for code in states}
        transports = {
            code: starting.enter_context(closing(carrier(f"{url}/{system}", own, timeouts=timeouts[code])))
            for code, url in states.items()
            if code in codec.participants
        }
        central = Hub(
            codec,
            transports,
            BuiltinSearchKeys(),
            profiles={code: self._profile(code, system) for code in transports},
            refuses=_REFUSED,
        )
        return starting.enter_context(closing(central))
