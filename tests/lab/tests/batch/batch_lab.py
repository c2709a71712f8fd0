# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab with the batch activation service, and a client that says what a test wants to get wrong."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from winlab.client import LabClient, running_lab

MAK, SPENT, BLOCKED = "MMMMM-KKKKK-MMMMM-22222-33333", "MMMMM-KKKKK-MMMMM-22222-44444", "MMMMM-KKKKK-MMMMM-22222-66666"
ESU = "MMMMM-KKKKK-MMMMM-22222-77777"
OTHER = "MMMMM-KKKKK-MMMMM-22222-88888"
CONSTANT = bytes.fromhex("fe319875fb4884869cf3f1ce99a89064ab571fca470450583024e214628779a0")
REQUEST = "http://www.microsoft.com/DRM/SL/BatchActivationRequest/1.0"
RESPONSE = "{http://www.microsoft.com/DRM/SL/BatchActivationResponse/1.0}"
SERVICE = "http://www.microsoft.com/BatchActivationService"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ACTION = SERVICE + "/BatchActivate"
PATH = "/BatchActivation/BatchActivation.asmx"
HEADERS = {"Content-Type": 'text/xml; charset="utf-8"', "Accept": "text/xml", "SOAPAction": ACTION}
OFFICE = "Office LTSC Professional Plus 2021"
ESTATE = f"""
clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
dns: none
microsoft:
  batch_activation: {{address: 127.58.NN.250, OPTIONS}}
  keys:
    - {{key: {MAK}, channel: mak, fits: [Server 2019 Standard, Windows 10 Enterprise], activations: 500}}
    - {{key: {SPENT}, channel: mak, fits: Server 2019 Standard, activations: 3, used: 3}}
    - {{key: {BLOCKED}, channel: mak, fits: Server 2019 Standard, blocked: activate}}
    - {{key: {ESU}, channel: mak, fits: ESU Windows 10 year 1, activations: 9}}
    - {{key: {OTHER}, channel: mak, fits: Server 2019 Standard, activations: 9}}
machines:
  - {{name: srv, address: 127.58.NN.1, os: Server 2019 Standard, state: mak_unactivated, key: {MAK}}}
  - {{name: twin, address: 127.58.NN.2, os: Server 2019 Standard, state: mak_unactivated, key: {MAK}}}
  - {{name: spent, address: 127.58.NN.3, os: Server 2019 Standard, state: mak_unactivated, key: {SPENT}}}
  - {{name: blocked, address: 127.58.NN.4, os: Server 2019 Standard, state: mak_unactivated, key: {BLOCKED}}}
  - {{name: other, address: 127.58.NN.5, os: Server 2019 Standard, state: mak_unactivated, key: {OTHER}}}
  - name: pc
    address: 127.58.NN.6
    os: Windows 10 Enterprise
    build: 19045
    ubr: 6456
    state: mak_unactivated
    key: {MAK}
    esu: [{{programme: windows_10_year_1, state: installed, key: {ESU}}}]
    office: [{{product: {OFFICE}, state: mak_unactivated}}]
  - {{name: host, address: 127.58.NN.7, os: Server 2022 Standard, state: kms_host}}
  - {{name: client, address: 127.58.NN.8, os: Server 2019 Standard, state: grace}}
  - {{name: odd, address: 127.58.NN.9, os: Server 2019 Standard, state: wrong_key}}
  - {{name: old, address: 127.58.NN.10, os: Server 2003 Standard}}
"""


def text_of(kind: int, *entries: str, version: str = "2.0", space: str = REQUEST) -> str:
    """The text that is signed."""
    inside = "".join(f"<Request>{entry}</Request>" for entry in entries)
    return (
        f'<ActivationRequest xmlns="{space}"><VersionNumber>{version}</VersionNumber><RequestType>{kind}</RequestType>'
        f"<Requests>{inside}</Requests></ActivationRequest>"
    )


def signed(text: str, *, encoding: str = "utf-16-le", key: bytes = CONSTANT) -> tuple[str, str]:
    """Digest and RequestXml."""
    data = text.encode(encoding)
    return base64.b64encode(hmac.new(key, data, hashlib.sha256).digest()).decode(), base64.b64encode(data).decode()


