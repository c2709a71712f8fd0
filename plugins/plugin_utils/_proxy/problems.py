# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions for files of installation IDs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._errors import VolumeActivationError

_MOST_SHOWN = 10


class ProxyError(VolumeActivationError):
    """A file of installation IDs, or data for such a file, cannot be used. The message contains the place and the next step."""


class FullProductKeyError(ProxyError):
    """A file contains a full product key. The message contains the place, and never the key."""


class InvalidFieldError(ProxyError):
    """One field of one record is invalid. `where` is the place of the record in the file, `field` is its column."""

    def __init__(self, where: str, field: str, reason: str) -> None:
        self.where = where
        self.field = field
        super().__init__(f"{where}, {field}: {reason.rstrip('.')}.")


class InvalidRecordsError(ProxyError):
    """Records of a file cannot be used, in the order of the file. No other record of the file is used."""

    def __init__(self, found: Sequence[InvalidFieldError]) -> None:
        self.found = tuple(found)
        shown = "; ".join(str(error).rstrip(".") for error in found[:_MOST_SHOWN])
        more = f"; and {len(found) - _MOST_SHOWN} more" if len(found) > _MOST_SHOWN else ""
        super().__init__(f"{shown}{more}.")
