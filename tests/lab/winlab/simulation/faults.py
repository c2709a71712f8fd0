# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of the simulation that are switched on. Faults of the transport belong to the protocol package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVERYONE = "*"

WORLD_FAULTS: Mapping[str, tuple[str, ...]] = {
    "kms_host_down": (),
    "kms_port_closed": (),
    "kms_port_speaks": ("what",),
    "kms_host_not_activated": (),
    "kms_count": ("value",),
    "dns_down": (),
    "no_srv": (),
    "directory_down": (),
    "clock_skew": ("minutes",),
    "activate_duration": ("seconds",),
    "mak_exhausted": (),
    "key_blocked": ("at",),
    "oem_marker_missing": ("at",),
    "no_internet": (),
    "program_start": ("program", "milliseconds"),
    "restart_held_up": (),
    "restart_hangs": (),
    "rearm_hides_licenses": (),
    "wmi_fault": ("method", "hresult", "times", "form"),
    "query_fault": ("class_name", "hresult", "times", "form"),
    "wmi_broken": ("lost",),
    "return_value": ("method", "value", "times"),
}
"""Every fault and the parameters it takes."""

_NEEDED = {"kms_count": ("value",), "clock_skew": ("minutes",), "activate_duration": ("seconds",), "wmi_fault": ("method", "hresult"),
           "query_fault": ("class_name", "hresult"), "wmi_broken": ("lost",),
           "return_value": ("method", "value"), "program_start": ("program", "milliseconds"), "kms_port_speaks": ("what",)}  # fmt: skip
_CHOICES = {
    ("key_blocked", "at"): ("install", "activate"),
    ("oem_marker_missing", "at"): ("activate", "install"),
    ("kms_port_speaks", "what"): ("silent", "http", "other_rpc"),
    ("wmi_broken", "lost"): ("licensing", "namespace"),
}


class Faults:
    """Which faults are on, for one machine or for all ("*")."""

    def __init__(self) -> None:
        self._on: dict[str, dict[str, dict[str, Any]]] = {}

    def set(self, machine: str, fault: str, **params: Any) -> None:
        """Switch a fault on; `times` bounds how often it strikes. Raises ValueError for an unknown fault or parameter."""
        if fault not in WORLD_FAULTS:
            raise ValueError(f"unknown fault {fault!r}; known: {', '.join(WORLD_FAULTS)}")
        wrong = [name for name in params if name not in WORLD_FAULTS[fault]]
        missing = [name for name in _NEEDED.get(fault, ()) if name not in params]
        if wrong or missing:
            raise ValueError(
                f"fault {fault}: unknown parameter {wrong}, missing {missing}" if wrong else f"fault {fault}: missing {missing}"
            )
        for name, value in params.items():
            if value not in _CHOICES.get((fault, name), (value,)):
                raise ValueError(f"fault {fault}: {name!r} is one of {', '.join(_CHOICES[fault, name])}")
        self._on.setdefault(machine, {})[fault] = dict(params)

    def clear(self, machine: str | None = None) -> None:
        """Switch all faults off, of one machine or of everyone."""
        if machine is None:
            self._on.clear()
        else:
            self._on.pop(machine, None)

    def get(self, machine: str, fault: str) -> Mapping[str, Any] | None:
        """Parameters of a fault when it is on for this machine."""
        if not self._on:
            return None
        for scope in (machine, EVERYONE):
            found = self._on.get(scope, {}).get(fault)
            if found is not None:
                return found
        return None

    def strike(self, machine: str, fault: str, method: str, bound_to: str = "method") -> Mapping[str, Any] | None:
        """A fault bound to a method, or to a class, or to all of them ("*"), when it strikes now; uses up one of its `times`."""
        found = self.get(machine, fault)
        if found is None or found.get("times") == 0 or str(found[bound_to]).casefold() not in (EVERYONE, method.casefold()):
            return None
        if found.get("times") is not None:
            found["times"] -= 1  # type: ignore[index]  # the mapping is ours and a dict
        return found

    def active(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Everything that is on, for the snapshot."""
        return {machine: {name: dict(params) for name, params in faults.items()} for machine, faults in self._on.items()}
