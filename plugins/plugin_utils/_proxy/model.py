# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record of MAK proxy activation: one product of one machine, its installation ID, and its confirmation ID from Microsoft.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ...module_utils import _phone as phone
from .._licensing.state.model import Application
from .problems import InvalidFieldError
from .texts import NO_NUMBER, is_number, line_of, spelled, text_of

_GUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LAST_FIVE = re.compile("[A-Z0-9]{5}")
_EXTENDED_PID = re.compile("[0-9]+(?:[.-][0-9]+)+")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_APPLICATIONS = tuple(application.value for application in Application)
_IDS = ("installation_id", "confirmation_id")
EXTRA = "extra"


@dataclass(frozen=True)
class ProxyRecord:
    """One product of one machine; `machine` is its name in the inventory, `computer_name` the name that it reports.

    Both IDs contain digits only. An invalid `confirmation_id` is kept as it was written, so that the user can correct it.
    `partial_product_key` are the last five characters, `extended_pid` is what identifies the MAK to Microsoft without its key.
    `collected_time` is when the installation ID was read, ISO 8601 in UTC.
    An empty text means "not known". `extra` contains columns that the user added, sorted by name.
    """

    machine: str
    computer_name: str = ""
    application: str = Application.WINDOWS.value
    product_name: str = ""
    activation_id: str = ""
    partial_product_key: str = ""
    extended_pid: str = ""
    installation_id: str = ""
    confirmation_id: str = ""
    collected_time: str = ""
    note: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def answered(self) -> bool:
        """Whether the record has a confirmation ID, valid or not."""
        return bool(self.confirmation_id)

    @property
    def identity(self) -> tuple[str, str]:
        """Return what the confirmation ID belongs to: the application and the installation ID."""
        return self.application, self.installation_id

    @property
    def subject(self) -> tuple[str, str, str]:
        """Return the machine, the application, and the activation ID of the record, which do not depend on hardware and key."""
        return self.machine.casefold(), self.application, self.activation_id

    @property
    def age(self) -> str:
        """Return a sort key by the time of the collection. A record without a time is older than all others."""
        return self.collected_time if _TIME.fullmatch(self.collected_time) else ""

    def as_written(self) -> dict[str, str]:
        """Return the fields as in a file: IDs with hyphens between their groups."""
        return {name: spelled(getattr(self, name)) if name in _IDS else getattr(self, name) for name in FIELDS}

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {name: getattr(self, name) for name in FIELDS} | {EXTRA: dict(self.extra)}


FIELDS = tuple(field.name for field in fields(ProxyRecord) if field.name != EXTRA)
"""Columns of a file in their order."""

NEEDED = ("machine", "installation_id", "confirmation_id")
"""Columns that a file must have; the values of the last one can be empty."""

_BY_SPELLING = {name.replace("_", ""): name for name in FIELDS}


def field_named(title: str) -> str | None:
    """Return the field for a column title, or None for another title. Case, spaces, hyphens, and underscores do not matter."""
    return _BY_SPELLING.get(re.sub(r"[\W_]+", "", title.casefold()))


def record_of(values: Mapping[str, Any], where: str, extra: Mapping[str, Any] | None = None) -> ProxyRecord:
    """Return a record of texts, normalized and validated; `where` is its name in messages. Raises InvalidFieldError."""
    texts = {name: _text(values.get(name), where, name) for name in FIELDS}
    lines = {name: line_of(text) for name, text in texts.items()}
    if not lines["machine"]:
        raise InvalidFieldError(where, "machine", "the value is empty, and must be the name of the machine in the inventory")
    where = f"{where} ({lines['machine'][:60]})"
    return ProxyRecord(
        machine=lines["machine"],
        computer_name=lines["computer_name"],
        application=_application(lines["application"], where),
        product_name=lines["product_name"],
        activation_id=_shaped(lines["activation_id"].strip("{}").lower(), _GUID, where, "activation_id"),
        partial_product_key=_shaped(lines["partial_product_key"].upper(), _LAST_FIVE, where, "partial_product_key"),
        extended_pid=_shaped(lines["extended_pid"], _EXTENDED_PID, where, "extended_pid"),
        installation_id=_installation_id(lines["installation_id"], where),
        confirmation_id=_confirmation_id(lines["confirmation_id"]),
        collected_time=lines["collected_time"],
        note=text_of(texts["note"]),
        extra=_extra(extra or {}, where),
    )


def _text(value: Any, where: str, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidFieldError(where, name, "the value must be a text in quotation marks")
    return value


def _application(text: str, where: str) -> str:
    wanted = text.casefold() or Application.WINDOWS.value
    if wanted not in _APPLICATIONS:
        raise InvalidFieldError(where, "application", f"the value is {text[:40]!r}, and must be {' or '.join(_APPLICATIONS)}")
    return wanted


def _shaped(text: str, shape: re.Pattern[str], where: str, name: str) -> str:
    if text and not shape.fullmatch(text):
        raise InvalidFieldError(where, name, "the value does not have the expected form. Restore the original value, or leave it empty")
    return text


def _installation_id(text: str, where: str) -> str:
    if is_number(text):
        raise InvalidFieldError(where, "installation_id", NO_NUMBER)
    try:
        digits = phone.installation_digits_of(text)
    except ValueError as error:
        raise InvalidFieldError(where, "installation_id", str(error)) from None
    defect = phone.installation_id_defect(digits)
    if defect:
        raise InvalidFieldError(where, "installation_id", f"{defect}. Collect it again, or take the row from a complete copy of the file")
    return digits


def _confirmation_id(text: str) -> str:
    """Return the digits, or an empty text for a placeholder such as a dash. Any other text is returned unchanged."""
    if not any(character.isalnum() for character in text):
        return ""
    try:
        return phone.digits_of(text)
    except ValueError:
        return text


def _extra(extra: Mapping[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    cleaned = {line_of(title): text_of(_text(value, where, title)) for title, value in extra.items()}
    for title in cleaned:
        if field_named(title):
            raise InvalidFieldError(where, title, "this name is reserved and cannot be the name of a column of your own")
    return tuple(sorted((title, value) for title, value in cleaned.items() if title and value))


@dataclass(frozen=True)
class Row:
    """A record of a file before validation: texts by field, extra columns, and its place in the file for messages."""

    where: str
    values: Mapping[str, Any]
    extra: Mapping[str, Any]
