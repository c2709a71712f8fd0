# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the recorded exchanges of a machine to the controller, without names, identities, and keys.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from ..._atomic_file import AtomicFile
from ..._cim.pseudonyms import Pseudonyms
from ..._errors import InvalidOptionsError
from ..._jobs.windows_conformance.model import Answers
from ..kept_path import resolved

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

_NAMES_OF_LICENSES = frozenset({"Name"})
_INDEX = "index.json"


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


def write_exchanges(folder: Path, host: str, answers: Answers, key: str | None) -> Path:
    """Write the exchanges of a machine below the directory, and return the directory of the machine.

    `key` makes the replacements equal for all machines of a run; without it they are different in every task. Raises
    InvalidOptionsError if a file cannot be written.
    """
    names = Pseudonyms(key.encode() if key else secrets.token_bytes(32), KEPT | _NAMES_OF_LICENSES)
    own = folder / names.learn(host)
    exchanges = [(name, exchange) for name, answer in answers.by_name.items() for exchange in answer.exchanges if exchange.request]
    for _name, exchange in exchanges:
        names.read(exchange.request)
        names.read(exchange.response)
    try:
        own.mkdir(mode=0o700, exist_ok=True)
        index = []
        for number, (name, exchange) in enumerate(exchanges, 1):
            entry = f"{number:03d}-{name}"
            _write(own / f"{entry}-request.xml", names.replaced(exchange.request))
            _write(own / f"{entry}-response.xml", names.replaced(exchange.response))
            index.append({"entry": entry, "question": name, "seconds": round(exchange.seconds, 3)})
        _write(own / _INDEX, json.dumps({"schema": 1, "exchanges": index}, indent=1).encode())
    except OSError as error:
        raise InvalidOptionsError(f"windows_conformance: exchange_path: {own} cannot be written: {error.strerror}.") from None
    return own


def _write(path: Path, content: bytes) -> None:
    with AtomicFile(path) as file:
        file.write(content.decode("utf-8"))


__all__ = ["folder_for", "write_exchanges"]
