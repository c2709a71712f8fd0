# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages are prepared as requests would prepare them, and go over a connection of their own only where that is the same."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.connection import is_direct
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.guard import ReadBudget, guard_session

requests = pytest.importorskip("requests")

PLAIN = "http://server01.corp.lab:5985/wsman"


def content(prepared: Any) -> tuple[Any, ...]:
    return (
        prepared.method,
        prepared.url,
        dict(prepared.headers),
        prepared.body,
        {name: len(found) for name, found in prepared.hooks.items()},
    )


@pytest.mark.parametrize("data", [b"<s:Envelope/>", b"", None])
@pytest.mark.parametrize(
    "url",
    [
        PLAIN,
        "https://192.0.2.7:5986/wsman",
        "http://SERVER01:5985/wsman",
        "http://server01/wsman",
        "http://m\u00fcnchen.corp.lab:5985/wsman",
        "http://[2001:db8::7]:5985/wsman",
        "http://server01:5985/a b/../wsman?PSVersion=5.1",
    ],
)
@pytest.mark.parametrize("cookie", [False, True])
def test_a_message_is_prepared_as_by_requests(url: str, data: bytes | None, cookie: bool) -> None:
    with requests.Session() as usual, requests.Session() as guarded:
        guard_session(guarded, ReadBudget(time.monotonic))
        usual.trust_env, usual.headers["Accept-Encoding"] = False, "identity"
        for session in (usual, guarded):
            session.auth = ("LabAdmin", "Lab-Passw0rd!")
            session.headers.update({"Content-Type": "application/soap+xml;charset=UTF-8", "User-Agent": "Python WinRM client"})
            if cookie:
                session.cookies.set("node", "2")
        asked = requests.Request("POST", url, data=data)
        assert content(guarded.prepare_request(asked)) == content(usual.prepare_request(asked))


def test_headers_of_one_message_are_kept() -> None:
    with requests.Session() as session:
        guard_session(session, ReadBudget(time.monotonic))
        asked = requests.Request("POST", PLAIN, data=b"sealed", headers={"Content-Type": "multipart/encrypted"})
        assert session.prepare_request(asked).headers["Content-Type"] == "multipart/encrypted"


@pytest.mark.parametrize(
    ("url", "proxies", "direct"),
    [
        (PLAIN, {}, True),
        (PLAIN, None, True),
        (PLAIN, {"no_proxy": "*"}, True),
        (PLAIN, {"https": "http://proxy:3128"}, True),
        (PLAIN, {"http": "http://proxy:3128"}, False),
        (PLAIN, {"http://server01.corp.lab": "http://proxy:3128"}, False),
        (PLAIN, {"all": "http://proxy:3128"}, False),
        ("https://server01.corp.lab:5986/wsman", {}, False),
        ("http://[2001:db8::7]:5985/wsman", {}, False),
    ],
)
def test_tls_and_proxies_are_left_to_urllib3(url: str, proxies: dict[str, str] | None, direct: bool) -> None:
    assert is_direct(url, proxies) is direct
