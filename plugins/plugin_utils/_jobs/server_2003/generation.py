# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows Product Activation as a generation of licensing: reading such a machine, and what differs there.

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
from . import messages as words
from .model import ProductActivation
from .read import product_of, read_all, service_of

NAME = "wpa"


@dataclass(frozen=True)
class ProductActivationGeneration:
    """What one machine says of its activation. See :class:`Generation`."""

    activation: ProductActivation
    name = NAME
    has_service = False

    def explain(self, code: int) -> ErrorExplanation:
        """The numbers its methods return are no Win32 errors."""
        return words.why_failed(code)

    def explain_deposit(self, confirmation_id: str, code: int) -> tuple[ErrorExplanation, str]:
        """Mistyped, the defect of KB824345, or an ID for another installation ID."""
        explanation = words.why_refused(self.activation, confirmation_id, code)
        return explanation, f" {explanation.cause}"

    def describe(self) -> Mapping[str, Any]:
        """See `windows_product_activation` in the results of activation_info."""
        found = self.activation
        return {
            "activation_required": found.is_required,
            "notification": found.is_notification_on,
            "grace_days": found.grace_days if found.is_required else None,
            "evaluation_days": found.evaluation_days,
            "product_id": found.product_id,
            "kb824345": {"installed": found.has_fix, "files": [asdict(file) for file in found.files]},
        }

    def remarks(self) -> tuple[str, ...]:
        """The defect of KB824345 where the machine may have it."""
        return words.defect_warning(self.activation)


class WindowsServer2003:
    """Windows Server 2003 and Windows XP. See :class:`OlderWindows`."""

    def read(self, session: CimSession, os: OperatingSystem, applications: frozenset[Application]) -> ActivationState:
        """Windows by its own class; Office 2010 has licensing classes of its own there, as everywhere."""
        activation = read_all(session, os)
        products, office_service, notes = read_office(session, os, applications)
        windows = (product_of(os, activation),) if Application.WINDOWS in applications else ()
        generation = ProductActivationGeneration(activation)
        return ActivationState(os, service_of(), (*windows, *products), applications, office_service, generation, notes)
