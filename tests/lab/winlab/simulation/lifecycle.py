# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine dies, is switched on again, gets an update or other hardware, or is installed anew.

What others know of it stays: records in DNS, what Microsoft's service counted, the CMIDs a KMS host has seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import build_revisions
from .eventlog import EventLog
from .firewall import Firewall
from .license_files import Licenses
from .registry_content import write_names

if TYPE_CHECKING:
    from .machine import Machine

UPDATE = re.compile(r"KB\d{6,7}")


def crash(machine: Machine) -> None:
    """Nothing on the machine answers or does anything any more."""
    machine.crashed = True
    machine.next_publication = None


def power_on(machine: Machine) -> None:
    """A crashed machine starts with everything it had; one that runs is left alone."""
    if machine.crashed:
        machine.crashed = False
        machine.restart()


def rebuild(machine: Machine) -> None:
    """Install Windows anew, from volume media where the edition has such: no update, no Office, no role, firewall closed.

    Name, address, domain, edition, accounts and hardware are the same; CMID and product IDs are new. An installation ID comes back
    with the key it belongs to.
    """
    machine.rebuilds += 1
    machine.remove_office()
    machine.licenses = Licenses()
    machine.updates, machine.ubr = frozenset(), build_revisions.of_media(machine.os)
    machine.firewall = Firewall(machine.os.server)
    machine.events = EventLog()
    machine.files = {}
    machine.forget_registry()
    machine.crashed = False
    machine.next_publication = None
    machine.install_windows()
    machine.restart()


def change_hardware(machine: Machine) -> None:
    """Replace more hardware than Windows tolerates, and start again unless the machine lies dead.

    Every installation ID is another one. A license Microsoft's service activated falls into out-of-tolerance grace, a KMS client
    stays licensed and is to ask its host at once.
    """
    machine.hardware_changes += 1
    if not machine.crashed:
        machine.restart()
    machine.notice_hardware()


def leave_domain(machine: Machine) -> None:
    """Leave the domain. The licensing service notices when it starts the next time."""
    _move(machine, "")


def join_domain(machine: Machine, domain: str) -> None:
    """Join a domain, with the account that the machine has there."""
    _move(machine, domain)


def _move(machine: Machine, domain: str) -> None:
    machine.domain = domain
    if machine.has_registry:
        write_names(machine.registry, machine)


def install_update(machine: Machine, update: str) -> None:
    """Install an update ("KB824345") and restart; nothing happens when it is installed. Raises ValueError."""
    if UPDATE.fullmatch(update) is None:
        raise ValueError(f"an update is named like KB5003646, not {update}")
    if machine.crashed:
        raise ValueError(f"{machine.name} lies dead: switch it on first")
    if update not in machine.updates:
        machine.add_update(update)
        machine.restart()
        machine.notice_update(update)
