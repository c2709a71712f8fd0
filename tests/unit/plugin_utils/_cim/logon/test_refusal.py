# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP 401: the reasons that are possible for the method, the connection, and the account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.http_transport import is_bound
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.logon.peer import PeerAddress
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.logon.refusal import credentials_refused
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.proxy import Proxy

PEER = PeerAddress("https://pc:5986/wsman", "ann", "ntlm", "Check it.", "Trust it.", "switch", "proxy_variable", "bind_it")
PROXY = Proxy("proxy:3128", "proxy_variable", True, "pc")


@pytest.mark.parametrize(
    ("endpoint", "method", "switch", "bound"),
    [
        ("https://pc:5986/wsman", "ntlm", True, True),
        ("https://pc:5986/wsman", "kerberos", None, True),
        ("https://pc:5986/wsman", "negotiate", False, False),
        ("https://pc:5986/wsman", "basic", True, None),
        ("https://pc:5986/wsman", "credssp", True, None),
        ("http://pc:5985/wsman", "ntlm", True, None),
    ],
)
def test_only_some_methods_over_tls_are_bound(endpoint: str, method: str, switch: bool | None, bound: bool | None) -> None:
    assert is_bound(endpoint, method, switch) is bound


def test_a_logon_without_binding_names_the_variable_and_one_with_it_a_device() -> None:
    texts = [str(credentials_refused(replace(PEER, is_bound=value)).next_steps) for value in (None, False, True)]
    assert ["Remove bind_it: false" in text for text in texts] == [False, True, False]
    assert ["decrypts TLS" in text for text in texts] == [False, False, True]


def test_an_empty_password_comes_first_and_a_ticket_has_another_last_step() -> None:
    assert credentials_refused(replace(PEER, has_empty_password=True)).next_steps[0].startswith("Set ansible_password")
    assert credentials_refused(PEER).next_steps[-1].startswith("Windows does not send a reason")
    assert credentials_refused(replace(PEER, method="kerberos")).next_steps[-1].startswith("If another account has this name")


@pytest.mark.parametrize(
    ("endpoint", "method", "proxy", "pooled"),
    [
        ("http://pc:5985/wsman", "ntlm", PROXY, True),
        ("http://pc:5985/wsman", "basic", PROXY, False),
        ("https://pc:5986/wsman", "ntlm", PROXY, False),
        ("http://pc:5985/wsman", "ntlm", None, False),
    ],
)
def test_a_proxy_can_break_a_logon_of_a_connection_only(endpoint: str, method: str, proxy: Proxy | None, pooled: bool) -> None:
    text = str(credentials_refused(replace(PEER, endpoint=endpoint, method=method), proxy).next_steps)
    assert ("the proxy proxy:3128 (proxy_variable) might forward each request over another connection" in text) == pooled


def test_a_client_certificate_has_a_message_of_its_own() -> None:
    error = credentials_refused(replace(PEER, method="certificate"))
    assert "refused the client certificate (HTTP 401)" in str(error)
    assert "certmapping" in error.next_steps[0]
