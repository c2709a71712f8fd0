# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of slmgr that make activation objects. They act as whoever runs the script, as the methods behind them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .slmgr import Session

_CIMV2, _SERVICE = "root/cimv2", "SoftwareLicensingService"


async def online(session: Session) -> None:
    """/ad-activation-online KEY [NAME]."""
    key = session.argument("/ad-activation-online")
    await _call(session, "DoActiveDirectoryOnlineActivation", ProductKey=key, ActivationObjectName=_rest(session))
    session.say("activated")


async def installation_id(session: Session) -> None:
    """/ad-activation-get-iid KEY."""
    key = session.argument("/ad-activation-get-iid")
    answer = await _call(session, "GenerateActiveDirectoryOfflineActivationId", ProductKey=key)
    session.say("iid", answer.outputs["InstallationID"])


async def confirmation_id(session: Session) -> None:
    """/ad-activation-apply-cid KEY CID [NAME]."""
    option = "/ad-activation-apply-cid"
    key, confirmation = session.argument(option), session.argument(option)
    method = "DepositActiveDirectoryOfflineActivationConfirmation"
    await _call(session, method, ProductKey=key, ConfirmationID=confirmation, ActivationObjectName=_rest(session))
    session.say("activated")


def _rest(session: Session) -> str:
    return session.words.pop(0) if session.words else ""


async def _call(session: Session, method: str, **arguments: str) -> Any:
    version = str((await session.service())["Version"])
    given = {name: [value] for name, value in arguments.items()}
    return await session.machine.invoke(_CIMV2, _SERVICE, {"Version": version}, method, given)
