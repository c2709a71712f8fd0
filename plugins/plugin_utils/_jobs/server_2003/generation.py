# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Product Activation as a generation of Windows licensing.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..._cim.session import CimSession
from ..._licensing.catalog.errors import ErrorExplanation
from ..._licensing.state.model import ActivationState, Application, OperatingSystem
from ..._licensing.state.read import read_office
from . import messages
from .model import ProductActivation
from .read import product_of, read_all, service_of

NAME = "wpa"


@dataclass(frozen=True)
class ProductActivationGeneration:
    """The activation of one machine. See :class:`Generation`."""

    activation: ProductActivation
    name = NAME
    has_service = False

    def explain(self, code: int, context: str | None = None) -> ErrorExplanation:  # noqa: ARG002  # the port has it
        """Explain a code. The return values of the methods are not Win32 errors."""
        return messages.explain_failure(code)

    def explain_deposit(self, confirmation_id: str, code: int) -> tuple[ErrorExplanation, str]:
        """Explain the rejection: a typing error, the defect of KB824345, or another installation ID."""
        explanation = messages.explain_rejection(self.activation, confirmation_id, code)
        return explanation, f" {explanation.cause}"

    def describe(self) -> Mapping[str, Any]:
        """Return `windows_product_activation` of the result of activation_info."""
        found = self.activation
        return {
            "activation_required": found.is_required,
            "notification": found.is_notification_on,
            "grace_days": found.grace_days if found.is_required else None,
            "evaluation_days": found.evaluation_days,
            "product_id": found.product_id,
            "kb824345": {"installed": found.has_fix, "files": [asdict(file) for file in found.files]},
        }

    def warnings(self) -> tuple[str, ...]:
        """Return a warning if the machine might have the defect of KB824345."""
        return messages.defect_warning(self.activation)


class WindowsServer2003:
    """Windows Server 2003 and Windows XP. See :class:`OlderWindows`."""

    def read(self, session: CimSession, os: OperatingSystem, applications: frozenset[Application]) -> ActivationState:
        """Read Windows by its own class, and Office 2010 by the licensing classes of Office."""
        activation = read_all(session, os)
        products, office_service, notes = read_office(session, os, applications)
        windows = (product_of(os, activation),) if Application.WINDOWS in applications else ()
        generation = ProductActivationGeneration(activation)
        return ActivationState(os, service_of(), (*windows, *products), applications, office_service, generation, notes)
