# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan uses on a machine, and for how long no other run may do the same.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ..catalog import gvlk
from ..state.model import OperatingSystem
from .plan import LicensePlan, Plan
from .step import ACTIVATE, Step

OPERATION_SECONDS = 240
"""Maximum time in seconds for one key, without `retry_timeout`: one minute for the response to Activate, two minutes to watch a lost
response, and one minute for everything else."""

_LONGEST_SECONDS = 999_999


class Planned(Protocol):
    """A plan, or several that are carried out one after the other."""

    @property
    def parts(self) -> tuple[Plan[Any], ...]:
        """The plans in their order."""


@dataclass(frozen=True)
class Claim:
    """What no other run may do at the same time. `what` is a verb phrase, `subject` the keys, and `seconds` the maximum duration."""

    what: str
    subject: str
    seconds: int
    os: OperatingSystem


def claim_of(plan: Planned) -> Claim | None:
    """Return what a plan claims; None if the plan does not use anything.

    The installation of a key that is not a GVLK is claimed too, because installing it again would end the activation of its product.
    """
    parts = [part for part in plan.parts if isinstance(part, LicensePlan) and _consumes(part)]
    if not parts:
        return next((_claim_of_step(part.state.os, step) for part in plan.parts for step in part.steps if _activates(step)), None)
    os = parts[0].state.os
    subjects = sorted({_subject(part) for part in parts})
    seconds = sum(map(_seconds, parts))
    what = [part.activation.description if part.activation else "install a product key" for part in parts]
    return Claim("; ".join(dict.fromkeys(what)), "+".join(subjects)[:64], min(seconds, _LONGEST_SECONDS), os)


def _activates(step: Step) -> bool:
    """Return whether a step of a plan without a license uses an activation, as creating an activation object does."""
    return step.action == ACTIVATE and step.consumes is not None


def _claim_of_step(os: OperatingSystem, step: Step) -> Claim:
    return Claim(step.description, step.key.partial_product_key if step.key else "Windows", OPERATION_SECONDS, os)


def _consumes(plan: LicensePlan) -> bool:
    installs = any(step.key is not None and gvlk.known(step.key) is None for step in plan.steps)
    activates = plan.activation is not None and plan.activation.consumes is not None
    return installs or activates or _fallback(plan) is not None


def _fallback(plan: LicensePlan) -> str | None:
    return plan.rollback_policy.consumes if plan.rollback_policy else None


def _seconds(plan: LicensePlan) -> int:
    activations = 1 + (_fallback(plan) is not None)
    return activations * OPERATION_SECONDS + (plan.activation.retry_timeout if plan.activation else 0)


def _subject(plan: LicensePlan) -> str:
    if fallback := _fallback(plan):
        return fallback
    key = next((step.key for step in plan.steps if step.key), None)
    partial_product_key = key.partial_product_key if key else plan.target.partial_product_key if plan.target else None
    return partial_product_key if partial_product_key and partial_product_key.isascii() and partial_product_key.isalnum() else "Windows"
