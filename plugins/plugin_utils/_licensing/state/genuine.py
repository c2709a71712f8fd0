# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of the genuine validation of Windows, its reason, and the recovery method.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The license status shows the result, event 8209 contains the reason (event 8208 if Windows could not start the validation), and the kind of
key determines the recovery method. A later successful validation (event 12305) supersedes older events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from ..._cim.session import CimSession
from ..catalog.errors import explain
from ..events import log as event_log
from ..events.catalog import APPLICATION
from ..events.log import Event, Since, SkippedRecords
from ..events.report import describe_event
from ..problems import TaskRefusedError
from .model import WINDOWS_ID, ActivationState, Channel, LicensedProduct, LicenseStatus
from .report import describe_machine, describe_product, describe_reason
from .served import Served

NO_TICKET, NOT_GENUINE, GENUINE = 8208, 8209, 12305
_STATUS_REASON = 0xC004F200
KNOWN_STATUS = range(7)
"""The values of GenuineStatus that the collection understands; 0 means genuine. Another value is reported with its number (W-019)."""

_MINUTES_A_DAY = 24 * 60
USUAL = timedelta(days=90)
"""Default period of the events."""

_FILES = frozenset({0x8004FE21, 0xC004C4A1, 0xC004C4AB, 0xC004C4AD, 0xC004C4AE, 0xC004C4B0, 0xC004C4B1, 0xC004E003, 0xC004F027, 0xC004D301})
_KEYS = frozenset({0xC004C4A2, 0xC004C4A3, 0xC004C4A4, 0xC004C4A5, 0xC004C001, 0xC004C003, 0xC004C060, 0xC004F051})
_TAMPER_FACILITIES = range(0xC004D310, 0xC004D800)
"""Codes of the security processor for its own files and data that were modified."""

SERVED = Served("does not have a genuine validation", "Use Windows 7, Windows Server 2008 R2, or later.")

PAGE = "http://go.microsoft.com/fwlink/?LinkId=64187"


class GenuineState(Enum):
    """Result of the genuine validation. `AWAITING`: licensed again, and not yet validated again. `UNKNOWN`: not in `KNOWN_STATUS`."""

    GENUINE = "genuine"
    AWAITING = "awaiting_validation"
    BLOCKED_KEY = "blocked_key"
    TAMPERED = "tampered"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown_status"

    @property
    def needs_recovery(self) -> bool:
        """Whether the machine must be activated again."""
        return self not in (GenuineState.GENUINE, GenuineState.AWAITING, GenuineState.UNKNOWN)


@dataclass(frozen=True)
class CheckEvent:
    """8208, 8209 or 12305 of Windows; `code` is None if the event contains no code or 0. `record` is the event in the log."""

    number: int
    code: int | None
    record: Event | None = None


@dataclass(frozen=True)
class GenuineResult:
    """A machine, its Windows, and the result of its genuine validation."""

    state: ActivationState
    product: LicensedProduct
    genuine_state: GenuineState
    code: int | None
    events: tuple[CheckEvent, ...]


_RECOVERY = {Channel.CSVLK: "kms_host", Channel.GVLK: "kms_client", Channel.MAK: "mak"}
_WAYS = {
    "kms_host": "Replace the KMS host key on all KMS hosts that use it (kms_host). Then activate their clients again.",
    "kms_client": "If the key of its KMS host is blocked, replace this key. Then activate again (kms_client with reactivate: true).",
    "mak": "Install another MAK and activate (mak_client).",
    "other": "Install a key that is valid for this machine (product_key), and activate.",
}
_UNKNOWN_STEPS = [
    "Run 'slmgr /dlv' on the machine, and compare what it shows with this result.",
    "Report the number and the version of Windows to the project, because no public document explains it.",
]
_REINSTALL = "System files were modified. Reinstall Windows, and then activate it again. Another key does not help."


def check(state: ActivationState, found: tuple[CheckEvent, ...]) -> GenuineResult:
    """Return the result for a machine from its state and its events, newest first. Raises TaskRefusedError if there is no key."""
    product = state.primary
    if product is None:
        steps = ("Install a key with kms_client, mak_client, or product_key.",)
        raise TaskRefusedError("no_product_key", f"{state.os.computer_name} does not have a Windows product key.", steps)
    genuine_state, code = evaluate(product, found)
    return GenuineResult(state, product, genuine_state, code, found)


def evaluate(product: LicensedProduct, found: tuple[CheckEvent, ...]) -> tuple[GenuineState, int | None]:
    """Return the result of the genuine validation of one product and its code, from the events of the machine, newest first."""
    code = _reason(found)
    return _state(product, code), code


