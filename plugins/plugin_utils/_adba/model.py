# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation objects of Active Directory: their attributes, and the data of a result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The attributes are those of the class msSPP-ActivationObject (MS-ADSC, and the schema file Sch48.ldf of Windows Server 2012). The licenses
of an object, which can have several MiB each, are never read. Administrators can change most attributes, so an object shows what somebody
wrote, and does not prove that Windows accepts it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...module_utils._visible import visible
from .._ldap.messages import DirectoryEntry
from .._ldap.model import read_time
from .._ldap.names import first_value
from .._licensing.catalog import coverage
from .._licensing.state.report import iso

OBJECT_CLASS = "msSPP-ActivationObject"
LONGEST_NAME = 64
"""Maximum number of characters of the name of an object: rangeUpper of cn in the schema of Active Directory."""

LONGEST_TEXT = 1024
"""Maximum number of characters of a text of a server. The schema of Active Directory permits at most 512."""

_SKU_ID, _PID, _PARTIAL_KEY, _KMS_IDS = "msSPP-CSVLKSkuId", "msSPP-CSVLKPid", "msSPP-CSVLKPartialProductKey", "msSPP-KMSIds"
ATTRIBUTES = (
    "objectClass", "objectGUID", "cn", "displayName", "whenCreated", "whenChanged", _SKU_ID, _PID, _PARTIAL_KEY, _KMS_IDS,
)  # fmt: skip
"""Everything that is read. Reading without names would transfer the licenses too."""

_CONFLICT = "\nCNF:"
"""In the name of an object that was created with the same name on two domain controllers, before the GUID (MS-DRSR, section 4.1.10.5)."""


@dataclass(frozen=True)
class ActivationObject:
    """One activation object. Attributes that the account cannot read are None.

    `name` is the cn, which can contain any character; `guid` the objectGUID. `activation_id` is the activation ID of the CSVLK, and
    `product_name` its product in the host matrix, None if the ID is not known.
    """

    dn: str
    guid: str
    name: str
    display_name: str | None = None
    activation_id: str | None = None
    product_name: str | None = None
    partial_product_key: str | None = None
    extended_pid: str | None = None
    kms_ids: tuple[str, ...] = ()
    created: datetime | None = None
    changed: datetime | None = None

    @property
    def is_conflict_copy(self) -> bool:
        """Whether replication renamed the object, because another object got the same name on another domain controller."""
        return _CONFLICT in self.name

    @property
    def shown_name(self) -> str:
        """The name as one line of visible text. A line feed is written as in a distinguished name."""
        return shown(self.name)

    @property
    def label(self) -> str:
        """The object for a message."""
        key = f" with the key ending in {visible(self.partial_product_key)}" if self.partial_product_key else ""
        product = f" of {self.product_name}" if self.product_name else ""
        return f"'{self.shown_name}'{product}{key}"

    def has_name(self, name: str) -> bool:
        """Return whether this is the name of the object, or its display name. A conflict copy has only its own name."""
        wanted = name.casefold()
        names = {self.name.casefold(), self.shown_name.casefold()}
        if self.display_name and not self.is_conflict_copy:
            names.add(self.display_name.casefold())
        return wanted in names


def shown(name: str) -> str:
    """Return a name as one line of visible text."""
    return visible(name.replace("\n", "\\0A").replace("\r", "\\0D"))


def of_entry(entry: DirectoryEntry, learned: Mapping[str, str]) -> ActivationObject | None:
    """Return the object of an entry, None for an entry of another class and for one without objectGUID.

    `learned` maps activation IDs to product names, beside those that the collection knows.
    """
    guid = _guid(entry, "objectGUID")
    if guid is None or OBJECT_CLASS.casefold() not in {name.casefold() for name in entry.texts("objectClass")}:
        return None
    activation_id = _guid(entry, _SKU_ID)
    return ActivationObject(
        dn=entry.dn,
        guid=guid,
        name=_text(entry, "cn") or first_value(entry.dn)[:LONGEST_TEXT],
        display_name=_text(entry, "displayName"),
        activation_id=activation_id,
        product_name=coverage.product_of_id(activation_id, learned),
        partial_product_key=_text(entry, _PARTIAL_KEY),
        extended_pid=_text(entry, _PID),
        # The server returns several values in no particular order.
        kms_ids=tuple(sorted(found for value in entry.values(_KMS_IDS) if (found := _as_guid(value)))),
        created=read_time(entry.text("whenCreated") or ""),
        changed=read_time(entry.text("whenChanged") or ""),
    )


def describe(found: ActivationObject, now: datetime) -> dict[str, Any]:
    """Return an object as the data of a result. `now` is the time from which its age is counted."""
    return {
        "name": found.shown_name,
        "display_name": visible(found.display_name or found.shown_name),
        "dn": visible(found.dn),
        "guid": found.guid,
        "activation_id": found.activation_id,
        "product_name": found.product_name,
        "partial_product_key": _visible(found.partial_product_key),
        "extended_pid": _visible(found.extended_pid),
        "kms_ids": list(found.kms_ids),
        "created_time": iso(found.created),
        "changed_time": iso(found.changed),
        "age_days": None if found.created is None else max(0, (now - found.created).days),
        "is_conflict_copy": found.is_conflict_copy,
    }


def _text(entry: DirectoryEntry, name: str) -> str | None:
    text = entry.text(name)
    return None if text is None else text[:LONGEST_TEXT]


def _visible(text: str | None) -> str | None:
    return None if text is None else visible(text)


def _guid(entry: DirectoryEntry, name: str) -> str | None:
    return next((_as_guid(value) for value in entry.values(name)), None)


def _as_guid(value: bytes) -> str | None:
    """Return the GUID of 16 bytes, whose first three fields have the byte order of Windows; None for any other value."""
    return str(uuid.UUID(bytes_le=value)) if len(value) == 16 else None


__all__ = ["ATTRIBUTES", "LONGEST_NAME", "OBJECT_CLASS", "ActivationObject", "describe", "of_entry", "shown"]
