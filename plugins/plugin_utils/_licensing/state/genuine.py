# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Windows passed Microsoft's check for genuine software, why not, and by what it recovers.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The status says whether, event 8209 says why (8208 where it could not even ask), and the kind of key says what helps. A check that was
passed later (12305) ends what an older event says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from ..._cim.session import CimSession
from ..catalog.errors import explain
from ..events import log as event_log
from ..events.catalog import APPLICATION
from ..events.log import SkippedRecords
from ..problems import TaskRefusedError
from .model import WINDOWS_ID, ActivationState, Channel, LicensedProduct, LicenseStatus
from .report import describe_reason, iso
from .served import Served

NO_TICKET, NOT_GENUINE, GENUINE = 8208, 8209, 12305
_STATUS_REASON = 0xC004F200
_MINUTES_A_DAY = 24 * 60

_FILES = frozenset({0x8004FE21, 0xC004C4A1, 0xC004C4AB, 0xC004C4AD, 0xC004C4AE, 0xC004C4B0, 0xC004C4B1, 0xC004E003, 0xC004F027, 0xC004D301})
_KEYS = frozenset({0xC004C4A2, 0xC004C4A3, 0xC004C4A4, 0xC004C4A5, 0xC004C001, 0xC004C003, 0xC004C060, 0xC004F051})
_TAMPER_FACILITIES = range(0xC004D310, 0xC004D800)
"""The security processor tells of files and data of its own that were changed."""

SERVED = Served("has no such check", "Use Windows 7, Windows Server 2008 R2 or later.")

PAGE = "http://go.microsoft.com/fwlink/?LinkId=64187"


class Verdict(Enum):
    """What became of the check. `AWAITING`: licensed again, and not yet checked again."""

    GENUINE = "genuine"
    AWAITING = "awaiting_validation"
    BLOCKED_KEY = "blocked_key"
    TAMPERED = "tampered"
    UNCLEAR = "unclear"

    @property
    def needs_recovery(self) -> bool:
        """Whether the machine has to be activated once more."""
        return self not in (Verdict.GENUINE, Verdict.AWAITING)


@dataclass(frozen=True)
class CheckEvent:
    """8208, 8209 or 12305 of Windows; `code` is None when the event names none or 0."""

    number: int
    code: int | None
    time: datetime | None


@dataclass(frozen=True)
class Finding:
    """A machine, its Windows and what is known of the check."""

    state: ActivationState
    product: LicensedProduct
    verdict: Verdict
    code: int | None
    events: tuple[CheckEvent, ...]


_RECOVERY = {Channel.CSVLK: "kms_host", Channel.GVLK: "kms_client", Channel.MAK: "mak"}
_WAYS = {
    "kms_host": "Replace the KMS host key on all hosts that have it (kms_host), and have their clients activate again.",
    "kms_client": "Replace the key of its KMS host when that was blocked, and activate again (kms_client with reactivate: true).",
    "mak": "Install another MAK and activate (mak_client).",
    "other": "Install a key that is valid for this machine (product_key), and activate.",
}
_REINSTALL = "System files were changed: reinstall Windows, then activate it again. No key makes up for that."


def check(state: ActivationState, found: tuple[CheckEvent, ...]) -> Finding:
    """Judge a machine by its state and its events, newest first. Raises TaskRefusedError without a key."""
    product = state.primary
    if product is None:
        steps = ("Install a key with kms_client, mak_client or product_key.",)
        raise TaskRefusedError("no_product_key", f"{state.os.computer_name} has no Windows product key.", steps)
    verdict, code = judge(product, found)
    return Finding(state, product, verdict, code, found)


def judge(product: LicensedProduct, found: tuple[CheckEvent, ...]) -> tuple[Verdict, int | None]:
    """What became of the check of one product, and the code behind it, from the events of the machine, newest first."""
    code = _reason(found)
    return _verdict(product, code), code


