# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody on the network reads of a session: nothing, if it is sealed. A session that is only signed shows what there is to read."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap import messages
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.ber import encode, encode_integer, encode_octets, encode_text
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.logon import library
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.messages import read_message, read_result
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon
from recorder import Recorder, recorded
from samba_directory import ADMINISTRATOR, PASSWORD, SambaDirectory
from server_process import LOOPBACK

SKU = uuid.UUID("2a99638f-1d1a-4b9e-9f0e-0123456789ab")
NAME, PARTIAL_KEY, DISPLAY_NAME, PID = (
    "Seen on the wire",
    "QW3RT",
    "Windows Server of the tests",
    "06401-00206-471-111111-03-1033-20348.0000-3352026",
)
ATTRIBUTES = ("cn", "displayName", "msSPP-CSVLKSkuId", "msSPP-CSVLKPartialProductKey", "msSPP-CSVLKPid", "msSPP-KMSIds")
CONTAINER = "CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=ad,DC=test"
READABLE = (
    *(b"msSPP", b"Activation Objects", b"Microsoft SPP", b"displayName", b"DC=ad,DC=test", b"<GUID="),
    *(b"configurationNamingContext", b"currentTime", b"objectClass"),
    *(text.encode() for text in (NAME, PARTIAL_KEY, DISPLAY_NAME, PID)),
    *(SKU.bytes_le, PASSWORD.encode()),
)
"""What no sealed session may show: names of attributes and of the forest, and every value of the object."""

IN_THE_CONTROL = (b"msSPP", b"Activation Objects", b"displayName", NAME.encode(), PARTIAL_KEY.encode(), DISPLAY_NAME.encode(), SKU.bytes_le)


@pytest.fixture
def guid(client: SambaDirectory) -> uuid.UUID:
    """The object that the sessions list and delete."""
    if NAME in client.object_names():
        client.database.delete(f"CN={NAME},CN=Activation Objects,CN=Microsoft SPP,CN=Services,{{config}}")
    return client.make_object(NAME, sku_id=SKU, partial_key=PARTIAL_KEY, display_name=DISPLAY_NAME, pid=PID)


def hits(recorder: Recorder, texts: tuple[bytes, ...]) -> set[bytes]:
    """Which of the texts are readable, in UTF-8 or UTF-16."""
    data = recorder.recorded
    return {text for text in texts if text in data or text.decode("latin-1").encode("utf-16-le") in data}


def logons(forest: SambaDirectory) -> dict[str, Logon]:
    """The logons to compare."""
    principal = forest.principal(ADMINISTRATOR)
    return {
        "kerberos": Logon(principal=principal, password=PASSWORD),
        "ntlm": Logon("ntlm", None, principal, PASSWORD),
        "ldaps": Logon("simple", "ldaps", principal, PASSWORD, ca_file=str(forest.ca_file)),
        "starttls": Logon("simple", "starttls", principal, PASSWORD, ca_file=str(forest.ca_file)),
    }


@pytest.mark.parametrize("way", ["kerberos", "ntlm", "ldaps", "starttls"])
def test_nothing_of_a_session_is_readable(client: SambaDirectory, guid: uuid.UUID, way: str) -> None:
    with recorded(client.address, 636 if way == "ldaps" else 389) as recorder:
        target = DirectoryTarget(client.server, LOOPBACK, recorder.port)
        with open_directory(target, logons(client)[way]) as directory:
            assert directory.facts.address == LOOPBACK
            (found,) = directory.search(CONTAINER, "one", f"(cn={NAME})", ATTRIBUTES)
            assert found.text("displayName") == DISPLAY_NAME
            directory.delete(f"<GUID={guid}>")
    assert NAME not in client.object_names()
    assert hits(recorder, READABLE) == set()
    assert len(recorder.recorded) > 2000


IN_CLEAR = bytes.fromhex("300c02010365070a010004000400")
"""A search that ended without entries, as an attacker would answer who wants to hide the objects."""

CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a changed bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "a changed bit in the header": lambda data: data[:6] + bytes([data[6] ^ 2]) + data[7:],
    "an answer in clear": lambda _data: IN_CLEAR,
    "an answer in clear before the sealed one": lambda data: IN_CLEAR + data,
}


