# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a task: what is requested for whom. What is wrong with one record does not affect the others.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A record with a product key stops the whole task: it is not sent and not shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import _phone
from .._extended_pid import key_part
from .errors import ServiceError
from .host_keys import is_host_key
from .message import Question
from .options import extended_pid_of, refuse, resembles_key

_IDS = ("extended_pid", "installation_id", "confirmation_id")
_DASH = r"[ \t]{0,2}[-\u00ad\u2010-\u2015\u2212][ \t]{0,2}"
_DASHED_KEY = re.compile(rf"[A-Za-z0-9]{{5}}(?:{_DASH}[A-Za-z0-9]{{5}}){{4}}")
_GROUP = "[BCDFGHJKMNPQRTVWXYbcdfghjkmnpqrtvwxy2346789]{5}"
_OTHER_KEY = re.compile(rf"(?<![A-Za-z0-9]){_GROUP}(?:[\W_]{{0,6}}{_GROUP}){{4}}(?![A-Za-z0-9])")
"""A key of the alphabet of product keys, without dashes: in one word, or with other characters between its groups."""
_NO_HEXADECIMAL = re.compile("[G-Zg-z]")


@dataclass(frozen=True)
class IdRequest:
    """A record: the values as they were given, and the question, or the error if there cannot be one.

    `installation_id` are the digits of a record with a confirmation ID, which has no question; empty if they are not valid.
    """

    given: Mapping[str, Any]
    question: Question | None = None
    confirmation_id: str = ""
    error: ServiceError | None = None
    installation_id: str = ""

    @property
    def name(self) -> str:
        """The name of the record in messages."""
        return str(self.given.get("machine") or self.given.get("installation_id") or "a record")[:80]

    @property
    def mak(self) -> str:
        """What identifies the MAK: the last five characters of the key, or a part of the extended product ID."""
        partial = str(self.given.get("partial_product_key") or "").strip().upper()
        return partial or key_part(self.question.extended_pid if self.question else "")


def requests_of(records: Sequence[Mapping[str, Any]]) -> list[IdRequest]:
    """Return the records. Raises InvalidOptionsError for a product key, without showing it."""
    refuse([f"records[{number}] contains a product key, which is never sent" for number, record in enumerate(records) if _has_key(record)])
    return [_request(record) for record in records]


def _request(given: Mapping[str, Any]) -> IdRequest:
    texts = {name: str(given.get(name) or "").strip() for name in _IDS}
    if texts["confirmation_id"]:
        digits, _defect = _installation_id(texts["installation_id"])
        return IdRequest(given, None, _digits(texts["confirmation_id"]), installation_id=digits)
    if is_host_key(str(given.get("activation_id") or "")):
        return IdRequest(given, error=ServiceError("kms_host_key"))
    digits, defect = _installation_id(texts["installation_id"])
    if defect:
        return IdRequest(given, error=ServiceError("invalid_installation_id", f"The installation ID is not valid: {defect}."))
    if not texts["extended_pid"]:
        return IdRequest(given, error=ServiceError("no_extended_pid"))
    try:
        return IdRequest(given, Question(extended_pid_of(texts["extended_pid"]), digits))
    except ValueError as error:
        return IdRequest(given, error=ServiceError("invalid_extended_pid", f"{error}."))


def _installation_id(text: str) -> tuple[str, str | None]:
    """Return the digits of an installation ID, and what is wrong with them. The digits are empty for a text that is not one."""
    try:
        digits = _phone.installation_digits_of(text)
    except ValueError as error:
        return "", str(error)
    return digits, _phone.installation_id_defect(digits)


def _digits(text: str) -> str:
    """Return the digits of a confirmation ID. A text that is not one is returned unchanged: the file has it, and the deposit reports it."""
    try:
        return _phone.digits_of(text)
    except ValueError:
        return text


def _has_key(record: Mapping[str, Any]) -> bool:
    return any(resembles_key(str(record.get(name) or "")) for name in _IDS) or any(map(_holds_key, _texts(record)))


def _holds_key(text: str) -> bool:
    """Whether a text that is not sent contains a product key, which the result would show. Wide letters are read as narrow ones."""
    plain = unicodedata.normalize("NFKC", text)
    found = (*_DASHED_KEY.findall(plain), *_OTHER_KEY.findall(plain))
    return any(map(_NO_HEXADECIMAL.search, found))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name)
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
    else:
        yield str(value)