def _reason(found: tuple[CheckEvent, ...]) -> int | None:
    """Return the code of event 8209. Events before the last successful validation are ignored."""
    since = [event for event in _until(found, GENUINE) if event.code is not None]
    named = [event for event in since if event.number == NOT_GENUINE] or since
    return named[0].code if named else None


def _until(found: tuple[CheckEvent, ...], number: int) -> tuple[CheckEvent, ...]:
    end = next((index for index, event in enumerate(found) if event.number == number), len(found))
    return found[:end]


def _state(product: LicensedProduct, code: int | None) -> GenuineState:
    is_unknown = (product.genuine_status or 0) not in KNOWN_STATUS
    is_marked = bool(product.genuine_status) and not is_unknown
    is_bad = product.status is LicenseStatus.NON_GENUINE_GRACE or (
        product.status is LicenseStatus.NOTIFICATION and (product.reason == _STATUS_REASON or is_marked)
    )
    if not is_bad:
        if is_unknown:
            return GenuineState.UNKNOWN
        return GenuineState.AWAITING if is_marked else GenuineState.GENUINE
    if code in _FILES or code in _TAMPER_FACILITIES:
        return GenuineState.TAMPERED
    return GenuineState.BLOCKED_KEY if code in _KEYS else GenuineState.UNCLEAR


def read_events(session: CimSession, state: ActivationState, since: Since, left_out: SkippedRecords) -> tuple[CheckEvent, ...]:
    """Read the events of the genuine validation of Windows, newest first. One query; raises CimError and UnreachableError."""
    start = event_log.start_of(since, state.os.time)
    found = event_log.read(session, APPLICATION, (NO_TICKET, NOT_GENUINE, GENUINE), start, left_out=left_out)
    return tuple(
        CheckEvent(event.id, values.get("result") or None, event)
        for event, values in left_out.known(found)
        if values.get("application_id", WINDOWS_ID) == WINDOWS_ID  # event 8208 does not contain an application
    )


def describe(finding: GenuineResult) -> dict[str, Any]:
    """Return the finding as the data of a result."""
    product, bad = finding.product, finding.genuine_state.needs_recovery
    return {
        "machine": describe_machine(finding.state),
        "genuine": finding.genuine_state is GenuineState.GENUINE,
        "genuine_state": finding.genuine_state.value,
        "recovery_method": _recovery(product.channel) if bad else None,
        "reason": describe_reason(finding.code) if bad else None,
        "products": [describe_product(finding.state, product)],
        "days_left": product.grace_minutes // _MINUTES_A_DAY if bad else None,
        "events": [describe_event(event.record) for event in finding.events if event.record],
        "next_steps": next_steps(finding.genuine_state, product.channel),
        "msg": _format_message(finding),
    }


def next_steps(genuine_state: GenuineState, channel: Channel) -> list[str]:
    """Return the next steps for a product with a key of this channel."""
    validate = f"Open {PAGE} on the machine to start the genuine validation again."
    if genuine_state is GenuineState.GENUINE:
        return []
    if genuine_state is GenuineState.AWAITING:
        return [validate]
    if genuine_state is GenuineState.UNKNOWN:
        return list(_UNKNOWN_STEPS)
    return [_REINSTALL] if genuine_state is GenuineState.TAMPERED else [_WAYS[_recovery(channel)], validate]


def _recovery(channel: Channel) -> str:
    return _RECOVERY.get(channel, "other")


def describe_unknown(name: str, product: LicensedProduct) -> str:
    """Return a sentence about a genuine status that is not in `KNOWN_STATUS`, with its number. `name` is the subject."""
    return f"{name} shows the genuine status {product.genuine_status}, which is not a known value. Whether it is genuine is unknown."


def _format_message(finding: GenuineResult) -> str:
    name = finding.state.os.computer_name
    if finding.genuine_state is GenuineState.GENUINE:
        return f"{name} is genuine."
    if finding.genuine_state is GenuineState.AWAITING:
        return f"{name} is licensed. The genuine validation has not run again yet."
    if finding.genuine_state is GenuineState.UNKNOWN:
        return describe_unknown(name, finding.product)
    why = explain(finding.code) if finding.code is not None else None
    reason = f": {why.label}: {why.meaning}" if why else ", and no event contains the reason."
    left = finding.product.grace_minutes // _MINUTES_A_DAY
    step = next_steps(finding.genuine_state, finding.product.channel)[0]
    return f"{name} failed the genuine validation{reason} Days left: {left}. Next: {step}"
