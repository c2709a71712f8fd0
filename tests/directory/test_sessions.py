# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions with a domain controller of Samba: every way to log on, searching, and deleting."""

from __future__ import annotations

import uuid

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError, NoSuchObjectError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.logon import library
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.names import by_guid
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.session import Directory
from samba_directory import ADMINISTRATOR, DELEGATED, ORDINARY, PASSWORD, SambaDirectory

SKU = uuid.UUID("2a99638f-1d1a-4b9e-9f0e-0123456789ab")
OF_KERBEROS = ("password", "keytab", "ccache", "default cache")
WAYS = (*OF_KERBEROS, "ldaps", "starttls", "ntlm")
ATTRIBUTES = ("cn", "objectGUID", "msSPP-CSVLKSkuId", "msSPP-CSVLKPartialProductKey", "msSPP-KMSIds", "whenCreated")


def logon(forest: SambaDirectory, way: str = "password", user: str = ORDINARY) -> Logon:
    """One of WAYS to log on."""
    principal = forest.principal(user)
    if way in ("ldaps", "starttls"):
        return Logon("simple", "ldaps" if way == "ldaps" else "starttls", principal, PASSWORD, ca_file=str(forest.ca_file))
    if way == "keytab":
        return Logon(principal=principal, keytab=str(forest.keytab(user)))
    if way == "ccache":
        return Logon(ccache=f"FILE:{forest.ticket(user)}")
    if way == "ntlm":
        return Logon("ntlm", principal=principal, password=PASSWORD)
    return Logon() if way == "default cache" else Logon(principal=principal, password=PASSWORD)


def session(forest: SambaDirectory, way: str = "password", user: str = ORDINARY) -> Directory:
    """An open session."""
    return open_directory(DirectoryTarget(forest.server, forest.address), logon(forest, way, user))


def container(directory: Directory) -> str:
    """The container for activation objects."""
    return f"CN=Activation Objects,CN=Microsoft SPP,CN=Services,{directory.root.configuration_naming_context}"


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_log_on_reads_the_same_and_says_how_it_did(client: SambaDirectory, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"Read by {way}"
    guid = client.make_object(name, sku_id=SKU, partial_key="AB12C")
    if way == "default cache":
        monkeypatch.setenv("KRB5CCNAME", f"FILE:{client.ticket(ORDINARY)}")
    with session(client, way) as directory:
        (found,) = directory.search(container(directory), "one", f"(cn={name})", ATTRIBUTES)
        assert found.text("cn") == name
        assert uuid.UUID(bytes_le=found.values("objectGUID")[0]) == guid
        assert uuid.UUID(bytes_le=found.values("msspp-csvlkskuid")[0]) == SKU
        facts = directory.facts
        assert directory.root.forest == client.domain
        assert not directory.root.is_read_only
    inside_tls = way in ("ldaps", "starttls")
    assert facts.protocol == ("simple" if inside_tls else "ntlm" if way == "ntlm" else "kerberos")
    assert facts.security == (way if inside_tls else "sealed")
    assert (facts.tls_version is not None) == inside_tls
    assert (facts.server, facts.address, facts.port) == (client.server, client.address, 636 if way == "ldaps" else 389)
    assert facts.account == client.principal(ORDINARY)
    assert facts.clock_difference in (-1, 0, 1)


@pytest.mark.parametrize("way", OF_KERBEROS)
def test_where_krb5_is_missing_gssapi_alone_does_the_same(client: SambaDirectory, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "krb5", None)
    name = f"Deleted with gssapi by {way}"
    guid = client.make_object(name, sku_id=SKU, partial_key="AB12C")
    if way == "default cache":
        monkeypatch.setenv("KRB5CCNAME", f"FILE:{client.ticket(ADMINISTRATOR)}")
    with session(client, way, ADMINISTRATOR) as directory:
        assert len(directory.search(container(directory), "one", f"(cn={name})", ATTRIBUTES)) == 1
        directory.delete(by_guid(guid))
        facts = directory.facts
    assert name not in client.object_names()
    assert (facts.protocol, facts.security, facts.account) == ("kerberos", "sealed", client.principal(ADMINISTRATOR))


@pytest.mark.parametrize("way", ["password", "ldaps"])
def test_an_object_is_deleted_by_its_guid_and_only_once(client: SambaDirectory, way: str) -> None:
    guid = client.make_object(f"Deleted by {way}", sku_id=SKU, partial_key="AB12C")
    with session(client, way, ADMINISTRATOR) as directory:
        directory.delete(by_guid(guid))
        assert f"Deleted by {way}" not in client.object_names()
        with pytest.raises(NoSuchObjectError) as refused:
            directory.delete(by_guid(guid))
        assert refused.value.error_code == "directory_no_such_object"
        # The session goes on after a refused request.
        assert directory.search(container(directory), "base", "(objectClass=*)", ["cn"])


def test_a_name_that_was_created_again_is_not_deleted_by_the_guid_of_before(client: SambaDirectory) -> None:
    before = client.make_object("Again", sku_id=SKU, partial_key="AB12C")
    with session(client, user=ADMINISTRATOR) as directory:
        directory.delete(by_guid(before))
        client.make_object("Again", sku_id=SKU, partial_key="ZZZZZ")
        with pytest.raises(NoSuchObjectError):
            directory.delete(by_guid(before))
    assert "Again" in client.object_names()


def test_the_permission_to_delete_children_of_the_class_is_sufficient(client: SambaDirectory) -> None:
    guid = client.make_object("Delegated", sku_id=SKU, partial_key="AB12C")
    with session(client, user=DELEGATED) as directory:
        directory.delete(by_guid(guid))
    assert "Delegated" not in client.object_names()


def test_an_ordinary_account_must_not_delete(client: SambaDirectory) -> None:
    guid = client.make_object("Kept", sku_id=SKU, partial_key="AB12C")
    with session(client) as directory, pytest.raises(DirectoryError) as refused:
        directory.delete(by_guid(guid))
    assert refused.value.error_code == "directory_not_authorized"
    assert "Kept" in client.object_names()


def test_an_object_without_read_permission_is_not_in_the_answer_and_is_no_error(client: SambaDirectory) -> None:
    client.make_object("Hidden", sku_id=SKU, partial_key="AB12C", hidden=True)
    with session(client) as directory:
        assert directory.search(container(directory), "one", "(cn=Hidden)", ["cn"]) == ()
    with session(client, user=ADMINISTRATOR) as directory:
        assert len(directory.search(container(directory), "one", "(cn=Hidden)", ["cn"])) == 1


def test_all_pages_of_a_search_are_read(client: SambaDirectory) -> None:
    with session(client) as directory:
        schema = directory.root.schema_naming_context
        found = directory.search(schema, "one", "(objectClass=attributeSchema)", ["cn"], limit=5000)
    assert len(found) > 1000
    assert len({entry.dn for entry in found}) == len(found)
