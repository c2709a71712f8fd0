# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the schema says of an activation object: its attributes, their syntax, and what a change may do to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from winlab.directory.messages import Outcome

OBJECT, CONTAINER = "msSPP-ActivationObject", "msSPP-ActivationObjectsContainer"
NO_SUCH_OBJECT, NAMING, CLASS_VIOLATION, NOT_LEAF, EXISTS, UNWILLING = 32, 64, 65, 66, 68, 53
UNKNOWN_ATTRIBUTE, CONSTRAINT, VALUE_TWICE, WRONG_SYNTAX, WRONG_NAME = 16, 19, 20, 21, 34
BLOBS = ("msSPP-OnlineLicense", "msSPP-PhoneLicense", "msSPP-ConfigLicense", "msSPP-IssuanceLicense")
MUST = ("msSPP-KMSIds", "msSPP-CSVLKSkuId", "msSPP-CSVLKPid", "msSPP-CSVLKPartialProductKey")
_TEXTS = {"msSPP-CSVLKPid": 512, "msSPP-InstallationId": 512, "msSPP-ConfirmationId": 512, "displayName": 256, "description": 1024}
MAY = (*BLOBS, "msSPP-InstallationId", "msSPP-ConfirmationId", "displayName", "description")
GIVEN = ("objectClass", "cn", "name", "showInAdvancedViewOnly", "objectCategory", "distinguishedName", "instanceType")
_KNOWN = {name.casefold(): name for name in (*MUST, *MAY, *GIVEN)}
SUPERIORS = {OBJECT: ("top", OBJECT), CONTAINER: ("top", CONTAINER)}
Attributes = Mapping[str, Sequence[bytes]]


class LdapError(Exception):
    """An operation ends with this outcome."""

    def __init__(self, code: int, text: str, matched: str = "", referrals: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.outcome = Outcome(code, text, matched, referrals)


def check_values(attributes: Attributes) -> None:
    """Raise LdapError for values that an activation object cannot have."""
    for name, values in attributes.items():
        if len(set(values)) != len(values):
            raise LdapError(VALUE_TWICE, f"{name}: the same value twice")
        if name not in ("msSPP-KMSIds", "objectClass") and len(values) > 1:
            raise LdapError(CONSTRAINT, f"{name} has a single value")
        for value in values:
            _check_value(name, value)


def _check_value(name: str, value: bytes) -> None:
    if name in ("msSPP-KMSIds", "msSPP-CSVLKSkuId") and len(value) != 16:
        raise LdapError(WRONG_SYNTAX, f"{name} has 16 octets, not {len(value)}")
    if name in _TEXTS or name == "msSPP-CSVLKPartialProductKey":
        try:
            length = len(value.decode())
        except UnicodeDecodeError:
            raise LdapError(WRONG_SYNTAX, f"{name} is text in UTF-8") from None
        if length != 5 if name == "msSPP-CSVLKPartialProductKey" else not 1 <= length <= _TEXTS[name]:
            raise LdapError(WRONG_SYNTAX, f"{name} has another length")


def change_values(attributes: dict[str, list[bytes]], operation: int, name: str, values: Sequence[bytes]) -> None:
    """Add (0), delete (1) or replace (2) values of an attribute; raises LdapError."""
    if name == "objectClass":
        raise LdapError(CLASS_VIOLATION, "the class of an object does not change")
    if name in GIVEN:
        raise LdapError(UNWILLING, f"{name} cannot be changed")
    if operation == 2:
        attributes[name] = list(values)
    elif operation == 0:
        attributes[name] = [*attributes.get(name, ()), *values]
    elif not attributes.get(name) or any(value not in attributes[name] for value in values):
        raise LdapError(UNKNOWN_ATTRIBUTE, f"{name} has no such value")
    else:
        attributes[name] = [value for value in attributes[name] if values and value not in values]


def spelled(name: str) -> str:
    """An attribute as the schema spells it; raises LdapError for one that an activation object does not have."""
    known = _KNOWN.get(name.casefold())
    if known is None:
        raise LdapError(UNKNOWN_ATTRIBUTE, f"there is no attribute {name}")
    return known
