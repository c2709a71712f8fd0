# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Explain a code of the batch activation service, or of the modules that ask it, in English or Japanese.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..._errors import ErrorExplanation
from ..catalog import CodeExplanation, entry_of, is_known
from ..errors import ServiceError
from . import japanese

CONTEXT = "batch_activation"
"""Name of the context in which a number is a code of the service, and not one of Windows."""

_NUMBER = re.compile("0[xX]([0-9a-fA-F]{1,8})")


def code_of(text: str) -> str:
    """Return a code as the catalog writes it: a number without leading zeros, such as 0x7F, and a word unchanged."""
    found = _NUMBER.fullmatch(text.strip())
    return f"0x{int(found[1], 16):X}" if found else text.strip()


def is_word(text: str) -> bool:
    """Whether a text is a code of the modules, which no code of Windows can be confused with."""
    return is_known(text.strip()) and _NUMBER.fullmatch(text.strip()) is None


def explain(text: str, language: str = "en") -> ErrorExplanation:
    """Return the explanation of a code. Raises ValueError for a text that is neither a hexadecimal number nor a code of the modules."""
    code = code_of(text)
    if not is_known(code) and _NUMBER.fullmatch(code) is None:
        raise ValueError(f"{text[:40]!r} is not a code of the batch activation service, such as 0x7F, nor one of the modules that ask it")
    english = ServiceError(code).explain()
    if language == "en":
        return english
    words = japanese.TRANSLATIONS.get(code, japanese.UNKNOWN)
    return replace(english, meaning=words.meaning, cause=words.cause, next_steps=words.next_steps)


def texts_of(code: str, language: str) -> CodeExplanation | japanese.Translation:
    """Return the meaning, the cause, and the next steps of a code of the catalog."""
    return entry_of(code) if language == "en" else japanese.TRANSLATIONS[code]
