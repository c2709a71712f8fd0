# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of Windows that accept each KMS host key, with the required updates.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The table (``data/kms_host_matrix.json``, with its sources) contains builds and updates. Since Windows Server 2016, the revision of the
build shows whether the machine has an update: each cumulative update contains all earlier ones, and replaces them in the list of updates.
For earlier versions, there is only this list. A later monthly rollup can contain a required update that the list does not show, and no
number shows which updates are rollups. A missing entry therefore results in a warning. For keys with uncertain data, the check returns
warnings.
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
from ..state.servicing import Servicing

_DATA = Path(__file__).parent / "data" / "kms_host_matrix.json"
_FIRST_ROLLUP_BUILD = 9200
"""Monthly rollups for Windows Server 2012 and later also contain the updates of this table; those for earlier versions do not."""

_CAUSE = "Windows accepts only the KMS host keys that it knows: keys of the same age or older, and newer keys after an update."
_SOURCE = "Microsoft Learn: Key Management Services (KMS) activation planning"
_UNCHECKED = "Set check_compatibility: false to let the machine decide."


@dataclass(frozen=True)
class HostRange:
    """Machines that accept a key. The builds are inclusive, and `build_max` None means no limit.

    `update` is the required update, and `revision` the lowest revision of the build that contains it, or None for a list of updates, where
    an update of `also` meets the requirement too. `certain` is false if it is not known whether these machines accept the key.
    """

    is_server: bool
    build_min: int
    build_max: int | None
    update: str | None
    revision: int | None = None
    also: tuple[str, ...] = ()
    certain: bool = True

    def covers(self, os: OperatingSystem) -> bool:
        """Return whether the machine is in this range."""
        return self.is_server == os.is_server and self.build_min <= os.build and (self.build_max is None or os.build <= self.build_max)


@dataclass(frozen=True)
class HostKeyKind:
    """A kind of KMS host key. `strict` is false if the data is uncertain. `clients_only` keys do not activate servers.

    `client_activation_id` is the ID of a client license that a page of Microsoft prints as the ID of this key.
    """

    name: str
    application: Application
    hosts: tuple[HostRange, ...]
    activation_id: str | None = None
    strict: bool = True
    clients_only: bool = False
    label: str = ""
    client_activation_id: str | None = None

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
    found = find_kind(text)
    if found is None:
        near = difflib.get_close_matches(text, names(), n=3, cutoff=0.5)
        hint = f"Did you mean {either(near)}?" if near else f"The known names are {', '.join(names())}."
        raise ValueError(f"{text!r} is not a known product_name. {hint}")
    return found


def find_kind(name: str | None) -> HostKeyKind | None:
    """Return the kind with this name, ignoring case, or None."""
    return _BY_NAME.get(_folded(name)) if name else None


def kind_of_id(activation_id: str | None) -> HostKeyKind | None:
    """Return the kind with this activation ID, or None. Microsoft does not publish the IDs of all kinds."""
    return next((kind for kind in _KINDS if activation_id and kind.activation_id == activation_id), None)


def kind_of_client_id(activation_id: str | None) -> HostKeyKind | None:
    """Return the kind for which a page of Microsoft prints this ID of a client license, or None."""
    return next((kind for kind in _KINDS if activation_id and kind.client_activation_id == activation_id), None)


def needs_update(kind: HostKeyKind, os: OperatingSystem) -> bool:
    """Return whether this machine requires an update for the key."""
    row = kind.range_for(os)
    return row is not None and row.update is not None


def shows_revision(kind: HostKeyKind, os: OperatingSystem) -> bool:
    """Return whether the revision of the build shows that the machine has the update for the key."""
    row = kind.range_for(os)
    return row is not None and row.revision is not None


def check(kind: HostKeyKind, os: OperatingSystem, found: Servicing) -> tuple[str, ...]:
    """Return warnings. Raises TaskRefusedError if the machine does not accept the key."""
    row = kind.range_for(os)
    if row is None:
        return _cannot_host(kind, os)
    if not row.certain:
        return (_unknown(f"it is not known whether {os.caption} (build {os.build}) accepts the KMS host key of {kind.name}"),)
    if row.update is None:
        return ()
    return _check_list(kind, os, row, found.updates) if row.revision is None else _check_revision(kind, os, row, found.revision)


