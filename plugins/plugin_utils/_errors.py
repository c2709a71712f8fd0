# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error family of this collection.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Every room raises a subclass of :class:`VolumeActivationError`; `_action.py` is the only place that
translates one into an Ansible result.
"""

from __future__ import annotations

from ..module_utils._errors import VolumeActivationError


class UnreachableError(VolumeActivationError):
    """The machine could not be asked at all: refused or dropped connection, TLS failure, wrong credentials."""


__all__ = ["UnreachableError", "VolumeActivationError"]
