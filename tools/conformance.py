# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test-windows`: find out whether real machines behave as the collection assumes, or the lab with LAB=1.

    make test-windows INVENTORY=hosts.yml             all machines of the group windows
    make test-windows INVENTORY=hosts.yml HOSTS=PC01  some machines
    make test-windows LAB=1                           the simulated machines of tests/scenario/estates/conformance.yml

Reads only. The files are in build/conformance, with names and keys replaced.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playbook import run_playbook
from processes import run_main
from project import BUILD, FQCN, ROOT, ToolError
from winlab.client import LabError, running_lab

ESTATE = ROOT / "tests" / "scenario" / "estates" / "conformance.yml"
FOLDER = BUILD / "conformance"
BOOK = f"{FQCN}.windows_conformance"


def read(inventory: Path, hosts: str) -> int:
    """Run the playbook, and return its exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    variables = {"windows_conformance_hosts": hosts, "windows_conformance_folder": str(FOLDER)}
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
    options = parser.parse_args()
    if options.lab:
        with running_lab(ESTATE, run_dir=FOLDER / "lab") as (_lab, inventory):
            return read(inventory, options.hosts)
    if options.inventory is None:
        raise ToolError("Name an inventory: make test-windows INVENTORY=hosts.yml, or use simulated machines: make test-windows LAB=1")
    if not options.inventory.exists():
        raise ToolError(f"The inventory {options.inventory} does not exist.")
    return read(options.inventory.resolve(), options.hosts)


if __name__ == "__main__":
    sys.exit(run_main(main))
