# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert data and errors for the filters of proxy activation, and reject or mask product keys.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A file of records can be edited manually. A file with a full product key is rejected, and a text that looks like a template is not
evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleFilterError

from .._edge.redact import mask_deep, mask_keys
from .._task_results import registered
from .formats import cil as as_cil
from .keys import HOLDS_A_KEY, holds_key
from .model import EXTRA, ProxyRecord, record_of
from .problems import ProxyError


@contextmanager
def filter_errors(name: str) -> Iterator[None]:
    """Convert a ProxyError to the error of a filter, with masked product keys."""
    try:
        yield
    except ProxyError as error:
        raise AnsibleFilterError(mask_keys(f"{name}: {error}")) from None


def refuse_keys(text: str) -> None:
    """Raise ProxyError for a text with a full product key; the message contains the element of a list of VAMT, or the line."""
    if not holds_key(text):
        return
    as_cil.refuse_keys(text)
    for number, line in enumerate(text.splitlines(), start=1):
        if holds_key(line):
            raise ProxyError(f"line {number} {HOLDS_A_KEY}")
    raise ProxyError(f"the file {HOLDS_A_KEY}")


def refuse_keys_in(records: Sequence[ProxyRecord]) -> None:
    """Raise ProxyError for records with a full product key, which a file format can write in another form."""
    for number, record in enumerate(records, start=1):
        plain = record.as_dict()
        if mask_deep(plain) != plain:
            raise ProxyError(f"record {number} {HOLDS_A_KEY}")


def without_keys(record: ProxyRecord) -> ProxyRecord:
    """Return the record with every full product key reduced to its last five characters."""
    plain = record.as_dict()
    masked = mask_deep(plain)
    return record if masked == plain else record_of(masked, f"record of {record.machine}", masked[EXTRA])


def records_of(value: Any, name: str = "the records") -> list[ProxyRecord]:
    """Return the records of plain data, as from_proxy_file returns it. Raises ProxyError."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise ProxyError(f"{name} must be a list, as from_proxy_file returns it.")
    return [_record(item, f"record {number}") for number, item in enumerate(value, start=1)]


def _record(item: Any, where: str) -> ProxyRecord:
    if not isinstance(item, Mapping):
        raise ProxyError(f"{where} is not a dictionary, as from_proxy_file returns it.")
    extra = item.get(EXTRA) or {}
    return record_of(item, where, extra if isinstance(extra, Mapping) else {})


def plain(records: Sequence[ProxyRecord]) -> list[dict[str, Any]]:
    """Return records as plain data."""
    return [record.as_dict() for record in records]


def left_by(variables: Mapping[str, Mapping[str, Any]], machine: str, *names: str) -> list[Any]:
    """The variables that tasks left on a machine; None where they did not run.

    Ansible computes all variables of a machine at every access, so they are accessed once.
    """
    if machine not in variables:
        return [None] * len(names)
    own = variables[machine]
    return [registered(own.get(name)) for name in names]
