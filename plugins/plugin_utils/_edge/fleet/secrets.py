# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hides the passwords of many machines in their records.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A machine knows the password with basic authentication, and could send it back in a text. A search for all its forms would take most of the
processor time of the task, so it is only made if the password itself is in the record, as it is or in base64.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from ..._records.model import LONGEST_LINE, Record
from ..misplaced import SHORTEST_SECRET
from ..secrets import SecretMask

_SECRET_OPTION = re.compile(r"pass(word|wd)?$|pass_|password")
_IN_URL = re.compile(r"://[^/@\s]*?:([^/@\s]+)@")


class HostMask:
    """Hides the secrets of one machine, and those of the task, in a result."""

    def __init__(self, secrets: frozenset[str], task_mask: SecretMask) -> None:
        self._task_mask = task_mask
        self._secrets = secrets
        forms = {form for secret in secrets for form in _forms(secret)}
        self._found = re.compile("|".join(map(re.escape, sorted(forms))), re.IGNORECASE) if forms else None

    def record(self, name: str, result: Mapping[str, Any]) -> tuple[Record, str]:
        """Return the record of a result, safe to show and without secrets and full product keys, and its line of a record file."""
        now = datetime.now(timezone.utc)
        record = Record(name, now, self._task_mask.apply(result))
        line = record.line()
        if self._found is not None and self._found.search(line):
            record = Record(name, now, SecretMask(self._secrets).apply(record.result))
            line = record.line()
        if len(line) > LONGEST_LINE:
            record = record.limited()
            line = record.line()
        return record, line


def secrets_of(options: Iterable[tuple[str, Any]]) -> frozenset[str]:
    """Return the passwords in the options of a connection."""
    found: set[str] = set()
    for name, value in options:
        if isinstance(value, str):
            found.update([str(value)] if _SECRET_OPTION.search(name) else _IN_URL.findall(value))
    return frozenset(secret for secret in found if len(secret) >= SHORTEST_SECRET)


def mask_of_hosts(task_mask: SecretMask) -> Any:
    """Return a function from secrets to their mask. Machines with the same password share one mask."""
    return lru_cache(maxsize=256)(lambda secrets: HostMask(secrets, task_mask))


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms of a secret in a line: as JSON, and in base64 at each of the three positions that it can have in a text."""
    yield json.dumps(secret)[1:-1]
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + secret.encode()).decode()
        inner = whole[4 if shift else 0 : -4]
        if len(inner) >= SHORTEST_SECRET:
            yield inner


__all__ = ["HostMask", "mask_of_hosts", "secrets_of"]
