# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line of the lab: python -m winlab serve --estate FILE, and phone --control URL INSTALLATION_ID."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from winlab.client import LabClient, LabError
from winlab.protocol.serve import Options, serve
from winlab.simulation.estate import load_estate


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="winlab", description="A simulated Windows estate. It can activate nothing real.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("serve", help="serve an estate in the foreground until SIGTERM or SIGINT")
    run.add_argument("--estate", type=Path, required=True, help="the estate as YAML")
    run.add_argument("--control-port", type=int, default=0, help="port of the control API on 127.0.0.1; 0 picks a free one")
    run.add_argument("--ready", type=Path, help="JSON file written when everything listens")
    run.add_argument("--inventory", type=Path, help="Ansible inventory to write")
    run.add_argument("--run-dir", type=Path, help="folder for certificates, accounts and DNS; default: a temporary one")
    run.add_argument("--keytab", type=Path, help="keys of the machines: with them they accept Kerberos (needs gssapi)")
    run.add_argument(
        "--exit-with-parent", nargs="?", type=int, const=0, metavar="PID", help="end when the process that started this one ends"
    )
    call = commands.add_parser("phone", help="call the simulated telephone service: prints the confirmation ID for an installation ID")
    call.add_argument("--control", required=True, metavar="URL", help="control API of the running lab, as the ready file names it")
    call.add_argument("installation_id", nargs="+", metavar="INSTALLATION_ID", help="54 or 63 digits; blanks and hyphens do not matter")
    return parser


def _serve(chosen: argparse.Namespace, started: float) -> None:
    options = Options(
        chosen.control_port,
        chosen.ready,
        chosen.inventory,
        chosen.run_dir,
        chosen.exit_with_parent is not None,
        chosen.exit_with_parent or None,
        chosen.keytab,
    )
    asyncio.run(serve(load_estate(chosen.estate), options, started))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 1 with a line on stderr when the estate cannot be served, or the telephone service refuses."""
    started = time.monotonic()
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.command == "phone":
            print(LabClient(chosen.control).phone(" ".join(chosen.installation_id)))
        else:
            _serve(chosen, started)
    except (OSError, ValueError, LabError) as error:
        print(f"winlab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
