# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Windows can host which KMS host key, and with which update.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The table (``data/kms_host_matrix.json``, with its sources) holds builds and updates; Windows Update replaces cumulative
updates by later ones, so a later update stands in for the one that is named. Where the table is not sure it warns.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..problems import TaskRefusedError
from ..state.model import Application, OperatingSystem

_DATA = Path(__file__).parent / "data" / "kms_host_matrix.json"
_FIRST_CUMULATIVE = 10240
"""From Windows 10 on every monthly update holds all earlier ones."""

_CAUSE = "A Windows hosts only keys it knows: those of its own time, and newer ones that an update brought."
_SOURCE = "Microsoft Learn: Key Management Services (KMS) activation planning"
_UNCHECKED = "Set check_compatibility: false to let the machine decide."


@dataclass(frozen=True)
class HostRange:
    """Machines that can host a key: builds inclusive, `build_max` None is open ended, `update` what they need for it."""

    is_server: bool
    build_min: int
    build_max: int | None
    update: str | None

    def covers(self, os: OperatingSystem) -> bool:
        """Whether the machine is one of them."""
        return self.is_server == os.is_server and self.build_min <= os.build and (self.build_max is None or os.build <= self.build_max)


@dataclass(frozen=True)
class HostKeyKind:
    """A kind of KMS host key. `strict` is false where the table is not sure; `clients_only` keys activate no server."""

    name: str
    application: Application
    hosts: tuple[HostRange, ...]
    activation_id: str | None = None
    strict: bool = True
    clients_only: bool = False
    label: str = ""

    def range_for(self, os: OperatingSystem) -> HostRange | None:
        """The row for a machine, None when it cannot host the key."""
        return next((row for row in self.hosts if row.covers(os)), None)


def names() -> tuple[str, ...]:
    """Every kind by its name."""
    return tuple(kind.name for kind in _KINDS)


def kind_named(text: str) -> HostKeyKind:
    """The kind of this name in any case; raises ValueError with the nearest names."""
    found = _BY_NAME.get(_folded(text))
    if found is None:
        near = difflib.get_close_matches(text, names(), n=3, cutoff=0.5)
        raise ValueError(f"{text!r} is no kind of KMS host key; {'did you mean' if near else 'there are'} {', '.join(near or names())}")
    return found


def kind_of_id(activation_id: str | None) -> HostKeyKind | None:
    """The kind with this activation ID, where Microsoft prints one; None for all others."""
    return next((kind for kind in _KINDS if activation_id and kind.activation_id == activation_id), None)


def needed_update(kind: HostKeyKind, os: OperatingSystem) -> str | None:
    """The update this machine needs before it takes the key."""
    row = kind.range_for(os)
    return row.update if row else None


def check(kind: HostKeyKind, os: OperatingSystem, installed: frozenset[str] | None) -> tuple[str, ...]:
    """Warnings; raises TaskRefusedError when the machine cannot host the key. `installed` are its updates, None when nobody knows."""
    row = kind.range_for(os)
    if row is None:
        return _cannot_host(kind, os)
    if row.update is None or _has(installed, row.update):
        return ()
    if installed is None:
        return (f"the machine does not tell its updates; the host key of {kind.name} needs {row.update} or a later one here",)
    if any(_number(update) > _number(row.update) for update in installed):
        later = f"{row.update}, which the host key of {kind.name} needs here, is not listed, but a later update is"
        return () if os.build >= _FIRST_CUMULATIVE else (later,)
    return _misses_update(kind, os, row.update)


def _cannot_host(kind: HostKeyKind, os: OperatingSystem) -> tuple[str, ...]:
    words = f"{os.computer_name} runs {os.caption} (build {os.build}), which cannot host the KMS host key of {kind.name}"
    if not kind.strict:
        return (f"{words} as far as is known; the machine decides",)
    if kind.clients_only and os.is_server:
        step = "On a server install the host key for the newest Windows Server you have; it activates client editions too."
    else:
        step = f"Use one of {describe_hosts(kind)}, or the host key of this version."
    raise TaskRefusedError("key_not_supported_on_host", f"{words}.", (step, _UNCHECKED), cause=_CAUSE, source=_SOURCE)


def _misses_update(kind: HostKeyKind, os: OperatingSystem, update: str) -> tuple[str, ...]:
    words = f"{os.computer_name} lacks {update} or a later update, without which {os.caption} does not take the host key of {kind.name}"
    if not kind.strict:
        return (words,)
    raise TaskRefusedError(
        "host_update_missing", f"{words}.", (f"Install {update} or a later update and restart.", _UNCHECKED), cause=_CAUSE, source=_SOURCE
    )


def describe_hosts(kind: HostKeyKind) -> str:
    """The machines that can host a key, in words."""
    return ", ".join(_words(row) for row in kind.hosts)


def _words(row: HostRange) -> str:
    builds = f"{row.build_min}" if row.build_max == row.build_min else f"{row.build_min} to {row.build_max or 'the newest'}"
    return f"{'server' if row.is_server else 'client'} build {builds}" + (f" with {row.update}" if row.update else "")


def _has(installed: frozenset[str] | None, update: str) -> bool:
    return installed is not None and any(_number(found) == _number(update) for found in installed)


def _number(update: str) -> int:
    """KB5034765 as 5034765; 0 for what is no such name."""
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


# Read at import: Ansible imports an action plugin before it forks, so no machine pays for it.
_KINDS = tuple(_kind(fact) for fact in json.loads(_DATA.read_text(encoding="utf-8"))["keys"])
_BY_NAME = {_folded(name): kind for kind in _KINDS for name in (kind.name, kind.label)}
