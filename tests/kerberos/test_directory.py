# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of the lab and Kerberos: sealed sessions, and activation objects that a machine makes with a forwarded ticket."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
from winrm.protocol import Protocol

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon
from kdc import Kdc

from .domain import ADMIN, PASSWORD, REALM, STRANGER, Domain, network, running_domain, services_of

KEY = "CCCCC-VVVVV-KKKKK-22222-33333"
SERVER = "dc1.corp.test"
MEMBER = "member.corp.test"
CONTAINER = "CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=corp,DC=test"
ESTATE = f"""
clock: {{start: 2026-11-20T09:00:00Z, ticking: false}}
dns: none
defaults: {{domain: corp.test, accounts: {{{ADMIN}: {PASSWORD}}}, listen: {{basic: false, allow_unencrypted: false}}}}
microsoft: {{keys: [{{key: {KEY}, channel: csvlk, fits: [Server 2022], activations: 60}}]}}
directories:
  corp.test:
    address: 127.41.60.9
    accounts: {{{ADMIN}: {{password: {PASSWORD}, rights: admin}}}}
    objects: [{{name: First, host_key: Server 2019}}]
machines:
  - {{name: member, address: 127.41.60.1, os: Server 2022 Standard, state: grace}}
"""
ENVELOPE = """
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header><a:To>http://{address}/wsman</a:To>
<a:MessageID>uuid:11111111-1111-4111-8111-111111111111</a:MessageID><a:ReplyTo><a:Address>
http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo><a:Action>{uri}/{method}</a:Action>
<w:ResourceURI>{uri}</w:ResourceURI><w:SelectorSet><w:Selector Name="Version">{version}</w:Selector></w:SelectorSet></s:Header>
<s:Body><p:{method}_INPUT xmlns:p="{uri}"><p:ProductKey>{key}</p:ProductKey><p:ActivationObjectName>{name}</p:ActivationObjectName>
</p:{method}_INPUT></s:Body></s:Envelope>"""


@pytest.fixture(scope="module")
def forest(kdc: Kdc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Domain]:
    """The realm with a domain controller of the lab and a member."""
    services = [f"ldap/{SERVER}", *services_of(["member"])]
    kdc.add_principals(dict.fromkeys(services))
    with running_domain(tmp_path_factory.mktemp("forest"), kdc, textwrap.dedent(ESTATE), kdc.keytab("forest.keytab", *services)) as running:
        yield running


@pytest.fixture
def client(forest: Domain, monkeypatch: pytest.MonkeyPatch) -> Domain:
    """The same, in the environment of a client that has no ticket."""
    for name, value in forest.environment().items():
        monkeypatch.setenv(name, value)
    return forest


def names(forest: Domain, logon: Logon, **target: Any) -> tuple[list[str], str]:
    """The names of the objects, and what the session of the collection says about its security."""
    where = DirectoryTarget(SERVER, f"127.{network()}.60.9", target.get("port", 10389))
    with open_directory(where, logon) as directory:
        base = f"CN=Activation Objects,CN=Microsoft SPP,CN=Services,{directory.root.configuration_naming_context}"
        found = directory.search(base, "one", "(objectClass=msSPP-ActivationObject)", ["cn"])
        return [str(entry.text("cn")) for entry in found], forest.client.directory("corp.test")["operations"][-1]["security"]


@pytest.mark.parametrize("way", ["password", "ccache"])
def test_a_session_with_a_ticket_is_sealed(client: Domain, way: str) -> None:
    principal = f"{ADMIN}@{REALM}"
    if way == "ccache":
        logon = Logon(ccache=f"FILE:{client.kdc.ticket(ADMIN, PASSWORD, name='directory')}")
    else:
        logon = Logon(principal=principal, password=PASSWORD)
    assert names(client, logon) == (["First"], "kerberos sealed")


@pytest.mark.parametrize("way", ["ldaps", "starttls", "ntlm"])
def test_the_other_ways_of_the_collection_get_in_as_well(client: Domain, way: str) -> None:
    ca_file = client.client.directory("corp.test")["ca_file"]
    principal = f"{ADMIN}@corp.test"
    if way == "ntlm":
        assert names(client, Logon("ntlm", principal=principal, password=PASSWORD)) == (["First"], "ntlm sealed")
        return
    logon = Logon("simple", "ldaps" if way == "ldaps" else "starttls", principal, PASSWORD, ca_file=ca_file)
    assert names(client, logon, port=10636 if way == "ldaps" else 10389) == (["First"], "tls")


def test_a_user_of_the_realm_whom_the_directory_does_not_know_is_refused(client: Domain) -> None:
    with pytest.raises(DirectoryError) as caught:
        names(client, Logon(principal=f"{STRANGER}@{REALM}", password=PASSWORD))
    assert caught.value.error_code == "directory_logon_failed"


@pytest.mark.parametrize("delegated", [True, False])
def test_a_member_makes_an_object_with_a_forwarded_ticket_and_not_without(client: Domain, monkeypatch: Any, delegated: bool) -> None:
    cache = client.kdc.ticket(ADMIN, PASSWORD, "-f", name="forwardable-object")
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{cache}")
    name, address = f"Made {delegated}", client.address("member")
    protocol = Protocol(
        f"http://{address}:5985/wsman", transport="kerberos", username=f"{ADMIN}@{REALM}", kerberos_delegation=delegated,
        kerberos_hostname_override=MEMBER,
    )  # fmt: skip
    uri = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/SoftwareLicensingService"
    version = client.client.machine("member")["service"]["Version"]
    message = ENVELOPE.format(address=address, uri=uri, method="DoActiveDirectoryOnlineActivation", version=version, key=KEY, name=name)
    try:
        answer = str(protocol.transport.send_message(message))
    except Exception as error:  # noqa: BLE001  # whatever pywinrm makes of a fault
        answer = str(getattr(error, "response_text", error))
    finally:
        protocol.transport.close_session()
    assert ("DoActiveDirectoryOnlineActivation_OUTPUT" in answer) == delegated, answer
    assert (name in [found["name"] for found in client.client.directory("corp.test")["objects"]]) == delegated
