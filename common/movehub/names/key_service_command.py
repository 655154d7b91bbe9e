"""Search keys from a command, such as a small main program around the Commission's library.

The command starts once and exchanges lines of UTF-8, one question and one answer at a time::

    question    full<TAB>Creighton-Ward      a family name: the key of the whole name
                first<TAB>Penelope Jane      first names: the key of the first
    answer      CRAGTANWAD                   the key, or an empty line for a name without a letter
                !illegal                     a character of the name is illegal
                !anything else               no key for another reason

The command must flush each line, write no other line, and end when its input ends. Its standard error is
discarded, since it could contain names.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, Queue
from threading import Lock, Thread
from typing import IO, Final

from movehub.errors import IllegalCharacter, SearchKeyServiceFailed
from movehub.names.key_service import CACHED, SearchKeyService

#: Seconds for one key, including the start of a Java virtual machine.
DEFAULT_TIMEOUT: Final = 10.0
_LONGEST_LINE: Final = 4096
#: Seconds to wait for the output of a stopped command to close.
_LAST_LINES: Final = 1.0
_ILLEGAL: Final = "!illegal"


class CommandSearchKeys(SearchKeyService):
    """Keys from a command. It starts at the first question, and starts again if it has died.

    Threads may share it, and take turns. `command` is a list of arguments, run without a shell.
    """

    def __init__(
        self, command: Sequence[str], *, timeout: float = DEFAULT_TIMEOUT, cached: int = CACHED
    ) -> None:
        super().__init__(cached)
        self._command = tuple(command)
        self._timeout = timeout
        self._lock = Lock()
        self._running: _Running | None = None

    def close(self) -> None:
        """Stop the command, and clear the cache."""
        super().close()
        with self._lock:
            self._stop()

    def _ask(self, name: str, use_full_name: bool) -> str:
        question = f"{'full' if use_full_name else 'first'}\t{name}\n".encode()
        with self._lock:
            answer = self._answer(question)
            if answer is None:  # it died, perhaps long ago: to ask for a key twice is harmless
                answer = self._answer(question)
        if answer is None:
            raise SearchKeyServiceFailed("the command ended without an answer")
        if answer == _ILLEGAL:
            raise IllegalCharacter("the command does not accept a character of the name")
        if answer.startswith("!"):
            raise SearchKeyServiceFailed("the command reports that it has no key")
        return answer

    def _answer(self, question: bytes) -> str | None:
        """Ask once; None if the command has died. The next question starts it again."""
        if self._running is None:
            self._running = _Running(self._command)
        try:
            answer = self._running.ask(question, self._timeout)
        except BaseException:  # its next line could still be the answer to this question
            self._stop()
            raise
        if answer is None:
            self._stop()
        return answer

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.stop()


class _Running:
    """One run of the command. A thread reads its lines, so that a wait can time out.

    An unexpected line ends the run: it could be mistaken for the next key.
    """

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the caller's own command, without a shell
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            raise SearchKeyServiceFailed("the command cannot be started") from None
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._input = self._process.stdin
        self._lines: Queue[str | None] = Queue()
        self._reader = Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def ask(self, question: bytes, timeout: float) -> str | None:
        """Return the answer without its line end; None if the command has ended."""
        with suppress(Empty):
            if self._lines.get_nowait() is None:
                return None
            raise SearchKeyServiceFailed("the command wrote a line without a question")
        try:
            self._input.write(question)
            self._input.flush()
            return self._lines.get(timeout=timeout)
        except Empty:
            raise SearchKeyServiceFailed(f"the command gave no key within {timeout:g} s") from None
        except OSError:
            return None

    def stop(self) -> None:
        """Stop the process. Do not wait for its child processes that still hold the output."""
        with suppress(OSError):
            self._input.close()
        self._process.kill()
        self._process.wait()
        self._reader.join(_LAST_LINES)

    def _read(self, output: IO[bytes]) -> None:
        with output:
            while line := output.readline(_LONGEST_LINE):
                self._lines.put(line.decode("utf-8", "replace").rstrip("\r\n"))
        self._lines.put(None)
