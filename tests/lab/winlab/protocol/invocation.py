# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get, Put and Invoke of WMI instances and classes, and Identify."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from winlab.interfaces import Machine, MethodAnswer, WmiFault
from winlab.protocol import fault as faults
from winlab.protocol import names
from winlab.protocol.fault import WsmanFault
from winlab.protocol.request import Request
from winlab.protocol.resource import resource_of
from winlab.protocol.xmltext import envelope, escape, instance_xml, method_output_xml

_NIL = "{" + names.XSI + "}nil"
_DATETIME = "{" + names.CIM + "}Datetime"
_PREFIXES = "s a x w p"
_STACK = {"winrm2": "2.0", "winrm3": "3.0"}


async def get(machine: Machine, request: Request, user: str) -> str:
    """One instance by its selectors."""
    resource = resource_of(request, machine.fault_shape)
    instance = await machine.seen_by(user).get(resource.namespace, resource.class_name, resource.keys)
    return envelope(_PREFIXES, names.GET + "Response", request.message_id, instance_xml(resource.uri_of(instance.class_name), instance))


async def put(machine: Machine, request: Request, user: str) -> str:
    """Write properties of one instance; the answer is the instance as it is then."""
    resource = resource_of(request, machine.fault_shape)
    machine.key_names(resource.namespace, resource.class_name)  # an unknown class is said before the body is looked at
    values = _children(request, resource.class_name) if request.body is not None else {}
    try:
        instance = await machine.seen_by(user).put(resource.namespace, resource.class_name, resource.keys, values)
    except WmiFault as failure:
        if failure.wsman_code != faults.ACTION_MISMATCH:
            raise
        # A class nobody can write to is the service's own refusal, not a provider's.
        raise WsmanFault(faults.ACTION_MISMATCH) from None
    return envelope(_PREFIXES, names.PUT + "Response", request.message_id, instance_xml(resource.uri_of(instance.class_name), instance))


def _children(request: Request, root: str) -> Mapping[str, Sequence[str | None]]:
    """Texts of the children of a body element of this name, by their names."""
    space = "{" + request.resource_uri + "}"
    body = request.body
    if body is None or body.tag != f"{space}{root}":
        raise WsmanFault(faults.SCHEMA_VALIDATION, f"The body must hold {root} in the namespace of the resource. ")
    arguments: dict[str, list[str | None]] = {}
    for element in body:
        if not element.tag.startswith(space):
            raise WsmanFault(faults.SCHEMA_VALIDATION, "A parameter is not in the namespace of the resource. ")
        text: str | None = element.text or ""
        if element.get(_NIL) in ("true", "1"):
            text = None
        elif len(element):
            if len(element) != 1 or element[0].tag != _DATETIME:
                raise WsmanFault(faults.SCHEMA_VALIDATION, "A parameter holds an element that is not a value. ")
            text = element[0].text or ""
        arguments.setdefault(element.tag[len(space) :], []).append(text)
    return arguments


class Invocations:
    """Method calls of one machine; one that outlives its OperationTimeout goes on and is only not waited for."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._running: set[asyncio.Task[MethodAnswer]] = set()

    async def invoke(self, request: Request, user: str) -> str:
        """Run the method named by the action; raises TimedOut when it takes longer than the client waits."""
        resource = resource_of(request, self._machine.fault_shape)
        if not request.action.startswith(request.resource_uri + "/"):
            raise WsmanFault(faults.ACTION_NOT_SUPPORTED)
        method = request.action[len(request.resource_uri) + 1 :]
        arguments = _children(request, f"{method}_INPUT")
        access = self._machine.seen_by(user)
        task = asyncio.ensure_future(access.invoke(resource.namespace, resource.class_name, resource.keys, method, arguments))
        self._running.add(task)
        task.add_done_callback(self._forget)
        done, _ = await asyncio.wait((task,), timeout=request.timeout)
        if not done:
            if self._machine.truths.late_activation == "ends":
                task.cancel()
            raise WsmanFault(faults.TIMED_OUT)
        body = method_output_xml(request.resource_uri, method, task.result())
        return envelope(_PREFIXES, request.action + "Response", request.message_id, body)

    def _forget(self, task: asyncio.Task[MethodAnswer]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # taken here too: nobody else does when the client was told TimedOut

    async def close(self) -> None:
        """Cancel what still runs."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


async def identify(machine: Machine) -> str:
    """The answer to Identify with the version of the operating system, as an authenticated client sees it."""
    answer = await machine.query("root/cimv2", "SELECT * FROM Win32_OperatingSystem")
    values = answer.instances[0].values if answer.instances else {}
    service_pack = f"{values.get('ServicePackMajorVersion') or 0}.{values.get('ServicePackMinorVersion') or 0}"
    return identity(machine, str(values.get("Version", "0.0.0")), service_pack)


def identity(machine: Machine, version: str = "0.0.0", service_pack: str = "0.0") -> str:
    """The answer to Identify; strangers hear zeros."""
    product = f"OS: {version} SP: {service_pack} Stack: {_STACK.get(machine.fault_shape, '3.0')}"
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{names.SOAP}"><s:Header/><s:Body><wsmid:IdentifyResponse xmlns:wsmid="{names.IDENTITY}">'
        f"<wsmid:ProtocolVersion>{names.WSMAN}</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
        f"<wsmid:ProductVersion>{escape(product)}</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>"
    )