def _check_revision(kind: HostKeyKind, os: OperatingSystem, row: HostRange, revision: int | None) -> tuple[str, ...]:
    required = f"build {os.build}.{row.revision} ({row.update}) or later"
    if revision is None:
        return (f"the revision of build {os.build} is not known; the KMS host key of {kind.name} requires {required}",)
    if revision >= (row.revision or 0):
        return ()
    raise TaskRefusedError(
        "host_update_missing",
        f"{os.computer_name} has build {os.build}.{revision}. {os.caption} requires {required} for the KMS host key of {kind.name}.",
        ("Install the latest cumulative update, and reboot the machine.", _UNCHECKED),
        cause=_CAUSE,
        source=_SOURCE,
    )


def _check_list(kind: HostKeyKind, os: OperatingSystem, row: HostRange, updates: frozenset[str] | None) -> tuple[str, ...]:
    or_later = f"{row.update} or a later monthly rollup" if os.build >= _FIRST_ROLLUP_BUILD else f"{row.update}"
    required = f"{os.caption} requires {or_later} for the KMS host key of {kind.name}"
    if updates is None:
        return (_unknown(f"{required}, and the installed updates are not known"),)
    if {_number(update) for update in (row.update or "", *row.also)} & {_number(update) for update in updates}:
        return ()
    return (_unknown(f"{required}, and the list of installed updates does not contain {row.update}"),)


def _unknown(text: str) -> str:
    return f"{text}; Windows decides whether it accepts the key"


def _cannot_host(kind: HostKeyKind, os: OperatingSystem) -> tuple[str, ...]:
    message = f"{os.computer_name} runs {os.caption} (build {os.build}), which does not accept the KMS host key of {kind.name}"
    if not kind.strict:
        return (_unknown(f"{message} as far as is known"),)
    if kind.clients_only and os.is_server:
        step = "On a server, install the KMS host key of your newest Windows Server version. This key activates client editions too."
    else:
        step = f"Use one of these machines: {describe_hosts(kind)}. Or use the KMS host key of this version."
    raise TaskRefusedError("key_not_supported_on_host", f"{message}.", (step, _UNCHECKED), cause=_CAUSE, source=_SOURCE)


def describe_hosts(kind: HostKeyKind) -> str:
    """Return the machines that accept a key, as text."""
    return ", ".join(_format_range(row) for row in kind.hosts if row.certain)


def _format_range(row: HostRange) -> str:
    builds = f"{row.build_min}" if row.build_max == row.build_min else f"{row.build_min} to {row.build_max or 'the newest'}"
    update = f" with {row.update}" if row.update else ""
    revision = f" (revision {row.revision} or later)" if row.revision else ""
    return f"{'server' if row.is_server else 'client'} build {builds}{update}{revision}"


def _number(update: str) -> int:
    """Return 5034765 for KB5034765, or 0 for any other text."""
    digits = update.strip().upper().removeprefix("KB")
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _kind(fact: dict[str, Any]) -> HostKeyKind:
    return HostKeyKind(
        name=fact["name"],
        application=Application(fact["application"]),
        hosts=tuple(_range(row) for row in fact["hosts"]),
        activation_id=fact["activation_id"],
        strict=fact["strict"],
        clients_only=fact["clients_only"],
        label=fact["label"],
        client_activation_id=fact.get("client_activation_id"),
    )


def _range(row: dict[str, Any]) -> HostRange:
    return HostRange(
        is_server=row["product_type"] == "server",
        build_min=row["build_min"],
        build_max=row["build_max"],
        update=row["update"],
        revision=row.get("revision"),
        also=tuple(row.get("also", ())),
        certain=row.get("certain", True),
    )


# Ansible imports an action plugin before it forks. The table is therefore read once, and not for every machine.
_KINDS = tuple(_kind(fact) for fact in json.loads(_DATA.read_text(encoding="utf-8"))["keys"])
_BY_NAME = {_folded(name): kind for kind in _KINDS for name in (kind.name, kind.label)}
