# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the registry over WMI (StdRegProv): what no licensing class shows.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Everything here is below HKEY_LOCAL_MACHINE. StdRegProv answers with Win32 codes, 2 for a key or value that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._cim.session import CimError, CimInstance, CimPath, CimSession, CimValue

REGISTRY = CimPath("StdRegProv", {}, "root/default")
CURRENT_VERSION = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
SPP_KEY = rf"{CURRENT_VERSION}\SoftwareProtectionPlatform"
"""Where Windows 7, Server 2008 R2 and later keep the settings of the licensing service."""

SPP_KEY_32 = r"SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
"""The same key as 32-bit programs see it; there is none on a 32-bit Windows."""

_HKLM = 0x80000002
_NOT_FOUND = 2


def multi_string(session: CimSession, key: str, name: str) -> tuple[str, ...] | None:
    """A REG_MULTI_SZ value, None when it is not there. Raises CimError for another type and for a refusal."""
    found = _ask(session, "GetMultiStringValue", key, name)
    return None if found is None else found.texts("sValue")


def string(session: CimSession, key: str, name: str) -> str | None:
    """A REG_SZ value, None when it is not there or empty. Raises CimError for another type and for a refusal."""
    found = _ask(session, "GetStringValue", key, name)
    return None if found is None else found.text("sValue")


def dword(session: CimSession, key: str, name: str) -> int | None:
    """A REG_DWORD value, None when it is not there. Raises CimError for another type and for a refusal."""
    found = _ask(session, "GetDWORDValue", key, name)
    return None if found is None else found.integer("uValue")


def has_key(session: CimSession, key: str) -> bool:
    """Whether a key is there."""
    return _ask(session, "EnumKey", key) is not None


def write_string(session: CimSession, key: str, name: str, value: str) -> None:
    """Write a REG_SZ value at once. Raises CimError and CimUncertain."""
    session.invoke(REGISTRY, "SetStringValue", text_arguments(key, name, value))


def delete(session: CimSession, key: str, name: str) -> None:
    """Remove a value; one that is not there is no failure. Raises CimError and CimUncertain."""
    try:
        session.invoke(REGISTRY, "DeleteValue", {**place(key), "sValueName": name})
    except CimError as error:
        if error.code != _NOT_FOUND:
            raise


def _ask(session: CimSession, method: str, key: str, name: str | None = None) -> CimInstance | None:
    arguments: Mapping[str, CimValue] = {**place(key), **({} if name is None else {"sValueName": name})}
    try:
        return session.invoke(REGISTRY, method, arguments, read_only=True).outputs
    except CimError as error:
        if error.code == _NOT_FOUND:
            return None
        raise


def text_arguments(key: str, name: str, value: str) -> dict[str, CimValue]:
    """The arguments of SetStringValue."""
    return {**place(key), "sValueName": name, "sValue": value}


def place(key: str) -> dict[str, CimValue]:
    """The arguments that name a key."""
    return {"hDefKey": _HKLM, "sSubKeyName": key}
