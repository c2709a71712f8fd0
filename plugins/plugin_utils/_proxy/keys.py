# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find full product keys in the texts of a file.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re

from .._edge.redact import KEY_LENGTH, mask_keys

HOLDS_A_KEY = "contains a full product key. Remove the key from the file, which needs only its last five characters."

# An ID in groups of five digits with hyphens would have the form of a key, but a key has a letter. With spaces, digits can belong to a key.
_DIGITS_ONLY = re.compile(r"(?<![A-Za-z0-9-])\d+(?:[ \t]{0,2}-[ \t]{0,2}\d+){4,}(?![A-Za-z0-9-])")


def holds_key(text: str) -> bool:
    """Return whether a text contains a full product key. A masked key, such as XXXXX-XXXXX-XXXXX-XXXXX-TTWX3, is not one."""
    if len(text) < KEY_LENGTH or text.isdigit():
        return False
    bare = _DIGITS_ONLY.sub("", text)
    return mask_keys(bare) is not bare
