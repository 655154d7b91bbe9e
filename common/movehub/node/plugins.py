"""What a configuration file names in Python: imported, and looked at before a node starts.

A register that lacks a method would answer its messages with `ServerError`, so it is refused at once, with
the setting's name. Of an exception only its kind and its place are told: its text is another's.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from movehub.errors import InvalidConfiguration
from movehub.node.settings import PACKAGES, Served
from movehub.protocol.exchange import unchanged
from movehub.responder import Responder

#: The class in each system's package that says what a register must have.
_REGISTERS: Final = {"erru": "TransportUndertakingRegister", "tachonet": "DriverCardRegister"}


def load_function(reference: str, named: str) -> Callable[..., Any]:
    """Return the function `package.module:name`. Raises InvalidConfiguration that names the setting."""
    module, colon, name = reference.partition(":")
    if not (module and colon and name) or module.startswith("."):
        raise InvalidConfiguration(f"{named} must be package.module:name, and is {reference}")
    found = _imported(module, named)
    if not hasattr(found, name):
        raise InvalidConfiguration(f"{named}: {module} has no {name}")
    function = getattr(found, name)
    if not callable(function):
        raise InvalidConfiguration(f"{named}: {reference} is no function")
    return function  # type: ignore[no-any-return]


def responder_of(served: Served) -> Responder:
    """Return the responder of one system. Raises InvalidConfiguration that names the setting."""
    package = import_module(PACKAGES[served.name])
    register = _register(served, getattr(package, _REGISTERS[served.name]))
    if hasattr(package, "StatusTranslation"):
        _hand_over(register, package.StatusTranslation.configured(served.config.statuses), served)
    made: Callable[..., Responder] = partial(
        package.responder,
        register,
        served.config.member_state,
        served.authority,
        edition=served.config.edition,
        participants=served.config.participants,
        complete=getattr(register, "complete", unchanged),  # see `Exchange.complete`
    )
    try:
        return made(answers_to=served.answers_to).waiving(served.despite or ())
    except InvalidConfiguration as error:
        raise InvalidConfiguration(f"{_at_fault(served, error, made)}: {error.reason}") from None


def _hand_over(register: Any, statuses: Any, served: Served) -> None:
    """Give a register the translation of card statuses, if it has the optional `use_statuses`."""
    use = getattr(register, "use_statuses", None)
    if use is None:
        return
    try:
        use(statuses)
        return
    except Exception as error:  # noqa: BLE001 - whatever a function of somebody else's does
        wrong = f"use_statuses raised {_kind_and_place(error)}"
    raise InvalidConfiguration(f"node.{served.name}.register: {wrong}")


def _at_fault(served: Served, error: InvalidConfiguration, made: Callable[..., Responder]) -> str:
    """Return the setting that lets no answer be made."""
    if "@respondingAuthority" in error.reason:
        return f"node.{served.name}.authority"
    with suppress(InvalidConfiguration):
        made(answers_to=None)
        return f"node.{served.name}.answers_to"
    return "member_state" if served.config.edition is None else f"node.{served.name}"


def _imported(module: str, named: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            wrong = f"there is no module {error.name} in the folders of PYTHONPATH, or installed"
        else:
            wrong = f"{module} imports {error.name}, which is not installed"
    except Exception as error:  # noqa: BLE001 - whatever a module of somebody else's does when it is imported
        wrong = f"importing {module} raised {_kind_and_place(error)}"
    raise InvalidConfiguration(f"{named}: {wrong}")


def _register(served: Served, wanted: Any) -> Any:
    named = f"node.{served.name}.register"
    factory = load_function(served.register, named)
    if not _takes_nothing(factory):
        raise InvalidConfiguration(f"{named}: {served.register} wants an argument, and is called without")
    register = None
    try:
        register = factory()
        wrong = "; ".join(_unfit(served.register, register, sorted(wanted.__abstractmethods__)))
    except Exception as error:  # noqa: BLE001 - whatever a function of somebody else's does
        wrong = f"{served.register} raised {_kind_and_place(error)}"
    if wrong:
        raise InvalidConfiguration(f"{named}: {wrong}")
    return register


def _unfit(reference: str, register: Any, methods: list[str]) -> Iterator[str]:
    """Yield what a register lacks, by the names of its methods."""
    if register is None:
        yield f"{reference} returned None"
        return
    if inspect.isawaitable(register):
        if inspect.iscoroutine(register):
            register.close()
        yield f"{reference} is asynchronous, and is called, not awaited"
        return
    kind = type(register).__name__
    lacking = [name for name in methods if not callable(getattr(register, name, None))]
    if lacking:
        yield f"{kind} has no {', '.join(lacking)}"
    awaited = [name for name in methods if inspect.iscoroutinefunction(getattr(register, name, None))]
    if awaited:
        yield f"methods are called, not awaited, and of {kind} these are asynchronous: {', '.join(awaited)}"


def _takes_nothing(factory: Callable[..., Any]) -> bool:
    try:
        inspect.signature(factory).bind()
    except TypeError:
        return False
    except ValueError:  # written in C, and does not say
        return True
    return True


def _kind_and_place(error: Exception) -> str:
    """Return the kind of an exception, and the file and line where it came up."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{type(error).__name__} in {Path(error.filename).name}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
