# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP proxies beside the batch activation service, where it is to be reached through them only."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import spnego
import yaml

from .batch_lab import HEADERS, MAK, BatchLab, envelope, question, signed, text_of

SETTINGS = "only_through_proxy: true, several_requests: true"
OPEN, BASIC, WINDOWS, TLS = 3128, 3129, 3130, 3131
RIGHT = {"Proxy-Authorization": "Basic " + base64.b64encode(b"LabProxy:Proxy-Passw0rd!").decode()}


def tunnel(lab: BatchLab, target: str, *, port: int = OPEN) -> http.client.HTTPSConnection:
    """A connection through a proxy to another destination."""
    connection = lab.connect(proxy=port)
    host, _, number = target.partition(":")
    connection.set_tunnel(host, int(number))
    return connection


def test_without_the_proxy_nothing_answers(batch_lab: BatchLab) -> None:
    with pytest.raises(ConnectionRefusedError):
        batch_lab.ask(batch_lab.shown("srv")[0])
    assert batch_lab.client.batch_requests() == []


def test_a_question_through_the_proxy_is_in_both_logs(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("srv")
    assert len(batch_lab.ask(pid, iid, proxy=OPEN).entry()["CID"]) == 48
    (asked,) = batch_lab.client.batch_requests()
    assert (asked["through_proxy"], asked["client"], asked["outcome"]) == (True, batch_lab.address, "confirmation ID")
    (passed,) = batch_lab.client.batch_proxy()
    assert (passed["port"], passed["method"], passed["status"], passed["user"]) == (OPEN, "CONNECT", 200, "")
    assert passed["target"] == f"{batch_lab.address}:8443"
    assert passed["bytes_up"] > len(envelope(*signed(text_of(1, question(pid, iid)))))
    assert passed["bytes_down"] > 1000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 407),
        ({"Proxy-Authorization": "Basic " + base64.b64encode(b"LabProxy:wrong").decode()}, 407),
        ({"Proxy-Authorization": "Basic %%%"}, 407),
        ({"Proxy-Authorization": "Bearer " + base64.b64encode(b"LabProxy:Proxy-Passw0rd!").decode()}, 407),
        ({"Proxy-Authorization": "Basic \u00e9\u00e9\u00e9\u00e9"}, 407),
        (RIGHT, 200),
        ({"proxy-authorization": RIGHT["Proxy-Authorization"].replace("Basic", "basic")}, 200),
    ],
)
def test_the_second_proxy_wants_name_and_password(batch_lab: BatchLab, headers: dict[str, str], status: int) -> None:
    pid = batch_lab.shown("srv")[0]
    if status == http.client.OK:
        assert batch_lab.ask(pid, proxy=BASIC, proxy_headers=headers).status == http.client.OK
    else:
        with pytest.raises(OSError, match="407 Proxy Authentication Required"):
            batch_lab.ask(pid, proxy=BASIC, proxy_headers=headers)
    (logged,) = batch_lab.client.batch_proxy()
    assert (logged["port"], logged["status"], logged["user"]) == (BASIC, status, "LabProxy" if status == http.client.OK else "")
    assert "Passw0rd" not in str(logged)
    assert RIGHT["Proxy-Authorization"][6:] not in str(logged)
    assert all("proxy-authorization" not in map(str.lower, asked["headers"]) for asked in batch_lab.client.batch_requests())


