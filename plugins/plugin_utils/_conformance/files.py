# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the recorded exchanges of a machine to the controller, without names, identities, and keys.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._atomic_file import AtomicFile
from .._cim.recording.pseudonyms import Pseudonyms
from .._edge.kept_path import resolved
from .._errors import InvalidOptionsError
from .model import Answers

KEPT = frozenset(
    [
        "ApplicationID",
        "BuildNumber",
        "Caption",
        "Description",
        "EventCode",
        "HotFixID",
        "ID",
        "LicenseDependsOn",
        "LicenseFamily",
        "LogfileName",
        "MachineURL",
        "Name",
        "OSLanguage",
        "ProcessorURL",
        "ProductKeyChannel",
        "ProductKeyURL",
        "RuleGroup",
        "SourceName",
        "State",
        "UseLicenseURL",
        "ValidationURL",
        "Version",
        "hDefKey",
        "sNames",
        "sSubKeyName",
        "sValueName",
    ]
)
"""The properties and arguments whose texts do not identify a machine."""

_ONLY_HERE = frozenset({"changes_left", "error", "failed", "restore_path", "warnings"})
"""What is for the user of the machine, and is not sent to others."""


def folder_for(path: str | None) -> Path | None:
    """Return the directory for the exchanges, which is created. Raises InvalidOptionsError and UnsafePathError before a machine is read."""
    if path is None:
        return None
    folder = Path(resolved(path))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidOptionsError(f"windows_conformance: exchange_path: {folder} cannot be created: {error.strerror}.") from None
    return folder


def names_of(host: str, answers: Answers, key: str | None) -> Pseudonyms:
    """Return the replacements for everything that identifies a machine in its answers, and for its name in the inventory.

    `key` makes the replacements equal for all machines of a run; without it they are different in every task.
    """
    names = Pseudonyms(key.encode() if key else secrets.token_bytes(32), KEPT)
    names.learn(host, whole=True)
    for exchange in answers.exchanges():
        names.read(exchange.request)
        names.read(exchange.response)
    return names


def shareable(host: str, result: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """Return the result of a machine as it can be sent to others: what the machine wrote is without names."""
    machine = result["machine"]
    kept = {name: value for name, value in result.items() if name not in _ONLY_HERE}
    return {
        **kept,
        "name": names.text(host),
        "msg": names.text(result["msg"]),
        "steps": [{**each, "description": names.text(each["description"])} for each in result["steps"]],
        "machine": None if machine is None else {**machine, "computer_name": names.text(machine["computer_name"] or "")},
        "assumptions": [{**each, "seen": names.text(each["seen"])} for each in result["assumptions"]],
        "questions": [{**each, "error_text": each["error_text"] and names.text(each["error_text"])} for each in result["questions"]],
    }


def write_exchanges(folder: Path, host: str, answers: Answers, names: Pseudonyms) -> Path:
    """Write the exchanges of a machine below the directory, and return the directory of the machine.

    Raises InvalidOptionsError if a file cannot be written.
    """
    own = folder / names.text(host)
    exchanges = [(name, exchange) for name, answer in answers.by_name.items() for exchange in answer.exchanges if exchange.request]
    try:
        own.mkdir(mode=0o700, exist_ok=True)
        for number, (name, exchange) in enumerate(exchanges, 1):
            _write(own / f"{number:03d}-{name}-request.xml", names.replaced(exchange.request))
            _write(own / f"{number:03d}-{name}-response.xml", names.replaced(exchange.response))
    except OSError as error:
        raise InvalidOptionsError(f"windows_conformance: exchange_path: {own} cannot be written: {error.strerror}.") from None
    return own


def _write(path: Path, content: bytes) -> None:
    with AtomicFile(path) as file:
        file.write(content.decode("utf-8"))


__all__ = ["folder_for", "names_of", "shareable", "write_exchanges"]
