"""The command `tachonet`, against a sandbox: what it prints, and with which code it exits."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.sandbox.network import Sandbox

from tachonet_client.cli import app


def main() -> None:
    """Run `tachonet cic` twice: a state that answers, and one that is down."""
    with Sandbox("FI", down=["GR"], patience=4.0) as sandbox, TemporaryDirectory() as folder:
        config = sandbox.write_config(Path(folder) / "hub.toml")
        asked = [
            *("cic", "--config", str(config)),
            *("--business-case-id", "FI-2026-000125", "--originating-authority", "Traficom"),
            *("--family-name", "Brueckenthaler", "--first-name", "Juergen", "--date-of-birth", "1984-03-17"),
        ]
        for to in ("AT", "GR"):
            code = app([*asked, "--to", to], standalone_mode=False)
            print("Exit code:", code or 0)


if __name__ == "__main__":
    main()