class Talk:
    """A connection to a proxy, by hand."""

    def __init__(self, source: socket.socket, target: str) -> None:
        self._source = source
        self._target = target

    def connect(self, authorization: str = "") -> tuple[int, list[str], bool]:
        """Status, the Proxy-Authenticate values, and whether the connection ends after it."""
        header = f"Proxy-Authorization: {authorization}\r\n" if authorization else ""
        self._source.sendall(f"CONNECT {self._target} HTTP/1.1\r\nHost: {self._target}\r\n{header}\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._byte()
        first, *lines = head.decode().split("\r\n")
        fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        for _ in range(int(dict(fields).get("content-length", "0"))):
            self._byte()
        return int(first.split()[1]), [value for name, value in fields if name == "proxy-authenticate"], ("connection", "close") in fields

    def _byte(self) -> bytes:
        found = self._source.recv(1)
        if not found:
            raise ConnectionError
        return found


@contextlib.contextmanager
def talking(lab: BatchLab, port: int, context: ssl.SSLContext | None = None, name: str = "") -> Iterator[Talk]:
    """A connection to a proxy, encrypted with a context."""
    with socket.create_connection((lab.address, port), timeout=30) as raw:
        if context is None:
            yield Talk(raw, f"{lab.address}:8443")
            return
        with context.wrap_socket(raw, server_hostname=name or lab.address) as secured:
            yield Talk(secured, f"{lab.address}:8443")


def ntlm(user: str = "LabProxy", password: str = "Proxy-Passw0rd!") -> spnego.ContextProxy:
    return spnego.client(user, password, "proxy", "HTTP", protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)


def messages(context: spnego.ContextProxy, scheme: str, challenge: str = "") -> str:
    token = context.step(base64.b64decode(challenge.partition(" ")[2]) if challenge else None)
    return f"{scheme} {base64.b64encode(token or b'').decode()}"


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
@pytest.mark.parametrize(
    ("user", "password", "status"),
    [
        ("LabProxy", "Proxy-Passw0rd!", 200),
        ("LAB\\LabProxy", "Proxy-Passw0rd!", 200),
        ("OTHER\\LabProxy", "Proxy-Passw0rd!", 407),
        ("LabProxy", "wrong", 407),
    ],
)
def test_the_third_proxy_takes_ntlm_on_one_connection(batch_lab: BatchLab, scheme: str, user: str, password: str, status: int) -> None:
    context = ntlm(user, password)
    with talking(batch_lab, WINDOWS) as talk:
        first, offers, ends = talk.connect(messages(context, scheme))
        assert (first, len(offers), ends) == (407, 1, False)
        assert offers[0].startswith(f"{scheme} ")
        second, offers, ends = talk.connect(messages(context, scheme, offers[0]))
    assert (second, offers, ends) == (status, [] if status == http.client.OK else ["Negotiate", "NTLM"], status != http.client.OK)
    logged = batch_lab.client.batch_proxy()
    assert [(found["status"], found["scheme"]) for found in logged] == [(407, scheme.lower()), (status, scheme.lower())]
    assert "Passw0rd" not in str(logged)


@pytest.mark.parametrize("header", ["", RIGHT["Proxy-Authorization"], "NTLM", "NTLM AAAA", "Negotiate %%%"])
def test_the_third_proxy_takes_nothing_else_and_ends_the_connection(batch_lab: BatchLab, header: str) -> None:
    with talking(batch_lab, WINDOWS) as talk:
        assert talk.connect(header) == (407, ["Negotiate", "NTLM"], True)
        with pytest.raises(ConnectionError):
            talk.connect(header)


def test_a_challenge_is_worth_nothing_on_another_connection(batch_lab: BatchLab) -> None:
    context = ntlm()
    with talking(batch_lab, WINDOWS) as first, talking(batch_lab, WINDOWS) as second:
        _status, offers, _ends = first.connect(messages(context, "NTLM"))
        assert second.connect(messages(context, "NTLM", offers[0]))[0] == 407


@pytest.mark.parametrize("name", ["", "proxy.winlab.example"])
def test_the_connection_to_the_fourth_proxy_is_encrypted(batch_lab: BatchLab, name: str) -> None:
    trusted = ssl.create_default_context(cafile=batch_lab.client.batch()["ca"])
    for header, status in (("", 407), (RIGHT["Proxy-Authorization"], 200)):
        with talking(batch_lab, TLS, trusted, name) as talk:
            assert talk.connect(header)[0] == status
    with pytest.raises(ssl.SSLCertVerificationError), talking(batch_lab, TLS, ssl.create_default_context()):
        pass
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        batch_lab.ask(batch_lab.shown("srv")[0], proxy=TLS)


def test_the_name_of_the_real_service_leads_to_the_lab(batch_lab: BatchLab) -> None:
    connection = tunnel(batch_lab, "activation.sls.microsoft.com:443")
    connection.request(
        "POST", "/BatchActivation/BatchActivation.asmx", envelope(*signed(text_of(2, question(batch_lab.shown("srv")[0])))), HEADERS
    )
    assert connection.getresponse().status == http.client.OK
    connection.close()
    assert batch_lab.client.batch_proxy()[0]["target"] == "activation.sls.microsoft.com:443"


@pytest.mark.parametrize("target", ["127.0.0.1:22", "activation.sls.microsoft.com:80", "example.com:443"])
def test_other_destinations_are_forbidden(batch_lab: BatchLab, target: str) -> None:
    connection = tunnel(batch_lab, target)
    with pytest.raises(OSError, match="403 Forbidden"):
        connection.request("GET", "/")
    assert [logged["status"] for logged in batch_lab.client.batch_proxy()] == [403]


def test_the_proxy_knows_connect_alone(batch_lab: BatchLab) -> None:
    connection = http.client.HTTPConnection(batch_lab.address, OPEN, timeout=30)
    connection.request("GET", "http://example.com/")
    assert connection.getresponse().status == http.client.METHOD_NOT_ALLOWED
    connection.close()


def test_a_proxy_can_fail_before_and_in_the_middle(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.client.set_fault("*", "batch_proxy_status", status=502, times=1)
    with pytest.raises(OSError, match="502 Bad Gateway"):
        batch_lab.ask(pid, iid, proxy=OPEN)
    batch_lab.client.set_fault("*", "batch_proxy_drop", times=1)
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        batch_lab.ask(pid, iid, proxy=OPEN)
    assert batch_lab.client.batch_requests() == []
    batch_lab.ask(pid, iid, proxy=OPEN)
    whole, used = batch_lab.client.batch_proxy()[-1]["bytes_down"], batch_lab.key(MAK)["used"]
    batch_lab.client.set_fault("*", "batch_proxy_drop", after_bytes=whole - 300, times=1)
    with pytest.raises((OSError, http.client.HTTPException)):
        batch_lab.ask(pid, iid, proxy=OPEN)
    assert batch_lab.key(MAK)["used"] == used + 1


def test_several_questions_of_one_message_are_answered_one_by_one(batch_lab: BatchLab) -> None:
    wanted = [batch_lab.shown(name) for name in ("srv", "twin", "blocked", "spent")]
    wanted.append((wanted[0][0], "0" * 63))
    used = batch_lab.key(MAK)["used"]
    reply = batch_lab.post(envelope(*signed(text_of(1, *(question(*ids) for ids in wanted)))), proxy=OPEN)
    assert [entry["IID"] for entry in reply.entries()] == [iid for _, iid in wanted]
    assert [entry.get("ErrorCode", "") for entry in reply.entries()] == ["", "", "0x67", "0x7F", "0x90"]
    assert [len(entry.get("CID", "")) for entry in reply.entries()] == [48, 48, 0, 0, 0]
    assert batch_lab.key(MAK)["used"] == used + 2
    (logged,) = batch_lab.client.batch_requests()
    assert [asked["machine"] for asked in logged["questions"]] == ["srv", "twin", "blocked", "spent", "srv"]


def test_a_python_client_needs_the_variables_of_the_inventory_and_nothing_else(batch_lab: BatchLab) -> None:
    found = yaml.safe_load(batch_lab.inventory.read_text(encoding="utf-8"))["all"]["vars"]
    ready = json.loads((batch_lab.inventory.parent / "ready.json").read_text(encoding="utf-8"))["batch_activation"]
    names = {
        "winlab_batch_activation_url": "url",
        "winlab_batch_activation_ca": "ca",
        "winlab_http_proxy": "proxy",
        "winlab_http_proxy_basic": "basic_proxy",
        "winlab_http_proxy_windows": "windows_proxy",
        "winlab_http_proxy_tls": "tls_proxy",
        "winlab_http_proxy_user": "proxy_user",
        "winlab_http_proxy_password": "proxy_password",
    }
    assert {name: found[name] for name in names} == {name: ready[entry] for name, entry in names.items()}
    assert {name: value for name, value in batch_lab.client.batch().items() if name not in ("keys", "most_at_once")} == ready
    assert "BEGIN CERTIFICATE" in Path(ready["ca"]).read_text(encoding="utf-8")
    assert ask_with_urllib(found, batch_lab.shown("srv")[0], found["winlab_http_proxy"]) == http.client.OK
    signed_in = found["winlab_http_proxy_basic"].replace(
        "//", f"//{found['winlab_http_proxy_user']}:{found['winlab_http_proxy_password']}@"
    )
    assert ask_with_urllib(found, batch_lab.shown("srv")[0], signed_in) == http.client.OK
    with pytest.raises(urllib.error.URLError, match="407"):
        ask_with_urllib(found, batch_lab.shown("srv")[0], found["winlab_http_proxy_basic"])


def ask_with_urllib(variables: dict[str, Any], pid: str, proxy: str) -> int:
    """Status of a question that urllib asks through a proxy."""
    handlers = [
        urllib.request.ProxyHandler({"https": proxy}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=variables["winlab_batch_activation_ca"])),
    ]
    body = envelope(*signed(text_of(2, question(pid))))
    request = urllib.request.Request(variables["winlab_batch_activation_url"], body, HEADERS)
    with urllib.request.build_opener(*handlers).open(request, timeout=30) as answer:
        return int(answer.status)
