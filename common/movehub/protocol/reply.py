"""The answer to a request of yours, with the states that were asked.

The rows of an answer do not tell who was asked: the hub can leave a state out. So no answer alone says
whether it is complete. `Client.send` and a ticket return a `Reply`, which knows the states that were asked.
For a broadcast they are the other participants of your configuration, when you read the answer. A person
is cleared only if each of them has answered: Regulation (EU) 2016/68, Annex VI, 1.8 (b); Regulation (EU)
2016/480, Annex VI, 1.7 (b).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from movehub.protocol.member_states import sent_as
from movehub.protocol.message import Body, Message
from movehub.protocol.outcome import Outcome
from movehub.protocol.workflow import BROADCAST

BodyT_co = TypeVar("BodyT_co", bound=Body, covariant=True)


def states_asked(to: str, of: str, participants: Collection[str]) -> tuple[str, ...]:
    """Return the states that a request from `of` to `to` asks: in a broadcast all other participants."""
    return tuple(sorted({*participants} - {of})) if to == BROADCAST else (sent_as(to),)


def without_row(answer: Body, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the states asked that have no row in an answer. An answer without rows is of the one asked."""
    codes = {code for code, _ in _rows(answer, asked)}
    return tuple(sorted({*map(sent_as, asked)} - codes))


def without_answer(answer: Body, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the states whose row is no answer, or says that they do not have the notification."""
    return tuple(sorted(code for code, row in _rows(answer, asked) if not _has_answered(row)))


def missing_states(answer: Body, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the states that have not answered, or do not have the notification: no row, or one without it.

    You may write `EL` and `GB` for `GR` and `UK`.
    """
    asked = tuple(asked)
    return tuple(sorted({*without_row(answer, asked), *without_answer(answer, asked)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Message[BodyT_co]):
    """The answer to a request of yours. It knows which states were asked."""

    #: The states that the request went to.
    asked: tuple[str, ...]

    @classmethod
    def of(cls, answer: Message[Any], asked: Iterable[str]) -> Self:
        """Return an answer as the reply of the states asked."""
        return cls(header=answer.header, body=answer.body, asked=tuple(asked))

    @property
    def missing(self) -> tuple[str, ...]:
        """The states that have not answered, or do not have the notification. See `missing_states`."""
        return missing_states(self.body, self.asked)

    @property
    def complete(self) -> bool:
        """Whether every state asked has answered, or has the notification."""
        return bool(self.asked) and not self.missing

    @property
    def rows(self) -> tuple[tuple[str, Any], ...]:
        """Each state that answered, with its row. An answer without rows is itself the row of one state."""
        return tuple(_rows(self.body, self.asked))

    @property
    def in_words(self) -> str:
        """How many states were asked and have a row, and the codes of those that are missing.

        A state that does not have the notification has perhaps answered.
        """
        rows, absent = self.rows, without_row(self.body, self.asked)
        silent = without_answer(self.body, self.asked)
        said = f"{len(self.asked)} asked, {len(rows)} {'has' if len(rows) == 1 else 'have'} a row"
        said += f", {len(absent)} missing: {', '.join(absent)}" if absent else ""
        notified = any(hasattr(row, "delivered") for _, row in rows)
        without = "not delivered to" if notified else "no answer from"
        return said + (f"; {without} {', '.join(silent)}" if silent else "")


def _rows(answer: Body, asked: Iterable[str]) -> list[tuple[str, Any]]:
    rows = getattr(answer, "member_states", None)
    if rows is None:
        return [(sent_as(code), answer) for code in asked]
    return [(sent_as(row.member_state_code), row) for row in rows]


def _has_answered(row: Any) -> bool:
    """Whether a row is an answer, or the receipt of a delivered notification. An error is neither."""
    delivered: bool | None = getattr(row, "delivered", None)
    outcome = getattr(row, "outcome", Outcome.NO_ANSWER)
    return outcome is not Outcome.NO_ANSWER if delivered is None else delivered