def envelope(digest: str, request_xml: str, *, soap: str = SOAP, service: str = SERVICE) -> bytes:
    """The message of these two."""
    return (
        f'<soap:Envelope xmlns:soap="{soap}"><soap:Body><BatchActivate xmlns="{service}"><request>'
        f"<Digest>{digest}</Digest><RequestXml>{request_xml}</RequestXml></request></BatchActivate></soap:Body></soap:Envelope>"
    ).encode()


def question(pid: str, iid: str | None = None) -> str:
    """What stands in one Request element."""
    return f"<PID>{pid}</PID>" + ("" if iid is None else f"<IID>{iid}</IID>")


@dataclass(frozen=True)
class Reply:
    """An answer of the service."""

    status: int
    headers: dict[str, str]
    body: bytes

    def entries(self) -> list[dict[str, str]]:
        """What stands in each Response element."""
        inner = ElementTree.fromstring(self.body).find(f".//{{{SERVICE}}}ResponseXml")
        assert inner is not None
        root = ElementTree.fromstring(inner.text or "")
        found = root.iterfind(f"{RESPONSE}Responses/{RESPONSE}Response")
        return [{leaf.tag.removeprefix(RESPONSE): leaf.text or "" for leaf in entry.iter() if not len(leaf)} for entry in found]

    def entry(self) -> dict[str, str]:
        """What stands in the one Response element."""
        (found,) = self.entries()
        return found

    def fault(self) -> str:
        """Code and text of a SOAP fault."""
        root = ElementTree.fromstring(self.body)
        return f"{root.findtext('.//faultcode')} {root.findtext('.//faultstring')}"


@dataclass(frozen=True)
class BatchLab:
    """A running lab with the service."""

    client: LabClient
    inventory: Path
    address: str

    def product(self, name: str, title: str = "") -> dict[str, Any]:
        """A product with a key, the first one or the one whose name has this title."""
        products = self.client.machine(name)["products"]
        return next(
            each["properties"] for each in products if title in each["properties"]["Name"] and each["properties"]["PartialProductKey"]
        )

    def shown(self, name: str, title: str = "") -> tuple[str, str]:
        """Extended PID and installation ID of a product with a key."""
        properties = self.product(name, title)
        return properties["ProductKeyID"], properties["OfflineInstallationId"]

    def key(self, text: str) -> dict[str, Any]:
        """What the lab's book says about a key."""
        return next(entry for entry in self.client.batch()["keys"] if entry["partial_key"] == text[-5:])

    def connect(
        self, proxy: int | None = None, proxy_headers: dict[str, str] | None = None, timeout: float = 30
    ) -> http.client.HTTPSConnection:
        """A connection to the service, through a proxy at this port if there is one."""
        trusted = ssl.create_default_context(cafile=self.client.batch()["ca"])
        connection = http.client.HTTPSConnection(self.address, proxy or 8443, timeout=timeout, context=trusted)
        if proxy is not None:
            connection.set_tunnel(self.address, 8443, proxy_headers or {})
        return connection

    def post(self, body: bytes, headers: dict[str, str] | None = None, *, path: str = PATH, **route: Any) -> Reply:
        """Send a message."""
        connection = self.connect(**route)
        with contextlib.closing(connection):
            connection.request("POST", path, body, HEADERS if headers is None else headers)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())

    def ask(self, pid: str, iid: str | None = None, **route: Any) -> Reply:
        """Ask for a confirmation ID, or without an installation ID how many activations are left."""
        return self.post(envelope(*signed(text_of(2 if iid is None else 1, question(pid, iid)))), **route)


@contextlib.contextmanager
def lab_with_batch(folder: Path, network: int, options: str = "several_requests: false") -> Iterator[BatchLab]:
    """Serve the estate at addresses 127.58.NETWORK.*."""
    estate = folder / "batch.yml"
    estate.write_text(ESTATE.replace("NN", str(network)).replace("OPTIONS", options), encoding="utf-8")
    with running_lab(estate, run_dir=folder / "lab") as (client, inventory):
        yield BatchLab(client, inventory, f"127.58.{network}.250")
