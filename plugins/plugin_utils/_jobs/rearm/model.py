# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rearm task asks for, and what a machine is judged by, as frozen values.

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
    """What is rearmed: Windows, one application as a whole, or one product of it."""

    WINDOWS = "windows"
    APPLICATION = "application"
    PRODUCT = "product"


class Need(Enum):
    """Why a machine is to be rearmed."""

    FORCED = "forced"
    DUPLICATE_CMID = "duplicate_cmid"
    GRACE_ENDS = "grace_ends"


@dataclass(frozen=True)
class RearmDesired:
    """The desired state. IDs are lower case without braces; `max_days_left` is None for "not because of the grace".

    `lose_activation` lets a product be rearmed whose activation nobody can give back; `min_rearms_left` is how many rearms
    have to be left afterwards; `reboot_timeout` is in seconds.
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
        """Whose products have to be read."""
        return frozenset({Application.WINDOWS}) if self.scope is Scope.WINDOWS else frozenset(Application)


@dataclass(frozen=True)
class RearmState:
    """A machine before a rearm: its licenses, when it was started, the rearms since then, and whether SkipRearm is set.

    `hides`: it refuses to show its licenses because a rearm waits for its reboot; `state` is then without products.
    """

    state: ActivationState
    booted: datetime
    waiting: tuple[Rearmed, ...] = ()
    skips: bool = False
    hides: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether a rearm waits for the reboot that makes it count."""
        return bool(self.waiting) or self.hides


@dataclass(frozen=True)
class RearmCase:
    """What a plan starts from: the licenses, and why the machine is rearmed. `need` is None when nothing has to be done, `was_waiting` says
    that a rearm waits for its reboot."""

    licenses: ActivationState
    need: Need | None
    was_waiting: bool = False


RearmPlan = Plan[RearmCase]


def desired_of(options: Mapping[str, Any]) -> RearmDesired:
    """What a task wants, by the options of the module. Raises InvalidOptionsError for a task without a reason to rearm."""
    if options["cmids"] is None and options["max_days_left"] is None and not options["force"]:
        raise InvalidOptionsError("rearm: specify when the machine must be rearmed: cmids, max_days_left, or force: true")
    return RearmDesired(**{**options, "scope": Scope(options["scope"]), "cmids": tuple(options["cmids"] or ())})
