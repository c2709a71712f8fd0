# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of the Molecule scenarios is written by hand, for people to read; it names the machines of the estate."""

from __future__ import annotations

import yaml

from project import ROOT
from winlab.simulation.estate import load_estate


def test_the_inventory_names_the_machines_of_the_estate_in_their_groups() -> None:
    inventory = yaml.safe_load((ROOT / "extensions" / "molecule" / "inventory.yml").read_text(encoding="utf-8"))["all"]
    written = {
        (group, name, host["ansible_host"]) for group, content in inventory["children"].items() for name, host in content["hosts"].items()
    }
    estate = load_estate(ROOT / "tests" / "lab" / "estates" / "molecule.yml")
    simulated = {(tag, machine.name, machine.address) for machine in estate.machines.values() for tag in machine.tags}
    assert written == simulated


def test_the_account_of_the_inventory_is_one_of_the_estate() -> None:
    variables = yaml.safe_load((ROOT / "extensions" / "molecule" / "inventory.yml").read_text(encoding="utf-8"))["all"]["vars"]
    estate = load_estate(ROOT / "tests" / "lab" / "estates" / "molecule.yml")
    accounts = [machine.accounts for machine in estate.machines.values()]
    assert all(account[variables["ansible_user"]].password == variables["ansible_password"] for account in accounts)
