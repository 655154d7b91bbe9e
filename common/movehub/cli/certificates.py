"""The commands `movehub cert`: check certificates, request a new one, see when they expire.

A pass phrase is typed without an echo, or read from a file. It is never an option: options end up in the
shell's history and in the list of processes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from movehub.cli.console import application, err, errors_printed, escape, out, show_plain, table
from movehub.cli.documents import INVALID, UNREADABLE, VALID
from movehub.config import read_credentials
from movehub.errors import InvalidConfiguration
from movehub.tls.checks import Use
from movehub.tls.checks import check as check_chain
from movehub.tls.credentials import PassPhrase, holds_key, read_certificates, read_key
from movehub.tls.expiry import Expiry, expiries, expiries_of
from movehub.tls.findings import Finding, Severity
from movehub.tls.signing_request import FEWEST_BITS, Subject, make_request
from movehub.tls.trial import protection, try_with_openssl

#: Exit codes of `expiry`. Nagios and similar tools read them as OK, WARNING and CRITICAL.
LASTING, ENDING, ENDED = 0, 1, 2

PhraseFile = Annotated[
    Path | None, typer.Option(help="A file with the pass phrase, for a PKCS#12 file or an encrypted key.")
]

app = application()


@app.callback()
def _group() -> None:
    """Certificates: check them against Annex V, request a new one, see when they expire."""


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(help="Certificates with their chains, each a file of PEM or PKCS#12.")
    ],
    key: Annotated[
        Path | None, typer.Option(help="The key of the certificate. Give it with one file only.")
    ] = None,
    authority: Annotated[
        Path | None, typer.Option(help="The authority that must be at the end of the chain.")
    ] = None,
    use: Annotated[list[Use] | None, typer.Option(help="The use to check for. Default: both.")] = None,
    password_file: PhraseFile = None,
) -> None:
    """Check certificates against Annex V. Exit 0 good, 1 refused, 2 unreadable."""
    if key is not None and len(files) > 1:
        raise typer.BadParameter("give a key with one file only", param_hint="--key")
    uses = use or list(Use)
    raise typer.Exit(max(_check_one(file, key, authority, uses, password_file) for file in files))


def _check_one(
    file: Path, key: Path | None, authority: Path | None, uses: list[Use], password_file: Path | None
) -> int:
    try:
        findings = _findings(file, key, authority, uses, _phrase(password_file))
    except InvalidConfiguration as error:
        err.print(f"[red]unreadable[/] {escape(str(error))}", soft_wrap=True)
        return UNREADABLE
    for finding in findings:
        is_error = finding.severity is Severity.ERROR
        word = "[red]refused[/]" if is_error else "[yellow]warning[/]"
        (err if is_error else out).print(f"{word} {escape(f'{file}: {finding}')}", soft_wrap=True)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return INVALID
    out.print(f"[green]good[/] {escape(str(file))}", soft_wrap=True)
    return VALID


def _findings(
    file: Path, key: Path | None, authority: Path | None, uses: list[Use], phrase: PassPhrase | None
) -> list[Finding]:
    """Return what our checks find. If they find no error, ask OpenSSL."""
    findings = list(
        check_chain(
            read_certificates(file, phrase),
            datetime.now(UTC),
            uses=uses,
            key=None if key is None else read_key(key, phrase),
            authorities=None if authority is None else read_certificates(authority).chain,
        )
    )
    if all(each.severity is Severity.WARNING for each in findings):
        findings += try_with_openssl(file, key, phrase, authority, uses)
    files = {file} if key is None else {file, key}
    findings += [found for each in sorted(files) if holds_key(each) for found in protection(each)]
    return findings


@app.command()
def request(
    name: Annotated[str, typer.Option(help="The name in the certificate, such as fi.movehub.example.")],
    organisation: Annotated[str, typer.Option(help="The authority that runs the system.")],
    country: Annotated[str, typer.Option(help="The code of ISO 3166-1, such as FI.")],
    key: Annotated[Path, typer.Option(help="The file to write the key to. It must not exist.")],
    out_file: Annotated[
        Path, typer.Option("--out", help="The file to write the request to. It must not exist.")
    ],
    host: Annotated[
        list[str] | None,
        typer.Option(help="A host name at which the hub calls you. You may repeat this option."),
    ] = None,
    unit: Annotated[str, typer.Option(help="The unit of the authority, if the subject needs one.")] = "",
    bits: Annotated[int, typer.Option(help="The length of the RSA key.")] = FEWEST_BITS,
    password_file: PhraseFile = None,
) -> None:
    """Make an encrypted key, and a certificate request (CSR) for the Commission. Exit 0 made, 4 failed."""
    with errors_printed():
        phrase = _phrase(password_file) or PassPhrase(
            typer.prompt("Pass phrase of the new key", hide_input=True, confirmation_prompt=True)
        )
        subject = Subject(name, organisation, country, tuple(host or ()), unit)
        make_request(subject, phrase, key, out_file, bits)
    out.print(f"The key is in {escape(str(key))}. Do not send it to anybody.", soft_wrap=True)
    out.print(f"The request is in {escape(str(out_file))}. Send it to the Commission.", soft_wrap=True)


@app.command()
def expiry(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of PEM or PKCS#12.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="A configuration file that names the certificates, instead of files.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, help="Warn if a certificate expires within this many days.")
    ] = 30,
    password_file: PhraseFile = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show when certificates expire. Exit 0 later than --days, 1 within --days, 2 expired or unreadable."""
    now = datetime.now(UTC)
    try:
        ends = _ends(files or [], config, password_file)
    except InvalidConfiguration as error:
        err.print(f"[red]unreadable[/] {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(ENDED) from None
    _print_json(ends, now) if json else _print_expiries(ends, now, days)
    raise typer.Exit(max(_code(each, now, days) for each in ends))


def _ends(files: list[Path], config: Path | None, password_file: Path | None) -> tuple[Expiry, ...]:
    if config is None and files:
        return expiries(files, _phrase(password_file))
    if config is None or files:
        raise typer.BadParameter("give either files or --config")
    return expiries_of(read_credentials(config))


def _code(each: Expiry, now: datetime, days: int) -> int:
    left = each.left(now).total_seconds()
    return ENDED if left < 0 else ENDING if left <= days * 86400 else LASTING


def _print_expiries(ends: tuple[Expiry, ...], now: datetime, days: int) -> None:
    shown = table("", "Ends", "In days", "Certificate", "File", folding=("Certificate", "File"))
    colours = {LASTING: "green", ENDING: "yellow", ENDED: "red"}
    for each in ends:
        colour = colours[_code(each, now, days)]
        left = f"[{colour}]{each.left(now).days}[/]"
        shown.add_row(f"{each.ends:%Y-%m-%d}", left, escape(each.name), escape(str(each.path)))
    out.print(shown)


def _print_json(ends: tuple[Expiry, ...], now: datetime) -> None:
    rows = [
        {
            "file": str(each.path),
            "name": each.name,
            "serial": each.serial,
            "ends": each.ends.isoformat(),
            "seconds_left": int(each.left(now).total_seconds()),
        }
        for each in ends
    ]
    show_plain(rows, as_json=True)


def _phrase(file: Path | None) -> PassPhrase | None:
    return None if file is None else PassPhrase.read(file)
