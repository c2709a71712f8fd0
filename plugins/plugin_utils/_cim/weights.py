# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory the answers take that a task keeps.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A task that waits asks the same question again and again, and compares two answers at most, what was before and what is now. So the
last two answers to each question count, and the answers to different questions are added up.
"""

from __future__ import annotations


class Weights:
    """Bytes by the question they are the answer to. The answer to a write is not kept, so that it is not counted."""

    def __init__(self) -> None:
        self._former: dict[str, int] = {}
        self._now: dict[str, int] = {}
        self._question: str | None = None

    def forget(self) -> None:
        """Another task begins, which keeps nothing of the one before."""
        self._former, self._now = {}, {}

    def ask(self, question: str) -> None:
        """A question is asked, maybe not for the first time: its answer takes the place of the one before last."""
        self._question = question
        self._former[question] = self._now.get(question, 0)
        self._now[question] = 0

    def repeat(self) -> None:
        """The same question is sent once more, and what came of its answer is dropped."""
        if self._question is not None:
            self._now[self._question] = 0

    def write(self) -> None:
        """What comes next answers no question."""
        self._question = None

    def add(self, weight: int) -> int:
        """Count a part of the answer; the bytes of all that is kept, 0 for what is not kept."""
        if self._question is None:
            return 0
        self._now[self._question] += weight
        return sum(self._former.values()) + sum(self._now.values())


__all__ = ["Weights"]
