# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine as an account that is no administrator sees it: what it may not is refused, or not shown, where Windows does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ..interfaces import CommandOutcome, Instance, MethodAnswer, QueryAnswer, WmiFault
from . import other_truths, spp_methods, stdregprov, wmi, wmi_faults
from .rights import ENABLE, EXECUTE_METHODS, PROVIDER_WRITE, REMOTE_ENABLE, Rights

if TYPE_CHECKING:
    from .machine import Machine

_E_ACCESSDENIED, _SL_E_LUA_ACCESSDENIED, _WBEM_E_PRIVILEGE_NOT_HELD = 0x80070005, 0xC004F025, 0x80041062
_SERVICE_ACCESS_DENIED, _PRIVILEGE_MISSING = 2, 8
_LICENSING = ("softwarelicensing", "officesoftwareprotection")
_SETTERS = ("Set", "Clear", "Enable", "Disable")
_WRITING_BITS = 0x2 | 0x4 | 0x20 | 0x10000 | 0x40000 | 0x80000
_DEFAULT_BITS = 3
_USER_OPERATIONS = ("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform", "UserOperations")


class Limited:
    """What a machine does for one account over WMI. It opens no shells."""

    opens_shells = False

    def __init__(self, machine: Machine, rights: Rights) -> None:
        self._machine = machine
        self._rights = rights

    def _need(self, namespace: str, *permissions: str) -> None:
        place = wmi.plain_namespace(namespace)
        if place in wmi.NAMESPACES and not self._rights.permits(place, ENABLE, REMOTE_ENABLE, *permissions):
            raise self._denied(namespace)

    def _denied(self, where: str) -> WmiFault:
        return other_truths.fault(self._machine.truths, wmi_faults.access_denied(where))

    def _shown(self, found: QueryAnswer) -> QueryAnswer:
        """An answer without what the provider of the class keeps from the account."""
        name = found.class_name.casefold()
        if name == "win32_service" and not self._rights.services:
            raise self._denied(found.class_name)
        if name == "win32_ntlogevent" and not self._rights.event_logs:
            if self._machine.truths.unreadable_log == "access_denied":
                raise self._denied(found.class_name)
            return QueryAnswer(found.class_name, (), found.projected)
        return found

    async def query(self, namespace: str, wql: str) -> QueryAnswer:
        """Run WQL."""
        self._need(namespace)
        return self._shown(await self._machine.query(namespace, wql))

    async def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> Instance:
        """One instance by its keys."""
        self._need(namespace)
        found = await self._machine.get(namespace, class_name, selectors)
        if not self._shown(QueryAnswer(found.class_name, (found,))).instances:
            raise wmi_faults.no_instance(found.class_name, dict(selectors))
        return found

    async def enumerate(self, namespace: str, class_name: str) -> QueryAnswer:
        """All instances of a class."""
        self._need(namespace)
        return self._shown(await self._machine.enumerate(namespace, class_name))

    def key_names(self, namespace: str, class_name: str) -> Sequence[str]:
        """Key properties of a class."""
        return self._machine.key_names(namespace, class_name)

    async def invoke(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], method: str, arguments: Mapping[str, Sequence[str | None]]
    ) -> MethodAnswer:
        """Call a method. A call that is wrong is refused as such first."""
        self._need(namespace, EXECUTE_METHODS)
        call = wmi.prepare(self._machine, namespace, class_name, selectors, method=method, given=arguments)
        answer = self._refusal(call)
        return await self._machine.invoke(namespace, class_name, selectors, method, arguments) if answer is None else answer

    async def put(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], values: Mapping[str, Sequence[str | None]]
    ) -> Instance:
        """Write properties of an instance: the provider lets only administrators."""
        del class_name, selectors, values
        self._need(namespace, PROVIDER_WRITE)
        raise wmi_faults.provider_fault(_E_ACCESSDENIED)

    async def run(self, command: str, arguments: Sequence[str]) -> CommandOutcome:
        """Run a command line; there is no shell to run it in."""
        raise AssertionError(f"{command} {arguments} in a shell of an account that may open none")

    def _refusal(self, call: wmi.Invocation) -> MethodAnswer | None:
        """What the provider answers to a call that the account may not make, None where it may; raises WmiFault where that is it."""
        name = call.cim.name.casefold()
        if name.startswith(_LICENSING):
            return self._licensing(call)
        if name == "stdregprov":
            return self._registry(call)
        if name == "win32_service":
            return MethodAnswer(_SERVICE_ACCESS_DENIED)
        if name == "win32_nteventlogfile":
            return MethodAnswer(_PRIVILEGE_MISSING)
        if name == "win32_operatingsystem":
            raise wmi_faults.provider_fault(_WBEM_E_PRIVILEGE_NOT_HELD)
        raise wmi_faults.provider_fault(_E_ACCESSDENIED)

    def _licensing(self, call: wmi.Invocation) -> MethodAnswer | None:
        if call.method in spp_methods.DIRECTORY_METHODS:
            return None
        is_setting = call.method.startswith(_SETTERS) and call.method != "ClearProductKeyFromRegistry"
        allowed = self._machine.registry.get(*_USER_OPERATIONS)
        if allowed is not None and allowed.data == 1 and not is_setting:
            return None
        code = _E_ACCESSDENIED if is_setting else _SL_E_LUA_ACCESSDENIED
        return other_truths.licensing_fault(self._machine.truths, wmi_faults.provider_fault(code))

    def _registry(self, call: wmi.Invocation) -> MethodAnswer | None:
        if call.method == "CheckAccess":
            wanted = call.arguments["uRequired"]
            bits = _DEFAULT_BITS if wanted is None else cast(int, wanted)
            return MethodAnswer(0, {"bGranted": self._rights.registry and not bits & _WRITING_BITS})
        if call.method in stdregprov.WRITING or not self._rights.registry:
            return MethodAnswer(stdregprov.ACCESS_DENIED)
        return None
