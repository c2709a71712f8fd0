# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test-windows`: find out whether real machines behave as the collection assumes, or the lab with LAB=1.

    make test-windows INVENTORY=hosts.yml             all machines of the group windows
    make test-windows INVENTORY=hosts.yml HOSTS=PC01  some machines
    make test-windows LAB=1                           the simulated machines of tests/scenario/estates/conformance.yml

Reads only, unless ALLOW_CHANGES=1 is set. Machines that are made for the test are then also changed and restored. COMPUTERS names them, as
Windows shows them; with LAB=1 they are the KMS clients of the lab.

    make test-windows INVENTORY=hosts.yml HOSTS=PC01 ALLOW_CHANGES=1 COMPUTERS=TESTPC01

The files are in build/conformance, with names and keys replaced.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playbook import run_playbook
from processes import run_main
from project import BUILD, FQCN, ROOT, ToolError
from winlab.client import LabError, running_lab

ESTATE = ROOT / "tests" / "scenario" / "estates" / "conformance.yml"
FOLDER = BUILD / "conformance"
CHANGED = "changed"
"""The tag of the machines of the lab that are made to be changed."""
BOOK = f"{FQCN}.windows_conformance"


def read(inventory: Path, hosts: str, computers: Sequence[str] = ()) -> int:
    """Run the playbook, and return its exit code. The named computers are changed and restored."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    variables: dict[str, Any] = {"windows_conformance_hosts": hosts, "windows_conformance_folder": str(FOLDER)}
    if computers:
        variables |= {"windows_conformance_allow_changes": True, "windows_conformance_computer_names": list(computers)}
    return run_playbook(BOOK, inventory, FOLDER / "record.json", variables=variables).exit_code


def main() -> int:
    """Read the machines, or say what is missing."""
    try:
        return chosen()
    except (LabError, ToolError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def chosen() -> int:
    """Read the machines of the command line. Raises LabError, and ToolError without an inventory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inventory", type=Path, help="inventory with the machines")
    parser.add_argument("--hosts", default="windows", help="group or pattern (default windows)")
    parser.add_argument("--lab", action="store_true", help="simulated machines instead")
    parser.add_argument("--allow-changes", action="store_true", help="also change machines that are made for the test, and restore them")
    parser.add_argument("--computers", default="", help="names of the computers that may be changed, as Windows shows them, with commas")
    options = parser.parse_args()
    computers = [name.strip() for name in options.computers.split(",") if name.strip()]
    if options.lab:
        with running_lab(ESTATE, run_dir=FOLDER / "lab") as (lab, inventory):
            clients = [machine["name"] for machine in lab.machines() if CHANGED in machine["tags"]]
            hosts = ":".join(clients) if options.allow_changes and options.hosts == "windows" else options.hosts
            return read(inventory, hosts, [name.upper() for name in clients] if options.allow_changes else ())
    if options.allow_changes and not computers:
        raise ToolError(
            "ALLOW_CHANGES=1 changes machines. Name the computers that are made for this: make test-windows INVENTORY=hosts.yml"
            " HOSTS=PC01 ALLOW_CHANGES=1 COMPUTERS=TESTPC01"
        )
    if options.inventory is None:
        raise ToolError("Name an inventory: make test-windows INVENTORY=hosts.yml, or use simulated machines: make test-windows LAB=1")
    if not options.inventory.exists():
        raise ToolError(f"The inventory {options.inventory} does not exist.")
    return read(options.inventory.resolve(), options.hosts, computers if options.allow_changes else ())


if __name__ == "__main__":
    sys.exit(run_main(main))
