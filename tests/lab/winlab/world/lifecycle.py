# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine dies, is switched on again, or is installed anew.

What others know of it stays: records in DNS, what Microsoft's service counted, the CMIDs a KMS host has seen.
"""

from __future__ import annotations

from . import spp, states
from .computer import Computer
from .eventlog import EventLog
from .firewall import Firewall
from .identity import machine_uuid
from .state import ServiceState, first_rearms


def crash(computer: Computer) -> None:
    """Nothing on the computer answers or does anything any more."""
    computer.crashed = True
    computer.next_publication = None


def power_on(computer: Computer) -> None:
    """A crashed computer starts with everything it had; one that runs is left alone."""
    if computer.crashed:
        computer.crashed = False
        spp.restart(computer)


def rebuild(computer: Computer) -> None:
    """Install Windows anew, from volume media where the edition has such: no update, no Office, no role, firewall closed.

    Name, address, domain, edition, accounts and hardware are the same; CMID, product IDs and installation IDs are new.
    """
    computer.rebuilds += 1
    computer.service = ServiceState(machine_uuid("cmid", computer.installation), rearms_left=first_rearms(computer.os))
    computer.office = computer.office_packs = ()
    computer.updates = frozenset()
    computer.firewall = Firewall(computer.os.server)
    computer.events = EventLog()
    computer.forget_registry()
    computer.crashed = False
    computer.next_publication = None
    states.fresh_installation(computer)
    spp.restart(computer)
