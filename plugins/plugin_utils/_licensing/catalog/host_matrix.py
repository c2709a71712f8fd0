# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of Windows that accept each KMS host key, with the required updates.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The table (``data/kms_host_matrix.json``, with its sources) contains builds and updates. Later cumulative updates replace earlier ones, so a
later update also meets the requirement. For keys with uncertain data, the check returns warnings.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..problems import TaskRefusedError
from ..state.model import Application, OperatingSystem

_DATA = Path(__file__).parent / "data" / "kms_host_matrix.json"
_FIRST_CUMULATIVE = 10240
"""Since Windows 10, every monthly update contains all earlier ones."""

_CAUSE = "Windows accepts only the KMS host keys that it knows: keys of the same age or older, and newer keys after an update."
_SOURCE = "Microsoft Learn: Key Management Services (KMS) activation planning"
_UNCHECKED = "Set check_compatibility: false to let the machine decide."


@dataclass(frozen=True)
class HostRange:
    """Machines that accept a key. The builds are inclusive, `build_max` None means no limit, `update` is the required update."""

    is_server: bool
    build_min: int
    build_max: int | None
    update: str | None

    def covers(self, os: OperatingSystem) -> bool:
        """Return whether the machine is in this range."""
        return self.is_server == os.is_server and self.build_min <= os.build and (self.build_max is None or os.build <= self.build_max)


@dataclass(frozen=True)
class HostKeyKind:
    """A kind of KMS host key. `strict` is false if the data is uncertain. `clients_only` keys do not activate servers."""

    name: str
    application: Application
    hosts: tuple[HostRange, ...]
    activation_id: str | None = None
    strict: bool = True
    clients_only: bool = False
    label: str = ""

    def range_for(self, os: OperatingSystem) -> HostRange | None:
        """Return the row for a machine, or None if the machine does not accept the key."""
        return next((row for row in self.hosts if row.covers(os)), None)


def names() -> tuple[str, ...]:
    """Return the names of all kinds."""
    return tuple(kind.name for kind in _KINDS)


def either(texts: Sequence[str]) -> str:
    """Return alternatives as text: 'A', 'A or B', or 'A, B, or C'."""
    *first, last = texts
    return f"{', '.join(first)}{',' if len(first) > 1 else ''} or {last}" if first else last


def kind_named(text: str) -> HostKeyKind:
    """Return the kind with this name, ignoring case. Raises ValueError with similar names."""
    found = _BY_NAME.get(_folded(text))
    if found is None:
        near = difflib.get_close_matches(text, names(), n=3, cutoff=0.5)
        hint = f"Did you mean {either(near)}?" if near else f"The known names are {', '.join(names())}."
        raise ValueError(f"{text!r} is not a known product_name. {hint}")
    return found


def kind_of_id(activation_id: str | None) -> HostKeyKind | None:
    """Return the kind with this activation ID, or None. Microsoft does not publish the IDs of all kinds."""
    return next((kind for kind in _KINDS if activation_id and kind.activation_id == activation_id), None)


def needed_update(kind: HostKeyKind, os: OperatingSystem) -> str | None:
    """Return the update that this machine requires for the key, or None."""
    row = kind.range_for(os)
    return row.update if row else None


def check(kind: HostKeyKind, os: OperatingSystem, installed: frozenset[str] | None) -> tuple[str, ...]:
    """Return warnings. Raises TaskRefusedError if the machine does not accept the key.

    `installed` contains the updates of the machine, or is None if they are not known.
    """
    row = kind.range_for(os)
    if row is None:
        return _cannot_host(kind, os)
    if row.update is None or _has(installed, row.update):
        return ()
    if installed is None:
        return (f"the updates of the machine are not known; the KMS host key of {kind.name} requires {row.update} or a later update",)
    if any(_number(update) > _number(row.update) for update in installed):
        later = f"the KMS host key of {kind.name} requires {row.update}, which is not listed, but a later update is"
        return () if os.build >= _FIRST_CUMULATIVE else (later,)
    return _misses_update(kind, os, row.update)


def _cannot_host(kind: HostKeyKind, os: OperatingSystem) -> tuple[str, ...]:
    message = f"{os.computer_name} runs {os.caption} (build {os.build}), which does not accept the KMS host key of {kind.name}"
    if not kind.strict:
        return (f"{message} as far as is known; Windows decides whether it accepts the key",)
    if kind.clients_only and os.is_server:
        step = "On a server, install the KMS host key of your newest Windows Server version. This key activates client editions too."
    else:
        step = f"Use one of these machines: {describe_hosts(kind)}. Or use the KMS host key of this version."
    raise TaskRefusedError("key_not_supported_on_host", f"{message}.", (step, _UNCHECKED), cause=_CAUSE, source=_SOURCE)


def _misses_update(kind: HostKeyKind, os: OperatingSystem, update: str) -> tuple[str, ...]:
    missing = f"{os.computer_name} does not have {update} or a later update"
    message = f"{missing}, which {os.caption} requires for the KMS host key of {kind.name}"
    if not kind.strict:
        return (message,)
    raise TaskRefusedError(
        "host_update_missing", f"{message}.", (f"Install {update} or a later update, and reboot.", _UNCHECKED), cause=_CAUSE, source=_SOURCE
    )


def describe_hosts(kind: HostKeyKind) -> str:
    """Return the machines that accept a key, as text."""
    return ", ".join(_format_range(row) for row in kind.hosts)


def _format_range(row: HostRange) -> str:
    builds = f"{row.build_min}" if row.build_max == row.build_min else f"{row.build_min} to {row.build_max or 'the newest'}"
    return f"{'server' if row.is_server else 'client'} build {builds}" + (f" with {row.update}" if row.update else "")


def _has(installed: frozenset[str] | None, update: str) -> bool:
    return installed is not None and any(_number(found) == _number(update) for found in installed)


def _number(update: str) -> int:
    """Return 5034765 for KB5034765, or 0 for any other text."""
    digits = update.strip().upper().removeprefix("KB")
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _kind(fact: dict[str, Any]) -> HostKeyKind:
    rows = (HostRange(row["product_type"] == "server", row["build_min"], row["build_max"], row["update"]) for row in fact["hosts"])
    return HostKeyKind(
        name=fact["name"],
        application=Application(fact["application"]),
        hosts=tuple(rows),
        activation_id=fact["activation_id"],
        strict=fact["strict"],
        clients_only=fact["clients_only"],
        label=fact["label"],
    )


# Ansible imports an action plugin before it forks. The table is therefore read once, and not for every machine.
_KINDS = tuple(_kind(fact) for fact in json.loads(_DATA.read_text(encoding="utf-8"))["keys"])
_BY_NAME = {_folded(name): kind for kind in _KINDS for name in (kind.name, kind.label)}