def _reason(found: tuple[CheckEvent, ...]) -> int | None:
    """Event 8209 lists the reason; an older one than the last passed check no longer counts."""
    since = [event for event in _until(found, GENUINE) if event.code is not None]
    named = [event for event in since if event.number == NOT_GENUINE] or since
    return named[0].code if named else None


def _until(found: tuple[CheckEvent, ...], number: int) -> tuple[CheckEvent, ...]:
    end = next((index for index, event in enumerate(found) if event.number == number), len(found))
    return found[:end]


def _verdict(product: LicensedProduct, code: int | None) -> Verdict:
    is_bad = product.status is LicenseStatus.NON_GENUINE_GRACE or (
        product.status is LicenseStatus.NOTIFICATION and (product.reason == _STATUS_REASON or bool(product.genuine_status))
    )
    if not is_bad:
        return Verdict.AWAITING if product.genuine_status else Verdict.GENUINE
    if code in _FILES or code in _TAMPER_FACILITIES:
        return Verdict.TAMPERED
    return Verdict.BLOCKED_KEY if code in _KEYS else Verdict.UNCLEAR


def read_events(session: CimSession, state: ActivationState, days: int, left_out: SkippedRecords) -> tuple[CheckEvent, ...]:
    """What the log says of the checks of Windows, newest first. One query; raises CimError and UnreachableError."""
    since = state.os.time - timedelta(days=days)
    found = event_log.read(session, APPLICATION, (NO_TICKET, NOT_GENUINE, GENUINE), since, left_out=left_out)
    return tuple(
        CheckEvent(event.id, values.get("result") or None, event.time)
        for event, values in left_out.known(found)
        if values.get("application_id", WINDOWS_ID) == WINDOWS_ID  # 8208 names no application
    )


def describe(finding: Finding) -> dict[str, Any]:
    """The finding as the data of a result."""
    product, bad = finding.product, finding.verdict.needs_recovery
    return {
        "genuine": finding.verdict is Verdict.GENUINE,
        "verdict": finding.verdict.value,
        "recovery": _recovery(product.channel) if bad else None,
        "reason": describe_reason(finding.code) if bad else None,
        "status": product.status.name.lower(),
        "channel": product.channel.value,
        "partial_product_key": product.partial_product_key,
        "genuine_status": product.genuine_status,
        "days_left": product.grace_minutes // _MINUTES_A_DAY if bad else None,
        "events": [{"id": event.number, "code": _code_text(event), "time": iso(event.time)} for event in finding.events],
        "next_steps": next_steps(finding.verdict, product.channel),
        "msg": _words(finding),
    }


def _code_text(event: CheckEvent) -> str | None:
    return None if event.code is None else explain(event.code).code


def next_steps(verdict: Verdict, channel: Channel) -> list[str]:
    """What to do after a verdict about a product with a key of this channel."""
    validate = f"Open {PAGE} on the machine, which has Microsoft check it again."
    if verdict is Verdict.GENUINE:
        return []
    if verdict is Verdict.AWAITING:
        return [validate]
    return [_REINSTALL] if verdict is Verdict.TAMPERED else [_WAYS[_recovery(channel)], validate]


def _recovery(channel: Channel) -> str:
    return _RECOVERY.get(channel, "other")


def _words(finding: Finding) -> str:
    name = finding.state.os.computer_name
    if finding.verdict is Verdict.GENUINE:
        return f"{name} is genuine."
    if finding.verdict is Verdict.AWAITING:
        return f"{name} is licensed, and Microsoft has not checked it again yet."
    why = explain(finding.code) if finding.code is not None else None
    reason = f": {why.code} {why.symbol}: {why.meaning}" if why else ", and no event says why."
    left = finding.product.grace_minutes // _MINUTES_A_DAY
    step = next_steps(finding.verdict, finding.product.channel)[0]
    return f"{name} failed the check for genuine software{reason} Days left: {left}. Next: {step}"
