# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README says is not there of WS-Management is refused as it says, and never answered wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

GET = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get"
ENUMERATE = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate"
SUBSCRIBE = "http://schemas.xmlsoap.org/ws/2004/08/eventing/Subscribe"
DMTF = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Lab_Sample"
SAMPLE = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Lab_Sample"
FRAGMENT = '<w:FragmentTransfer s:mustUnderstand="true">Text</w:FragmentTransfer>'
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
META = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/meta_class"
FILTER = '<n:Enumerate><w:Filter Dialect="http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"/></n:Enumerate>'
POLYMORPHISM = "<n:Enumerate><q:PolymorphismMode xmlns:q='http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd'/></n:Enumerate>"


@pytest.mark.parametrize(
    ("action", "uri", "parts", "said"),
    [
        (GET, DMTF, {"selectors": {"__cimnamespace": "root/nowhere", "ID": "1"}}, "a:DestinationUnreachable"),
        (GET, CONFIG, {}, "a:DestinationUnreachable"),
        (ENUMERATE, META, {"body": "<n:Enumerate/>"}, "80041010|2150858752"),
        (ENUMERATE, SAMPLE, {"body": FILTER}, "n:FilterDialectRequestedUnavailable"),
        (ENUMERATE, SAMPLE, {"body": POLYMORPHISM}, "2150858817"),
        (GET, SAMPLE, {"selectors": {"ID": "1"}, "headers": FRAGMENT}, "2150858768"),
        (SUBSCRIBE, SAMPLE, {"body": "<x/>"}, "a:ActionNotSupported"),
    ],
)
def test_what_is_not_there_is_refused(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, *, action: str, uri: str, parts: dict[str, Any], said: str
) -> None:
    machine = tiny()
    status, text = wire(machine).ask(machine, soap.message(action, uri, **parts))
    assert status == 500
    assert any(word in text for word in said.split("|"))
