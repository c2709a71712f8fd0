# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs from one generation of Windows licensing to another, as far as a machine that was read is concerned.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Reading a machine decides its generation, once; whoever needs something that differs asks the generation and not the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from ..catalog.errors import ErrorExplanation, explain
from . import phone


class Generation(Protocol):
    """How Windows itself is licensed on one machine."""

    @property
    def name(self) -> str:
        """A short fixed word."""

    @property
    def has_service(self) -> bool:
        """Whether there is a licensing service: with editions, KMS settings, policies and events of its own."""

    def explain(self, code: int) -> ErrorExplanation:
        """What a code means that the machine returned for a key or an activation."""

    def explain_deposit(self, confirmation_id: str, code: int) -> tuple[ErrorExplanation, str]:
        """Why a confirmation ID was not accepted, and what to add to the sentence about it, empty for nothing."""

    def describe(self) -> Mapping[str, Any] | None:
        """What it reports where others have a licensing service, as the plain data of a result; None when it has one."""

    def remarks(self) -> tuple[str, ...]:
        """What a person should know of this machine before it is activated, as sentences."""


class _SoftwareProtection:
    """The Software Protection Platform of Windows Vista and later."""

    name = "spp"
    has_service = True

    def explain(self, code: int) -> ErrorExplanation:
        return explain(code)

    def explain_deposit(self, confirmation_id: str, code: int) -> tuple[ErrorExplanation, str]:
        """Groups whose check digits do not fit are the cause where the code is about the form of the ID, else a hint."""
        explanation = explain(code)
        hints = phone.hints(confirmation_id, phone.SINCE_VISTA)
        if not hints:
            return explanation, ""
        wrong = f"In the confirmation ID, {hints[0]}."
        if code not in phone.ABOUT_ITS_FORM:
            return replace(explanation, next_steps=(*explanation.next_steps, wrong)), f" {wrong}"
        steps = ("Correct the confirmation ID and run the task again; a wrong one costs nothing.", *explanation.next_steps)
        return replace(explanation, cause=wrong, next_steps=steps), f" {wrong}"

    def describe(self) -> None:
        return None

    def remarks(self) -> tuple[str, ...]:
        return ()


SPP: Generation = _SoftwareProtection()

__all__ = ["SPP", "Generation"]
