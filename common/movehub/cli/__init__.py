"""The commands `movehub`, and what the commands `tachonet` and `erru` share with them.

Needs the extra `cli` (typer and rich). The exit codes: 0 success, 1 something needs your attention, 2 wrong
options, 3 an answer is missing, 4 failed. Some commands differ, as their help says.
"""

from importlib import import_module

try:
    import typer  # noqa: F401 - the modules below need it
except ImportError:  # pragma: no cover - shown by the wheel test
    raise SystemExit("The command line needs its extra: pip install 'movehub-client[cli]'") from None

from movehub.cli.console import (
    ANSWERED,
    COLOURS,
    EXTRA_WORDS_KEPT,
    FAILED,
    INCOMPLETE,
    Authority,
    BodyFile,
    By,
    Case,
    Config,
    Day,
    Json,
    RequiredBodyFile,
    application,
    check_given,
    err,
    errors_printed,
    escape,
    finish,
    finish_notification,
    out,
    plain_reply,
    print_states,
    read_author,
    send,
    show_plain,
    table,
    version_option,
)
from movehub.cli.documents import read_body, rules_command, show_command, validate_command
from movehub.cli.official import edition_commands

__all__ = [
    "ANSWERED",
    "COLOURS",
    "EXTRA_WORDS_KEPT",
    "FAILED",
    "INCOMPLETE",
    "Authority",
    "BodyFile",
    "By",
    "Case",
    "Config",
    "Day",
    "Json",
    "RequiredBodyFile",
    "application",
    "check_given",
    "edition_commands",
    "err",
    "errors_printed",
    "escape",
    "finish",
    "finish_notification",
    "main",
    "out",
    "plain_reply",
    "print_states",
    "read_author",
    "read_body",
    "rules_command",
    "send",
    "show_command",
    "show_plain",
    "table",
    "validate_command",
    "version_option",
]


def main() -> None:
    """Run the command `movehub`."""
    # By name, and only here: `tachonet` and `erru` share this face, and must not load each other's packages.
    import_module("movehub.cli.main").app()
