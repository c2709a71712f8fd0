# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record the state of a file when a run begins, to detect that another process changed the file during the run.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The state consists of digests, because the file can have a hundred thousand records, and the state is kept for the whole run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from . import files
from .model import ProxyRecord
from .problems import ProxyError

_SHORT = 16
"""Hexadecimal digits of the digest of a record. With a hundred thousand records, two digests are equal in one of a billion files."""


@dataclass(frozen=True)
class FileState:
    """The content of a file: `checksum` is SHA-256 of its text, `digests` has a short digest for each record."""

    checksum: str
    digests: frozenset[str]


def state_of(text: str) -> FileState:
    """Return the state of a file with this text. A file that does not exist has an empty text. Raises ProxyError."""
    return FileState(_checksum(text), frozenset(map(_digest, files.read(text))))


def given(value: Mapping[str, object]) -> FileState:
    """Return the state of plain data. Raises ProxyError."""
    checksum, digests = value.get("checksum"), value.get("digests")
    if not isinstance(checksum, str) or not isinstance(digests, (list, tuple)):
        raise ProxyError("the state of the file at the start of the run must be a result of proxy_file_state.")
    return FileState(checksum, frozenset(map(str, digests)))


def changed_machines(text: str, before: FileState) -> tuple[str, ...]:
    """Return the machines whose records are new or different since then, in the order of the file.

    Raises ProxyError if the file cannot be read any more.
    """
    changed = [record.machine for record in files.read(text) if _digest(record) not in before.digests]
    return tuple(dict.fromkeys(changed))


def _checksum(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(record: ProxyRecord) -> str:
    return _checksum(json.dumps(record.as_dict(), sort_keys=True))[:_SHORT]
