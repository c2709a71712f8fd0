# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a file of installation IDs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._errors import VolumeActivationError

_MOST_TOLD = 10


class ProxyError(VolumeActivationError):
    """A file of installation IDs, or what was to go into one, cannot be used; the text says where and what to do."""


class InvalidFieldError(ProxyError):
    """One field of one record. `where` names the record as a person finds it in the file, `field` is its column."""

    def __init__(self, where: str, field: str, why: str) -> None:
        self.where = where
        self.field = field
        super().__init__(f"{where}, {field}: {why}")


class InvalidRecordsError(ProxyError):
    """Records of a file that cannot be used, in the order of the file; nothing of the file is taken then."""

    def __init__(self, found: Sequence[InvalidFieldError]) -> None:
        self.found = tuple(found)
        told = "; ".join(str(error) for error in found[:_MOST_TOLD])
        more = f"; and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
        super().__init__(f"{told}{more}.")
