# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between the generations of Windows licensing, for a machine that was read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The generation of a machine is determined once, when the machine is read. Code that depends on the generation uses this interface and does
not compare versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from ....module_utils import _phone as phone
from ..catalog.errors import ErrorExplanation, explain


class Generation(Protocol):
    """The licensing technology of Windows on one machine."""

    @property
    def name(self) -> str:
        """The fixed short name of the generation."""

    @property
    def has_service(self) -> bool:
        """Whether Windows has a licensing service, with editions, KMS settings, policies, and events."""

    def explain(self, code: int, context: str | None = None) -> ErrorExplanation:
        """Explain a code that the machine returned for a key or an activation, in one of the contexts of the catalog, if it is known."""

    def explain_deposit(self, confirmation_id: str, code: int) -> tuple[ErrorExplanation, str]:
        """Explain why a confirmation ID was rejected. Also return a text to append to the message, which can be empty."""

    def describe(self) -> Mapping[str, Any] | None:
        """Return result data for a Windows without a licensing service, or None if Windows has a licensing service."""

    def warnings(self) -> tuple[str, ...]:
        """Return warnings to show before this machine is activated, as sentences."""


class _SoftwareProtection:
    """The Software Protection Platform of Windows Vista and later."""

    name = "spp"
    has_service = True

    def explain(self, code: int, context: str | None = None) -> ErrorExplanation:
        return explain(code, context=context)

    def explain_deposit(self, confirmation_id: str, code: int) -> tuple[ErrorExplanation, str]:
        """Return groups with wrong check digits as the cause if the code is about the format of the ID, else as a hint."""
        explanation = explain(code)
        hints = phone.hints(confirmation_id, phone.SINCE_VISTA)
        if not hints:
            return explanation, ""
        wrong = f"In the confirmation ID, {hints[0]}."
        if code not in phone.ABOUT_ITS_FORM:
            return replace(explanation, next_steps=(*explanation.next_steps, wrong)), f" {wrong}"
        steps = (
            "Correct the confirmation ID, and run the task again. A wrong confirmation ID does not consume an activation.",
            *explanation.next_steps,
        )
        return replace(explanation, cause=wrong, next_steps=steps), f" {wrong}"

    def describe(self) -> None:
        return None

    def warnings(self) -> tuple[str, ...]:
        return ()


SPP: Generation = _SoftwareProtection()

__all__ = ["SPP", "Generation"]
