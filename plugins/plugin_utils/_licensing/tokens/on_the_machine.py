# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation with a token, which only the machine itself can do: what the modules say and refuse.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. slmgr.vbs and ospp.vbs sign the challenge with SPPWMI.SppWmiTokenActivationSigner, a local COM object that asks the smart card for the
signature. WMI does not have such a method.
"""

from __future__ import annotations

from typing import Protocol

from ..problems import TaskRefusedError
from ..state.model import ActivationType, Application, LicensedProduct

NEEDS_SMART_CARD = "token_needs_smart_card"
"""The error code of a task that requests an activation with a token."""

TOKENS_ONLY_ON_WINDOWS_7 = "To only allow tokens on Windows 7 and Windows Server 2008 R2, run 'slmgr.vbs /stao' on the machine."

_CAUSE = "A local COM object of the machine signs the activation with the smart card. No remote tool can use it."


class Desired(Protocol):
    """What a task requests of an activation."""

    @property
    def activate(self) -> bool:
        """Whether to activate a product that is not activated."""

    @property
    def reactivate(self) -> bool:
        """Whether to activate a product again that is activated."""

    @property
    def activation_type(self) -> ActivationType | None:
        """The allowed type, or None if the task does not set it."""


def activation_step(application: Application) -> str:
    """Return the next step that activates Windows or Office with a token on the machine."""
    command = "cscript ospp.vbs /tokact:<thumbprint>" if application is Application.OFFICE else "slmgr.vbs /fta <thumbprint>"
    name = application.name.capitalize()
    return f"Activate {name} on the machine itself, with the certificate or smart card: '{command}'."


def activate_on_machine(product: LicensedProduct) -> str:
    """Return the next step that activates the product with a token."""
    return activation_step(product.application)


def refuse_reactivation(computer_name: str, desired: Desired, application: Application) -> None:
    """Raise TaskRefusedError for a task that only allows tokens and requests another activation, which only the machine itself can do."""
    if desired.reactivate and desired.activate and desired.activation_type is ActivationType.TOKEN:
        message = f"{computer_name}: the task only allows tokens, and an activation with a token needs the certificate or smart card."
        steps = ("Omit reactivate, or set activation_type to all, kms, or ad.", activation_step(application))
        raise TaskRefusedError(NEEDS_SMART_CARD, message, steps, cause=_CAUSE)


def not_activated(subject: str, application: Application) -> str:
    """Return the warning of a task that does not activate a product, because only a token can."""
    return f"The module does not activate {subject}, because only token-based activation is allowed. {activation_step(application)}"
