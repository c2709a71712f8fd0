# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kit changes on a machine that is made for it, each with what restores it. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An item is noted in the record of the machine before the change, so that another run, or a person, can restore it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ....module_utils import _hosts as hosts
from ..._licensing.catalog import gvlk
from ..._licensing.policies.places import POLICIES, RegistryLocation
from ..._licensing.registry.values import REG_DWORD, REG_EXPAND_SZ, REG_QWORD, REG_SZ, RegistryValue, path

RESTORABLE = (REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_QWORD)
"""Types of registry values that can be written again as they were read."""

_CHANGED_BY_CMD = re.compile(r'["%\x00-\x1f]')
"""Characters that a command at a prompt would not pass on as they are."""

_SLMGR = r"cscript //nologo %windir%\system32\slmgr.vbs"
_LONGEST_TEXT = 4096
_LAST_PORT = 65535
_ENDING = re.compile(r"[A-Z0-9]{5}")


def is_restorable(value: RegistryValue | None) -> bool:
    """Return whether a value can be restored, also by a person with a command; None is a value that did not exist."""
    return value is None or (value.kind in RESTORABLE and value.data is not None and _CHANGED_BY_CMD.search(value.data) is None)


@dataclass(frozen=True)
class PolicyValue:
    """A registry value of a policy: its key below HKEY_LOCAL_MACHINE, its name, and the value before, None if there was none."""

    key: str
    name: str
    before: RegistryValue | None

    @property
    def undo(self) -> str:
        """What restores it, as a verb phrase."""
        place = rf"{path(self.key)}\{self.name}"
        return f"remove {place}, which was not set before" if self.before is None else f"restore {place} to {self.before}"

    @property
    def by_hand(self) -> str:
        """The command on the machine that restores it."""
        where = f'"{path(self.key)}" /v {self.name}'
        if self.before is None:
            return f"reg delete {where} /f"
        return f'reg add {where} /t {self.before.type_name} /d "{self.before.data}" /f'


@dataclass(frozen=True)
class CreatedKey:
    """A registry key of a policy that did not exist before."""

    key: str

    @property
    def undo(self) -> str:
        """What restores it, as a verb phrase."""
        return f"remove the key {path(self.key)}, which did not exist before"

    @property
    def by_hand(self) -> str:
        """The command on the machine that restores it. It is correct only for a key without other values and keys."""
        return f'reg delete "{path(self.key)}"'


@dataclass(frozen=True)
class KmsHostSetting:
    """The KMS host and port of the licensing service before; None for DNS, and for a port that is not set."""

    host: str | None
    port: int | None

    @property
    def undo(self) -> str:
        """What restores it, as a verb phrase."""
        return f"restore the KMS host {self._label}" if self.host else "clear the KMS host, which was not set before"

    @property
    def by_hand(self) -> str:
        """The command on the machine that restores it."""
        return f"{_SLMGR} /skms {self._label}" if self.host else f"{_SLMGR} /ckms"

    @property
    def _label(self) -> str:
        host = self.host or ""
        return hosts.with_port(host, self.port) if self.port else hosts.wire_host(host)


@dataclass(frozen=True)
class License:
    """The license of Windows before: the last five characters of its GVLK, and whether Windows was activated."""

    partial_product_key: str
    was_activated: bool

    @property
    def undo(self) -> str:
        """What restores it, as a verb phrase."""
        return f"install the GVLK ending in {self.partial_product_key} again"

    @property
    def by_hand(self) -> str:
        """The command on the machine that activates Windows with the key that it has."""
        return f"{_SLMGR} /ato"


Item = PolicyValue | CreatedKey | KmsHostSetting | License


def as_data(item: Item) -> dict[str, Any]:
    """Return an item for the record. A person can read in it what to do by hand."""
    common = {"by_hand": item.by_hand}
    if isinstance(item, PolicyValue):
        before = None if item.before is None else {"kind": item.before.kind, "data": item.before.data}
        return {"kind": "policy_value", "key": item.key, "name": item.name, "before": before, **common}
    if isinstance(item, CreatedKey):
        return {"kind": "new_key", "key": item.key, **common}
    if isinstance(item, KmsHostSetting):
        return {"kind": "kms_host", "host": item.host, "port": item.port, **common}
    return {"kind": "license", "partial_product_key": item.partial_product_key, "was_activated": item.was_activated, **common}


def from_data(data: Mapping[str, Any]) -> Item:
    """Return the item of a record. Raises ValueError for one that this module cannot have written, so that no other place is written."""
    reader = _READERS.get(str(data.get("kind")))
    if reader is None:
        raise ValueError(f"{str(data.get('kind'))[:40]!r} is not a kind of change")
    return reader(data)


def _policy_value(data: Mapping[str, Any]) -> PolicyValue:
    key, name, before = data["key"], data["name"], data["before"]
    if (key, name) not in {(place.key, place.name) for place in _places()}:
        raise ValueError("a value is not one of a policy")
    if before is None:
        return PolicyValue(key, name, None)
    kind, text = before["kind"], before["data"]
    if kind not in RESTORABLE or not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        raise ValueError(f"the value of {name} is not valid")
    return PolicyValue(key, name, RegistryValue(name, kind, text))


def _new_key(data: Mapping[str, Any]) -> CreatedKey:
    if data["key"] not in {key for place in _places() for key in place.own_keys}:
        raise ValueError("a key is not one of a policy")
    return CreatedKey(data["key"])


def _kms_host(data: Mapping[str, Any]) -> KmsHostSetting:
    host, port = data["host"], data["port"]
    if not (host is None or (isinstance(host, str) and host.strip() and len(host) <= _LONGEST_TEXT)):
        raise ValueError("the KMS host is not valid")
    if not (port is None or (isinstance(port, int) and 0 < port <= _LAST_PORT)):
        raise ValueError("the KMS port is not valid")
    return KmsHostSetting(host, port)


def _license(data: Mapping[str, Any]) -> License:
    ending, was_activated = data["partial_product_key"], data["was_activated"]
    if not (isinstance(ending, str) and _ENDING.fullmatch(ending) and gvlk.is_published(ending) and isinstance(was_activated, bool)):
        raise ValueError("the license is not valid")
    return License(ending, was_activated)


def _places() -> list[RegistryLocation]:
    return [view for policy in POLICIES for place in policy.places for view in place.views()]


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Item]] = {
    "policy_value": _policy_value,
    "new_key": _new_key,
    "kms_host": _kms_host,
    "license": _license,
}

__all__ = ["CreatedKey", "Item", "KmsHostSetting", "License", "PolicyValue", "as_data", "from_data", "is_restorable"]
