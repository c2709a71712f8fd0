# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extended product ID, by which Microsoft knows a product key without the key.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Its form: documentation of slmgr /dlv, and public clients of the batch activation service. That the second, third, and fourth group come
from the product key alone: public programs that write extended product IDs. Not verified with two machines. If the groups differ between
machines with the same key, Microsoft is asked more often, and no number is mistaken for that of another key.
"""

from __future__ import annotations

import re

PATTERN = re.compile(r"[0-9]{5}-[0-9]{5}-[0-9]{3}-[0-9]{6}-[0-9]{2}-[0-9]{1,5}-[0-9]{1,5}\.[0-9]{4}-[0-9]{7}")


def key_part(extended_pid: str) -> str:
    """Return the groups that are the same on all machines with the same product key; an empty text without them.

    The other groups are about the product, the language and the build of the machine, and the day of the installation.
    """
    return "-".join(extended_pid.split("-")[1:4])
