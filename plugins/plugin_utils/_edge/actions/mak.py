# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the action plugin for a MAK, which can take its confirmation ID from those that were kept on the controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..._cim.session import CimSession
from ..._licensing.esu.licenses import describe_esu
from ..._licensing.mak.model import MakDesired, desired_of
from ..._licensing.plan.activation_report import NEEDS_CONFIRMATION_ID
from ..._licensing.plan.plan import LicenseOutcome, LicensePlan, target_in
from ..generations import plan_mak
from ..kept.ids import KeptIdsOfFile, KeptRecords
from .license import LicenseAction
from .windows import Options


class MakAction(LicenseAction):
    """Installs a MAK, and activates the product that it is for."""

    EMPTY: ClassVar[Mapping[str, Any]] = {**LicenseAction.EMPTY, "esu": []}
    desired: MakDesired
    kept: KeptIdsOfFile | None = None

    def kept_records(self, _options: Options) -> KeptRecords | None:
        """Return the records with confirmation IDs that the task names, or None. It runs before the machine is read.

        Raises InvalidOptionsError.
        """
        return None

    def plan(self, session: CimSession, options: Options) -> LicensePlan:
        """Read the products of the application and, if a key is installed, the editions that support a MAK. Return the plan."""
        records = self.kept_records(options)
        self.kept = KeptIdsOfFile(records) if records else None
        self.desired = desired_of(options, self.budget_of(options), is_retried=self.is_retried)
        return plan_mak(session, self.desired, self.kept)

    def extra_results(self, plan: LicensePlan, outcome: LicenseOutcome) -> dict[str, Any]:
        """Return also the licenses for Extended Security Updates, and warn if no confirmation ID was kept for the machine."""
        if self.kept and outcome.activation["outcome"] == NEEDS_CONFIRMATION_ID:
            product = target_in(plan, outcome.state)
            self.warn(self.kept.advice(outcome.state, (product,) if product else (), self.desired))
        return {**super().extra_results(plan, outcome), "esu": describe_esu(outcome.state.products)}


__all__ = ["MakAction"]
