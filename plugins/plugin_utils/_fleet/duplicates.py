# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that share a CMID, as clones do, and which of them have to be rearmed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A KMS host counts machines of one CMID as one. Rearming gives a machine a new CMID and takes a restart; it also ends what a MAK has
activated, and would spend an activation. So one machine of a set keeps the CMID, and those that ask no KMS host are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._licensing.state.model import Channel
from .machines import Machine, is_activated, natural, same_machines


@dataclass(frozen=True)
class SharedCmid:
    """One CMID on several machines, each under the first of its names.

    One of them keeps it. `stuck` have to get another one and have no rearm left. `not_affected` do not ask a KMS host with it.
    """

    cmid: str
    machines: tuple[Machine, ...]
    keep: Machine | None
    machines_to_rearm: tuple[Machine, ...]
    stuck: tuple[Machine, ...]
    not_affected: tuple[Machine, ...]

    def as_dict(self) -> dict[str, Any]:
        """Names, and why."""
        lists = {name: [each.name for each in getattr(self, name)] for name in ("machines", "machines_to_rearm", "not_affected")}
        return {
            "cmid": self.cmid,
            **lists,
            "keep": self.keep.name if self.keep else None,
            "no_rearms_left": [each.name for each in self.stuck],
            "message": self._message(),
        }

    def _message(self) -> str:
        if self.keep is None:
            return "none of them asks a KMS host with it, so that nothing has to be done"
        if not self.machines_to_rearm and not self.stuck:
            return f"only {self.keep.name} asks a KMS host with it, so that nothing has to be done"
        words = [f"a KMS host counts them as one machine; {self.keep.name} keeps the CMID: {_why_keep(self.keep)}"]
        costly = [each.name for each in self.machines_to_rearm if _would_lose(each)]
        if costly:
            words.append(f"rearming costs an activation of the key on {', '.join(costly)}")
        return "; ".join(words)


def shared_cmids(machines: Sequence[Machine]) -> list[SharedCmid]:
    """Every CMID that more than one machine has; a machine that was read under two names is one."""
    found: dict[str, list[Machine]] = {}
    for names in same_machines(machines):
        if names[0].cmid:
            found.setdefault(names[0].cmid, []).append(names[0])
    shared = [_shared_cmid(cmid, together) for cmid, together in found.items() if len(together) > 1]
    return sorted(shared, key=lambda each: natural(each.machines[0].name))


def _shared_cmid(cmid: str, machines: Sequence[Machine]) -> SharedCmid:
    asking = sorted((each for each in machines if each.asks_by_cmid), key=_reluctance)
    others = asking[1:]
    return SharedCmid(
        cmid=cmid,
        machines=tuple(machines),
        keep=asking[0] if asking else None,
        machines_to_rearm=_sorted(each for each in others if each.rearms_left != 0),
        stuck=_sorted(each for each in others if each.rearms_left == 0),
        not_affected=_sorted(each for each in machines if not each.asks_by_cmid),
    )


def _sorted(machines: Any) -> tuple[Machine, ...]:
    return tuple(sorted(machines, key=lambda each: natural(each.name)))


def _reluctance(machine: Machine) -> tuple[Any, ...]:
    """Whom to spare the rearm and its restart, first those for whom it is worst."""
    return (
        machine.rearms_left != 0,
        not _would_lose(machine),
        not machine.is_domain_controller,
        machine.client_type != "server",
        natural(machine.name),
    )


def _would_lose(machine: Machine) -> bool:
    """Whether Windows is activated by a key that consumes an activation each time; Office is what asks KMS there."""
    primary = machine.primary
    return primary is not None and primary["channel"] != Channel.GVLK.value and is_activated(primary)


def _why_keep(machine: Machine) -> str:
    if machine.rearms_left == 0:
        return "it has no rearm left"
    if _would_lose(machine):
        return "a rearm would end the activation of its own key"
    if machine.is_domain_controller:
        return "it is a domain controller, and a rearm takes a restart"
    return "it is a server, and a rearm takes a restart" if machine.client_type == "server" else "it is the first by name"
