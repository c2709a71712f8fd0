# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a machine on the controller: what must be restored, written before each change.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

If the run is killed, the record stays. The next run restores from it first. The file has names and settings of the machine, and is not
meant for others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..._atomic_file import AtomicFile
from ..._edge.kept_path import resolved
from ..._errors import VolumeActivationError
from ..._regular_file import open_regular
from .items import Item, as_data, from_data

_SCHEMA = 1
_MOST_BYTES = 1024 * 1024
_HOW = (
    "The conformance test of winops.volume_activation changed this machine and did not restore everything. Run the test again, which"
    " restores first, or run the commands in by_hand on the machine, the last one first. Then delete this file."
)


class RecordError(VolumeActivationError):
    """The record of a machine cannot be read or written. Nothing was changed since."""

    error_code = "record_unusable"
    category = "precondition"
    cause = "Without the record, nobody could restore the machine after an interrupted test."
    next_steps = ("Check the directory restore_path and the file that the message names, and run the task again.",)


@dataclass(frozen=True)
class RecordedMachine:
    """Which machine a record is about: its name in the inventory, and the name that it shows."""

    inventory_hostname: str
    computer_name: str


class RestoreRecord:
    """The record of one machine. `left` are the items that are not restored, in the order of their changes."""

    def __init__(self, path: Path, machine: RecordedMachine, left: Iterable[Item] = ()) -> None:
        self.path = path
        self._machine = machine
        self.left: tuple[Item, ...] = tuple(left)

    def note(self, items: Iterable[Item]) -> None:
        """Add items before they are changed. An item that is noted already keeps its first value. Raises RecordError."""
        known = {_place(item) for item in self.left}
        self._write((*self.left, *(item for item in items if _place(item) not in known)))

    def settle(self, items: Iterable[Item]) -> None:
        """Remove items that the machine shows as restored; without any left, the file is deleted. Raises RecordError."""
        gone = {_place(item) for item in items}
        self._write(tuple(item for item in self.left if _place(item) not in gone))

    def _write(self, left: tuple[Item, ...]) -> None:
        if left == self.left:
            return
        content = {"schema": _SCHEMA, "how": _HOW, **vars(self._machine), "left": [as_data(item) for item in left]}
        try:
            if left:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with AtomicFile(self.path) as file:
                    file.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise RecordError(f"The record {self.path} cannot be written: {error.strerror}.") from None
        self.left = left


def open_record(folder: str, machine: RecordedMachine) -> RestoreRecord:
    """Return the record of a machine in a directory, with what an earlier run left. Raises RecordError and UnsafePathError."""
    path = Path(resolved(folder)) / f"{quote(machine.inventory_hostname, safe='')[:200]}.json"
    resolved(str(path))
    try:
        with open_regular(path) as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES} bytes")
        data: Mapping[str, Any] = json.loads(content.decode("utf-8"))
        return RestoreRecord(path, machine, _read(data, machine))
    except FileNotFoundError:
        return RestoreRecord(path, machine)
    except OSError as error:
        raise RecordError(f"The record {path} cannot be read: {error.strerror}. The machine was not changed.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(f"The record {path} is not valid: {error}. The machine was not changed.") from None


def _read(data: Mapping[str, Any], machine: RecordedMachine) -> list[Item]:
    if data["schema"] != _SCHEMA:
        raise ValueError(f"it has the schema {str(data['schema'])[:20]}, and this version reads {_SCHEMA}")
    if str(data["computer_name"]).casefold() != machine.computer_name.casefold():
        raise ValueError(f"it is about the computer {str(data['computer_name'])[:64]}, and the machine is {machine.computer_name}")
    return [from_data(each) for each in data["left"]]


def _place(item: Item) -> tuple[Any, ...]:
    """Return what an item is about, without the value."""
    data = as_data(item)
    return (data["kind"], data.get("key"), data.get("name"))


__all__ = ["RecordError", "RecordedMachine", "RestoreRecord", "open_record"]
