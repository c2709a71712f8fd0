# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forests that are not ready for activation objects, and a forest with two domain controllers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import NoSuchObjectError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.names import by_guid, first_value
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.session import Directory
from needed import need_library
from samba_directory import ADMINISTRATOR, OLD_SCHEMA, ORDINARY, PASSWORD, SambaDirectory, Template, need_samba, shared_template
from samba_second import SecondController, two_controllers

SKU, OTHER_SKU = uuid.UUID("2a99638f-1d1a-4b9e-9f0e-0123456789ab"), uuid.UUID("11111111-2222-3333-4444-555555555555")
CLASS = "(lDAPDisplayName=msSPP-ActivationObject)"


@contextmanager
def running(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SambaDirectory]:
    """A domain controller for one test."""
    server = SambaDirectory(template, tmp_path_factory.mktemp("forest") / "dc1")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def session(server: str, address: str, user: str = ORDINARY) -> Directory:
    """A session with one of the domain controllers, with Kerberos."""
    return open_directory(DirectoryTarget(server, address), Logon(principal=f"{user}@AD.TEST", password=PASSWORD))


def container(directory: Directory) -> str:
    """The container for activation objects."""
    return f"CN=Activation Objects,CN=Microsoft SPP,CN=Services,{directory.root.configuration_naming_context}"


def test_without_adprep_the_classes_are_there_and_the_container_is_not(
    template: Template, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(template, tmp_path_factory) as forest:
        forest.remove_container()
        monkeypatch.setenv("KRB5_CONFIG", str(forest.krb5_conf))
        with session(forest.server, forest.address) as directory:
            assert len(directory.search(directory.root.schema_naming_context, "one", CLASS, ["cn"])) == 1
            with pytest.raises(NoSuchObjectError):
                directory.search(container(directory), "one", "(objectClass=*)", ["cn"])


@pytest.mark.slow
def test_an_old_schema_has_neither_classes_nor_container(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    need_samba()
    need_library("gssapi", "krb5")
    folder = tmp_path_factory.mktemp("old")
    with shared_template(folder, OLD_SCHEMA) as template, running(template, tmp_path_factory) as forest:
        monkeypatch.setenv("KRB5_CONFIG", str(forest.krb5_conf))
        with session(forest.server, forest.address) as directory:
            assert directory.search(directory.root.schema_naming_context, "one", CLASS, ["cn"]) == ()
            with pytest.raises(NoSuchObjectError):
                directory.search(container(directory), "one", "(objectClass=*)", ["cn"])


@pytest.fixture(scope="module")
def pair(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SambaDirectory, SecondController]]:
    """Two domain controllers of a forest."""
    with two_controllers(template, tmp_path_factory.mktemp("pair")) as controllers:
        yield controllers


@pytest.mark.slow
def test_the_same_name_on_two_domain_controllers_becomes_a_conflict_copy_that_can_be_deleted(
    pair: tuple[SambaDirectory, SecondController], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair
    monkeypatch.setenv("KRB5_CONFIG", str(first.krb5_conf))
    second.stop()  # as if the link between two sites was down
    first.make_object("Twin", sku_id=SKU, partial_key="AAAAA")
    first.make_object("Twin", sku_id=OTHER_SKU, partial_key="BBBBB", database=second.database)
    second.start()
    second.replicate()
    listed = {}
    for server, address in ((first.server, first.address), (second.server, second.address)):
        with session(server, address) as directory:
            assert directory.root.dns_host_name == server
            found = directory.search(container(directory), "one", "(cn=Twin*)", ["cn", "objectGUID", "msSPP-CSVLKPartialProductKey"])
            listed[server] = {uuid.UUID(bytes_le=entry.values("objectGUID")[0]): entry for entry in found}
    assert set(listed[first.server]) == set(listed[second.server])
    assert len(listed[first.server]) == 2
    copies = {guid: entry for guid, entry in listed[first.server].items() if "\nCNF:" in first_value(entry.dn)}
    ((guid, copy),) = copies.items()
    assert first_value(copy.dn) == f"Twin\nCNF:{guid}"
    assert "\n" not in copy.dn
    with session(second.server, second.address, ADMINISTRATOR) as directory:
        directory.delete(by_guid(guid))
        with pytest.raises(NoSuchObjectError):
            directory.delete(copy.dn)
    second.replicate()
    assert first.object_names() == {"Twin"}
