# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Win32_WindowsProductActivation: activation of Windows Server 2003 over WMI.

A method that did nothing returns E_FAIL: all that is known is that the value is not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..interfaces import MethodAnswer, Value
from . import wmi_faults, wpa
from .arguments import Argument
from .computer import Computer
from .state import UNSET
from .wql import Comparison

NAME = "Win32_WindowsProductActivation"
E_FAIL = 0x80004005
NO_GRACE = 0x7FFFFFFF
"""RemainingGracePeriod of a machine that needs no activation, as somebody saw it on an activated XP; documented is only that it means
nothing then."""


def rows(computer: Computer, _tests: Sequence[Comparison]) -> tuple[Mapping[str, Value]]:
    """The one instance."""
    state = wpa.state_of(computer)
    return (
        {
            "ActivationRequired": int(state.required), "Caption": None, "Description": None, "IsNotificationOn": int(state.notification),
            "ProductID": wpa.product_id(computer), "RemainingEvaluationPeriod": UNSET,
            "RemainingGracePeriod": state.days_left(computer.now()) if state.required else NO_GRACE,
            "ServerName": computer.name.upper(), "SettingID": None,
        },
    )  # fmt: skip


_METHODS: Mapping[str, Callable[[Computer, Mapping[str, Argument]], object]] = {
    "ActivateOnline": lambda computer, _given: wpa.activate_online(computer),
    "ActivateOffline": lambda computer, given: wpa.activate_offline(computer, str(given["ConfirmationID"])),
    "SetNotification": lambda computer, given: wpa.set_notification(computer, int(str(given["Enable"]))),
    "SetProductKey": lambda computer, given: wpa.set_key(computer, str(given["ProductKey"])),
}


def call(computer: Computer, keys: Mapping[str, str], method: str, given: Mapping[str, Argument]) -> MethodAnswer:
    """Run a method; raises WmiFault for another computer's name."""
    if keys["ServerName"].casefold() != computer.name.casefold():
        raise wmi_faults.no_instance(NAME, dict(keys))
    try:
        if method == "GetInstallationID":
            return MethodAnswer(0, {"InstallationID": wpa.fetch_installation_id(computer)})
        _METHODS[method](computer, given)
    except wpa.Refused:
        return MethodAnswer(E_FAIL, {"InstallationID": ""} if method == "GetInstallationID" else {})
    return MethodAnswer(0)
