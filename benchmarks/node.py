"""How much a node answers: `python -m benchmarks.node --rate 300 --seconds 60 --database sqlite`.

The whole exchange, durable, over mutual TLS: the hub posts a search, the node says 202 when it is on the
disk, asks the register, delivers the answer to the hub on another connection and marks it delivered. The
nodes (`--processes`: the hub posts to each in turn, as behind a balancer), the hub and PostgreSQL are
processes of their own on this machine. CPU seconds of an answer are those of the nodes alone, and say the
most where the machine has other work.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from movehub.sandbox.pki import Authority

from .node_load import Figures, Load
from .node_usage import Usage, minutes, percentiles

#: What is wanted: 50 times the 6 requests a second of the law (2016/68, Annex VI, 1.4; 2016/480, Annex VI,
#: 1.5.3).
WANTED_RATE: Final = 300
#: Seconds of load before anything is measured: statements are compiled and connections made.
_WARMING: Final = 3.0


def main() -> int:
    """Measure, print, and return 1 where the wanted figures were missed."""
    chosen = _options()
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="movehub-node-")))
        address = running.enter_context(_database(chosen.database, folder))
        return asyncio.run(_measured(chosen, folder, address))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.node", description=__doc__)
    parser.add_argument("--rate", type=float, default=WANTED_RATE, help="questions a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="nodes that share the database")
    parser.add_argument("--pinned", action="store_true", help="the hub on the first core, nodes on others")
    parser.add_argument("--synchronous", action="store_true", help="answers on the same connection")
    return parser.parse_args()


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/node.db"
        return
    from tests.support.databases import postgres

    with postgres(durable=True) as database:
        yield database()


async def _measured(chosen: argparse.Namespace, folder: Path, address: str) -> int:
    authority = Authority.create(folder / "pki")
    hub, state = authority.issue("hub"), authority.issue("FI")
    load = Load()
    taking = await load.hub(hub)
    config = folder / "node.toml"
    config.write_text(
        _CONFIG.format(
            state=state,
            port=taking.sockets[0].getsockname()[1],
            database=address,
            interface="synchronous" if chosen.synchronous else "asynchronous",
        ),
        "utf-8",
    )
    with ExitStack() as running:
        first, *others = sorted(os.sched_getaffinity(0))
        if chosen.pinned:
            os.sched_setaffinity(0, {first})
        cores = [
            {others[number % len(others)]} if chosen.pinned else None for number in range(chosen.processes)
        ]
        nodes = [running.enter_context(_serving(config, each)) for each in cores]
        processes, ports = [process for process, _ in nodes], [port for _, port in nodes]
        await load.run(ports, hub, chosen.rate, _WARMING)
        before, load.figures = Usage.of_all(processes), Figures()
        by_minute: list[str] = []
        watching = asyncio.create_task(minutes(processes, lambda: load.figures.answers, by_minute))
        await load.run(ports, hub, chosen.rate, chosen.seconds)
        watching.cancel()
        after = Usage.of_all(processes)
    taking.close()
    return _told(chosen, load.figures, before, after, by_minute)


@contextmanager
def _serving(config: Path, cores: set[int] | None) -> Iterator[tuple[int, int]]:
    """Run the node, on these cores alone if any are given, and give its process and its port."""
    start = "import sys; from movehub.cli.main import main; sys.argv[0] = 'movehub'; main()"
    if cores:
        start = f"import os; os.sched_setaffinity(0, {cores}); {start}"
    command = [sys.executable, "-c", start, "serve", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None  # noqa: S101 - it was asked for
        try:
            yield serving.pid, int(serving.stdout.readline().rsplit(maxsplit=1)[-1])
        finally:
            serving.terminate()


def _told(
    chosen: argparse.Namespace, load: Figures, before: Usage, after: Usage, by_minute: list[str]
) -> int:
    answered = len(load.answers)
    rate = answered / load.lasted
    half, ninety_ninth = percentiles(load.answers)
    taken = percentiles(load.waits)
    interface = "synchronous" if chosen.synchronous else "asynchronous"
    interface += ", pinned" if chosen.pinned else ""
    lines = [
        f"{chosen.processes} on {chosen.database}, {interface}, {chosen.rate:g} asked a second for "
        f"{chosen.seconds:g} s, load of the machine {os.getloadavg()[0]:.1f}",
        f"asked {load.asked}, refused {load.refused}, answered {answered}: {rate:.0f} a second",
        f"question to answer: p50 {half:.0f} ms, p99 {ninety_ninth:.0f} ms",
        f"question to status: p50 {taken[0]:.0f} ms, p99 {taken[1]:.0f} ms",
        f"CPU of the node: {(after.cpu - before.cpu) / max(answered, 1) * 1e3:.2f} ms an answer",
        f"at the start: {before}",
        *by_minute,
        f"at the end:   {after}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    missed = answered < load.asked or load.refused or rate < 0.99 * chosen.rate or ninety_ninth > 100
    return 1 if missed else 0


_CONFIG: Final = """
member_state = "FI"
certificate = "{state.certificate}"
key = "{state.key}"
authority = "{state.authority}"

[erru]
url = "https://localhost:{port}/"

[node]
database = "{database}"
listen = "127.0.0.1:0"
allowed_subjects = ["CN=hub"]
interface = "{interface}"

[node.erru]
register = "benchmarks.node_register:register"
authority = "Traficom"
"""

if __name__ == "__main__":
    sys.exit(main())
