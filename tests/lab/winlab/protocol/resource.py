# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which class of which namespace a request is about: by a URI of WMI, or by one of the DMTF with the selector __cimnamespace.

The DMTF form is what CIM sessions send (MS-WSMV 3.1.4.1.1, DSP0227 section 6). Its answers are in the namespace of its own URIs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from winlab.protocol import fault as faults
from winlab.protocol import names
from winlab.protocol.fault import WsmanFault
from winlab.protocol.request import Request

_NAMESPACE = "__cimnamespace"
_USUAL_NAMESPACE = "root/hardware"
"""Where a class of the DMTF is when the request does not say it (MS-WSMV)."""


@dataclass(frozen=True)
class Resource:
    """A class, or all of a namespace (`*`), and the selectors that are keys."""

    namespace: str
    class_name: str
    keys: Mapping[str, str]
    is_dmtf: bool = False

    def uri_of(self, class_name: str) -> str:
        """The URI of a class of the same namespace, in the form that the client uses."""
        return names.DMTF_PREFIX + class_name if self.is_dmtf else f"{names.WMI_PREFIX}{self.namespace}/{class_name}"

    @property
    def own_selectors(self) -> Mapping[str, str]:
        """The selectors that a reference to an instance has besides its keys."""
        return {_NAMESPACE: self.namespace} if self.is_dmtf else {}


def is_dmtf(request: Request) -> bool:
    """Whether a request names its class by a URI of the DMTF."""
    return request.resource_uri.startswith(names.DMTF_PREFIX)


def resource_of(request: Request, shape: str) -> Resource:
    """The resource of a request to a machine of this fault shape; raises WsmanFault for what is no class.

    Up to 6.1 the lab knows no URIs of the DMTF: which classes these releases have there is not in the facts.
    """
    uri = request.resource_uri
    if is_dmtf(request) and shape == "winrm3":
        class_name, keys = uri[len(names.DMTF_PREFIX) :], dict(request.selectors)
        namespace = keys.pop(_NAMESPACE, _USUAL_NAMESPACE).replace("\\", "/").strip("/")
        if not class_name or "/" in class_name:
            raise WsmanFault(faults.INVALID_RESOURCE_URI)
        return Resource(namespace, class_name, keys, is_dmtf=True)
    if not uri.startswith(names.WMI_PREFIX):
        raise WsmanFault(faults.RESOURCE_NOT_FOUND)
    namespace, _, class_name = uri[len(names.WMI_PREFIX) :].rpartition("/")
    if not namespace or not class_name:
        raise WsmanFault(faults.INVALID_RESOURCE_URI)
    return Resource(namespace, class_name, request.selectors)
