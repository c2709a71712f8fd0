# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of the one family of errors, where the modules that run on a target can see it too.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations


class VolumeActivationError(Exception):
    """Anything this collection has to say when it cannot go on.

    The text is for people: what failed and what to do next. It never holds a full product key, a password or a TSIG secret.
    """
