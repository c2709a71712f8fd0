# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of slmgr for issuance licenses of token-based activation: /lil and /ril."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .clock import NEVER
from .slmgr_text import Stop, say
from .slmgr_view import local
from .tokens import OF_WINDOWS

if TYPE_CHECKING:
    from .machine import Machine
    from .slmgr import Session

_CIMV2 = "root/cimv2"
_QUERY = f"SELECT * FROM {OF_WINDOWS}"


async def show(session: Session) -> None:
    """/lil."""
    found = (await session.machine.query(_CIMV2, _QUERY)).instances
    session.say("token_licenses")
    for instance in found:
        session.lines += _describe(session.machine, instance.values)
    if not found:
        session.say("token_none")


async def remove(session: Session) -> None:
    """/ril ILID ILVID; raises Stop when there is no such license."""
    wanted = (session.argument("/ril").strip("{}").casefold(), session.argument("/ril"))
    session.say("token_removing")
    for instance in (await session.machine.query(_CIMV2, _QUERY)).instances:
        issued = instance.values
        if (str(issued["ILID"]).casefold(), str(issued["ILVID"])) == wanted:
            await session.machine.invoke(_CIMV2, OF_WINDOWS, {"ID": str(issued["ID"])}, "Uninstall", {})
            session.say("token_removed", issued["ID"])
            return
    raise Stop(say(session.machine.language, "token_missing"))


def _describe(machine: Machine, issued: Mapping[str, Any]) -> Iterator[str]:
    language = machine.language
    yield issued["ID"]
    yield "    " + say(language, "token_ilid", issued["ILID"])
    yield "    " + say(language, "token_ilvid", issued["ILVID"])
    if issued["ExpirationDate"] != NEVER:
        yield "    " + say(language, "token_valid", local(machine, issued["ExpirationDate"]))
    if issued["AdditionalInfo"]:
        yield "    " + say(language, "token_info", issued["AdditionalInfo"])
    if issued["AuthorizationStatus"]:
        yield "    " + say(language, "token_error", issued["AuthorizationStatus"])
    else:
        yield "    " + say(language, "description", issued["Description"] or "")
