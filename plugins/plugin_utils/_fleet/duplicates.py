# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find machines that share a CMID, as clones do, and select those to rearm.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A KMS host counts machines with the same CMID as one machine. A rearm gives a machine a new CMID, and requires a reboot. It also ends an
activation by a MAK, and another activation would be required. Therefore one machine of a set keeps the CMID, and machines that do not use a
KMS host are not affected.

The licensing service of Office (Office 2010, and every Office on Windows 7) has a CMID of its own. It cannot be rearmed over WMI, so a set
contains the machines on which OSPPREARM.EXE must run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .._licensing.state.model import Channel
from .machines import Machine, is_activated, natural, same_machines

WINDOWS, OFFICE = "windows", "office"


@dataclass(frozen=True)
class SharedCmid:
    """One CMID of several machines, each with the first of its names.

    `keep` keeps the CMID. `stuck` need another CMID and have no rearm left. `not_affected` do not use a KMS host with this CMID.
    `service` is the licensing service of the CMID. For that of Office, `local` are the machines on which OSPPREARM.EXE must run.
    """

    cmid: str
    machines: tuple[Machine, ...]
    keep: Machine | None
    machines_to_rearm: tuple[Machine, ...]
    stuck: tuple[Machine, ...]
    not_affected: tuple[Machine, ...]
    service: str = WINDOWS
    local: tuple[Machine, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the names of the machines, and the reason for the selection."""
        lists = {name: [each.name for each in getattr(self, name)] for name in ("machines", "machines_to_rearm", "not_affected")}
        return {
            "cmid": self.cmid,
            "licensing_service": self.service,
            **lists,
            "machines_to_rearm_locally": [each.name for each in self.local],
            "keep": self.keep.name if self.keep else None,
            "no_rearms_left": [each.name for each in self.stuck],
            "message": self._message(),
        }

    def _message(self) -> str:
        if self.keep is None:
            return "None of these machines uses a KMS host with this CMID. No action is required."
        if not self.machines_to_rearm and not self.stuck and not self.local:
            return f"Only {self.keep.name} uses a KMS host with this CMID. No action is required."
        if self.service == OFFICE:
            return f"A KMS host counts Office of these machines as one. {self.keep.name} keeps the CMID because it is the first by name."
        sentences = [f"A KMS host counts these machines as one. {self.keep.name} keeps the CMID because {_why_keep(self.keep)}."]
        costly = [each.name for each in self.machines_to_rearm if _would_lose(each)]
        if costly:
            sentences.append(f"A rearm ends the activation by a key of their own on {', '.join(costly)}.")
        return " ".join(sentences)


def shared_cmids(machines: Sequence[Machine]) -> list[SharedCmid]:
    """Return every CMID that more than one machine has. A machine that was read under two names counts once."""
    single = [names[0] for names in same_machines(machines)]
    of_windows = [_shared_cmid(cmid, together) for cmid, together in _together((each.cmid, each) for each in single)]
    of_office = [_shared_office_cmid(cmid, together) for cmid, together in _together((each.office_cmid, each) for each in single)]
    return sorted((*of_windows, *of_office), key=lambda each: (natural(each.machines[0].name), each.service != WINDOWS))


def _together(found: Iterable[tuple[str | None, Machine]]) -> list[tuple[str, list[Machine]]]:
    """Return the CMIDs of more than one machine with their machines."""
    by_cmid: dict[str, list[Machine]] = {}
    for cmid, machine in found:
        if cmid:
            by_cmid.setdefault(cmid, []).append(machine)
    return [(cmid, machines) for cmid, machines in by_cmid.items() if len(machines) > 1]


def _shared_office_cmid(cmid: str, machines: Sequence[Machine]) -> SharedCmid:
    asking = _sorted(each for each in machines if each.has_office_client)
    return SharedCmid(
        cmid=cmid,
        machines=tuple(machines),
        keep=asking[0] if asking else None,
        machines_to_rearm=(),
        stuck=(),
        not_affected=_sorted(each for each in machines if not each.has_office_client),
        service=OFFICE,
        local=asking[1:],
    )


def _shared_cmid(cmid: str, machines: Sequence[Machine]) -> SharedCmid:
    asking = sorted((each for each in machines if each.kms_applications_by_cmid), key=_keep_order)
    others = asking[1:]
    return SharedCmid(
        cmid=cmid,
        machines=tuple(machines),
        keep=asking[0] if asking else None,
        machines_to_rearm=_sorted(each for each in others if each.rearms_left != 0),
        stuck=_sorted(each for each in others if each.rearms_left == 0),
        not_affected=_sorted(each for each in machines if not each.kms_applications_by_cmid),
    )


def _sorted(machines: Any) -> tuple[Machine, ...]:
    return tuple(sorted(machines, key=lambda each: natural(each.name)))


def _keep_order(machine: Machine) -> tuple[Any, ...]:
    """Return a sort key: first the machines for which a rearm and its reboot have the worst effects."""
    return (
        machine.rearms_left != 0,
        not _would_lose(machine),
        not machine.is_domain_controller,
        machine.client_type != "server",
        natural(machine.name),
    )


def _would_lose(machine: Machine) -> bool:
    """Whether a rearm ends the activation of Windows or of an add-on by a key that is not a GVLK.

    If it is the key of Windows, Office is what uses KMS on the machine. An add-on such as Extended Security Updates always has such a key.
    """
    own = (*((machine.primary,) if machine.primary else ()), *machine.addons)
    return any(product["channel"] != Channel.GVLK.value and is_activated(product) for product in own)


def _why_keep(machine: Machine) -> str:
    if machine.rearms_left == 0:
        return "it has no rearm left"
    if _would_lose(machine):
        return "a rearm would end the activation by its own key"
    if machine.is_domain_controller:
        return "it is a domain controller, and a rearm requires a reboot"
    return "it is a server, and a rearm requires a reboot" if machine.client_type == "server" else "it is the first by name"
