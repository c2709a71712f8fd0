# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions for questions to the batch activation service.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any

from .._errors import ErrorExplanation, VolumeActivationError
from .._visible import visible
from .catalog import LOST, NOT_SENT, TRANSIENT, entry_of, is_known, source_of


class ServiceError(VolumeActivationError):
    """A question has no answer. `error_code` has an entry in the catalog, `detail` is what is known beyond it."""

    def __init__(self, error_code: str, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{error_code}: {entry_of(error_code).meaning}" + (f" {detail}" if detail else ""), error_code=error_code)

    @property
    def is_not_sent(self) -> bool:
        """Whether the question did not reach the service, which therefore cannot have counted an activation."""
        return self.error_code in NOT_SENT

    @property
    def is_lost(self) -> bool:
        """Whether the question might have reached the service, which might have counted an activation."""
        return self.error_code in LOST or not is_known(self.error_code)

    def explain(self) -> ErrorExplanation:
        """Return the explanation of the error code, with the detail."""
        entry = entry_of(self.error_code)
        return ErrorExplanation(
            code=self.error_code,
            symbol=None,
            meaning=f"{entry.meaning} {self.detail}" if self.detail else entry.meaning,
            cause=entry.cause,
            next_steps=entry.next_steps,
            category=entry.category,
            transient=self.error_code in TRANSIENT,
            source=source_of(self.error_code),
            known=is_known(self.error_code),
        )


def words_of(error: Exception) -> str:
    """Return an error of the operating system or of a library in a few words."""
    if isinstance(error, TimeoutError):
        return "no response in time"
    strerror: Any = getattr(error, "strerror", None)
    return visible(str(strerror or error) or type(error).__name__)[:200].rstrip(".")
