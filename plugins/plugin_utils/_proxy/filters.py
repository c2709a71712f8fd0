# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge of the filters for proxy activation: plain data in and out, errors in Ansible's shape, and no product key either way.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A file of records was carried about and edited by people. A product key somebody pasted into it is refused, and what looks like a
template in it stays the text that it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleFilterError

from .._edge.redact import mask_deep, mask_keys
from .model import EXTRA, ProxyRecord, record_of
from .problems import ProxyError

_HOLDS_A_KEY = "holds a full product key: take it out of the file, which needs its last five characters at most"

# An ID in groups of five digits would have the form of a key, and digits alone are none.
_DIGITS_ONLY = re.compile(r"(?<![A-Za-z0-9-])\d[\d \t-]*\d(?![A-Za-z0-9-])")


@contextmanager
def filter_errors(name: str) -> Iterator[None]:
    """What this collection has to say, as the error of a filter; the text holds no product key."""
    try:
        yield
    except ProxyError as error:
        raise AnsibleFilterError(mask_keys(f"{name}: {error}")) from None


def refuse_keys(text: str) -> None:
    """Raise ProxyError for a text with a full product key in it; the message says where."""
    bare = _DIGITS_ONLY.sub("", text)
    if mask_keys(bare) is bare:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _DIGITS_ONLY.sub("", line)
        if mask_keys(bare) is not bare:
            raise ProxyError(f"line {number} {_HOLDS_A_KEY}")
    raise ProxyError(f"the file {_HOLDS_A_KEY}")


def refuse_keys_in(records: Sequence[ProxyRecord]) -> None:
    """The same for records, in which a file may have spelled a key in a way of its own."""
    for number, record in enumerate(records, start=1):
        plain = record.as_dict()
        if mask_deep(plain) != plain:
            raise ProxyError(f"record {number} {_HOLDS_A_KEY}")


def without_keys(record: ProxyRecord) -> ProxyRecord:
    """The record with every full product key in it cut down to its last five characters."""
    plain = record.as_dict()
    masked = mask_deep(plain)
    return record if masked == plain else record_of(masked, f"record of {record.machine}", masked[EXTRA])


def records_of(value: Any, name: str = "the records") -> list[ProxyRecord]:
    """Records out of plain data, as from_proxy_file gives them. Raises ProxyError."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise ProxyError(f"{name} have to be a list, as from_proxy_file gives it")
    return [_record(item, f"record {number}") for number, item in enumerate(value, start=1)]


def _record(item: Any, where: str) -> ProxyRecord:
    if not isinstance(item, Mapping):
        raise ProxyError(f"{where} is no dictionary, as from_proxy_file gives it")
    extra = item.get(EXTRA) or {}
    return record_of(item, where, extra if isinstance(extra, Mapping) else {})


def plain(records: Sequence[ProxyRecord]) -> list[dict[str, Any]]:
    """Records as plain data."""
    return [record.as_dict() for record in records]


def left_by(variables: Mapping[str, Mapping[str, Any]], machine: str, *names: str) -> list[Any]:
    """The variables that tasks left on a machine; None where they did not run.

    Ansible works out all variables of a machine each time somebody asks for it, so that they are asked for once.
    """
    if machine not in variables:
        return [None] * len(names)
    own = variables[machine]
    return [own.get(name) for name in names]