@pytest.mark.parametrize("library_name", ["pyspnego", "gssapi alone"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_an_attacker_sends_into_a_sealed_session_ends_it(
    client: SambaDirectory, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes], library_name: str
) -> None:
    if library_name == "gssapi alone":
        monkeypatch.setattr(library, "krb5", None)
    with recorded(client.address, 389) as recorder:
        directory = open_directory(DirectoryTarget(client.server, LOOPBACK, recorder.port), logons(client)["kerberos"])
        assert directory.search(CONTAINER, "base", "(objectClass=*)", ATTRIBUTES)
        recorder.change = change
        with pytest.raises(DirectoryError) as failed:
            directory.search(CONTAINER, "one", "(objectClass=*)", ATTRIBUTES)
        directory.close()
    assert failed.value.error_code == "directory_not_sealed"


def test_a_signed_session_shows_all_of_it(client: SambaDirectory, guid: uuid.UUID) -> None:
    """The control: the same listing with a context that signs only, so that the search above finds what is there."""
    assert guid
    with recorded(client.address, 389) as recorder, socket.create_connection((LOOPBACK, recorder.port), 10) as connection:
        listed = SignedClient(connection, client).list_objects()
    assert PARTIAL_KEY.encode() in listed
    assert hits(recorder, IN_THE_CONTROL) == set(IN_THE_CONTROL)


class SignedClient:
    """A client with the mechanism GSSAPI (RFC 4752) and signed messages, which this collection does not have."""

    def __init__(self, connection: socket.socket, forest: SambaDirectory) -> None:
        import gssapi  # noqa: PLC0415

        self._connection = connection
        name = gssapi.Name(forest.principal(ADMINISTRATOR), gssapi.NameType.kerberos_principal)
        kerberos = gssapi.MechType.kerberos
        found = gssapi.raw.acquire_cred_with_password(name, PASSWORD.encode(), usage="initiate", mechs=[kerberos])
        flags = gssapi.RequirementFlag
        self._context: Any = gssapi.SecurityContext(
            name=gssapi.Name(f"ldap@{forest.server}", gssapi.NameType.hostbased_service),
            usage="initiate",
            creds=gssapi.Credentials(base=found.creds),
            mech=kerberos,
            flags=flags.mutual_authentication | flags.integrity | flags.out_of_sequence_detection,
        )
        self._number = 0

    def list_objects(self) -> bytes:
        """Log on, and return the bytes of the listing."""
        token = self._context.step()
        while not self._context.complete:
            answer = self._bind(token)
            token = self._context.step(answer)
        offer = self._context.unwrap(self._bind(token or b"")).message
        assert offer[0] & 2, "the server does not offer to sign"
        self._bind(self._context.wrap(bytes([2]) + (65536).to_bytes(3, "big"), False).message)
        search = messages.search(CONTAINER, "one", "(objectClass=*)", ATTRIBUTES)
        signed = self._context.wrap(messages.message(self._number + 1, search), False).message
        self._connection.sendall(len(signed).to_bytes(4, "big") + signed)
        found = b""
        while bytes([messages.SEARCH_DONE]) not in found or PARTIAL_KEY.encode() not in found:
            size = int.from_bytes(self._exactly(4), "big")
            found += self._context.unwrap(self._exactly(size)).message
        return found

    def _bind(self, token: bytes) -> bytes:
        self._number += 1
        credentials = encode(0xA3, encode_text("GSSAPI"), encode_octets(token))
        self._connection.sendall(messages.message(self._number, encode(0x60, encode_integer(3), encode_text(""), credentials)))
        result = read_result(read_message(self._connection.recv(65536)).content)
        assert result.code in (0, 14), result
        return result.server_credentials or b""

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._connection.recv(size - len(data))
            assert more
            data += more
        return data


def test_a_simple_bind_in_clear_is_refused_before_a_password_is_on_the_wire(client: SambaDirectory) -> None:
    with recorded(client.address, 389) as recorder:
        wrong = Logon("simple", "starttls", client.principal(ADMINISTRATOR), PASSWORD)  # the CA is not known to the system
        with pytest.raises(DirectoryError) as failed:
            open_directory(DirectoryTarget(client.server, LOOPBACK, recorder.port), wrong)
    assert failed.value.error_code == "directory_tls_failed"
    assert recorder.recorded
    assert hits(recorder, (PASSWORD.encode(), ADMINISTRATOR.encode())) == set()
