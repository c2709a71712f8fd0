# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of a job: what the script of AWX prints, and the part that a slice gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def slice_count(wanted: int, hosts: int) -> int:
    """Return the number of slices: never more than the inventory has machines."""
    return min(wanted, hosts)


def sliced(hosts: Iterable[str], number: int, count: int) -> list[str]:
    """Return the machines of a slice. By name, every `count`-th machine, from that with the number of the slice (1 is the first)."""
    ordered = sorted(hosts)
    return ordered[number - 1 :: count] if count > 1 else ordered


def script(listing: Mapping[str, Any], hosts: Iterable[str]) -> dict[str, Any]:
    """Return the inventory with only some machines, as the script of a job prints it.

    `listing` is the output of `ansible-inventory --list --export`. Groups stay, also without machines.
    """
    kept = set(hosts)
    groups = {
        name: {**group, **({"hosts": [host for host in group["hosts"] if host in kept]} if "hosts" in group else {})}
        for name, group in listing.items()
        if name != "_meta"
    }
    variables = listing.get("_meta", {}).get("hostvars", {})
    return {
        **groups,
        "_meta": {"hostvars": {host: {**variables.get(host, {}), "remote_tower_enabled": "true"} for host in sorted(kept)}},
    }
