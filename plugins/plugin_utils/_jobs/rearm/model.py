# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired state of a rearm task and the state of a machine, as frozen values.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from ..._errors import InvalidOptionsError
from ..._licensing.plan.plan import Plan
from ..._licensing.state.model import ActivationState, Application
from .events import Rearmed


class Scope(Enum):
    """The scope of a rearm: Windows, one application, or one product."""

    WINDOWS = "windows"
    APPLICATION = "application"
    PRODUCT = "product"


class Need(Enum):
    """The reason for a rearm."""

    FORCED = "forced"
    DUPLICATE_CMID = "duplicate_cmid"
    GRACE_ENDS = "grace_ends"


@dataclass(frozen=True)
class RearmDesired:
    """The desired state. IDs are in lower case without braces. With `max_days_left` None, the grace period is not a reason for a rearm.

    `lose_activation` allows a rearm of a product whose activation cannot be restored. `min_rearms_left` is the minimum number of rearms
    that are left afterwards. `reboot_timeout` is in seconds.
    """

    scope: Scope = Scope.WINDOWS
    application_id: str | None = None
    activation_id: str | None = None
    cmids: tuple[str, ...] = ()
    max_days_left: int | None = None
    force: bool = False
    lose_activation: bool = False
    min_rearms_left: int = 0
    reboot: bool = False
    reboot_timeout: int = 600

    @property
    def applications(self) -> frozenset[Application]:
        """The applications whose products must be read."""
        return frozenset({Application.WINDOWS}) if self.scope is Scope.WINDOWS else frozenset(Application)


@dataclass(frozen=True)
class RearmState:
    """A machine before a rearm: its licenses, its last start, the rearms since then, and whether SkipRearm is set.

    If `hides` is true, a rearm is waiting for a reboot, so Windows does not return the licenses. `state` then contains no products.
    """

    state: ActivationState
    booted: datetime
    waiting: tuple[Rearmed, ...] = ()
    skips: bool = False
    hides: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether a rearm is waiting for its reboot."""
        return bool(self.waiting) or self.hides


@dataclass(frozen=True)
class RearmCase:
    """The start of a plan: the licenses, and the reason for the rearm.

    `need` is None if no rearm is required. `was_waiting` is true if an earlier rearm is waiting for its reboot. `of_office` is true if the
    rearm is that of Office, and not of Windows.
    """

    licenses: ActivationState
    need: Need | None
    was_waiting: bool = False
    of_office: bool = False


RearmPlan = Plan[RearmCase]


def desired_of(options: Mapping[str, Any]) -> RearmDesired:
    """Return the desired state from the options. Raises InvalidOptionsError if no option gives a reason for a rearm."""
    if options["cmids"] is None and options["max_days_left"] is None and not options["force"]:
        raise InvalidOptionsError("rearm: specify when the machine must be rearmed: cmids, max_days_left, or force: true")
    return RearmDesired(**{**options, "scope": Scope(options["scope"]), "cmids": tuple(options["cmids"] or ())})
