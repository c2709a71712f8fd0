# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a directory of the lab's own answers about activation objects: the codes measured on Samba (facts sections 2, 3, 5)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import ldap3
import pytest

from winlab.directory.names import WrongName, escape, parse, write
from winlab.directory.server import DirectoryServer

from .directory_clients import CONTAINER, open_tls, values

CLASS = "msSPP-ActivationObject"
LogOn = Callable[[str], Any]


def add(connection: Any, name: str, **changes: Any) -> int:
    connection.add(f"CN={name},{CONTAINER}", CLASS, values(**changes))
    return int(connection.result["result"])


def found(connection: Any, test: str = f"(objectClass={CLASS})", base: str = CONTAINER, scope: str = ldap3.LEVEL) -> list[str]:
    connection.search(base, test, scope, attributes=["cn"])
    assert connection.result["result"] == 0, connection.result
    return [entry["dn"].partition(",")[0] for entry in connection.response if entry["type"] == "searchResEntry"]


def test_an_object_is_added_listed_and_deleted_by_its_guid(log_on: LogOn) -> None:
    boss = log_on("boss")
    assert add(boss, "One", partial_key="ABCDE") == 0
    boss.search(CONTAINER, f"(objectClass={CLASS})", ldap3.LEVEL, attributes=["*"])
    (entry,) = boss.response
    shown = entry["raw_attributes"]
    assert shown["objectClass"] == [b"top", CLASS.encode()]
    assert shown["msSPP-CSVLKPartialProductKey"] == [b"ABCDE"]
    assert entry["dn"] == shown["distinguishedName"][0].decode() == f"CN=One,{CONTAINER}"
    assert shown["whenCreated"][0].endswith(b".0Z")
    guid = uuid.UUID(bytes_le=shown["objectGUID"][0])
    assert found(boss, base=f"<GUID={guid}>", scope=ldap3.BASE) == ["CN=One"]
    for code in (0, 32):
        boss.delete(f"<GUID={guid}>")
        assert boss.result["result"] == code
    assert found(boss) == []


@pytest.mark.parametrize("missing", ["KMSIds", "CSVLKSkuId", "CSVLKPid", "CSVLKPartialProductKey"])
def test_an_object_without_an_attribute_that_it_must_have_is_refused(log_on: LogOn, missing: str) -> None:
    boss = log_on("boss")
    assert add(boss, "One", **{missing: None}) == 65
    assert missing in boss.result["message"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"CSVLKSkuId": b"short"}, 21), ({"KMSIds": [b"short"]}, 21), ({"CSVLKPartialProductKey": "ABCD"}, 21),
        ({"CSVLKPid": "x" * 513}, 21),
        ({"CSVLKSkuId": [bytes(16), bytes([1] * 16)]}, 19), ({"KMSIds": [bytes(16), bytes(16)]}, 20), ({"Nothing": "x"}, 16),
    ],
)  # fmt: skip
def test_values_that_an_object_cannot_have_are_refused(log_on: LogOn, changes: dict[str, Any], code: int) -> None:
    boss = log_on("boss")
    assert add(boss, "One", **changes) == code
    assert found(boss) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (f"OU=One,{CONTAINER}", 64), ("CN=One,CN=Services,CN=Configuration,DC=corp,DC=lab", 64), ("CN=One,CN=Users,DC=corp,DC=lab", 64),
        (f"CN=One,CN=Nobody,{CONTAINER}", 32), (f"CN={'x' * 65},{CONTAINER}", 19), (f"CN={'x' * 64},{CONTAINER}", 0),
    ],
)  # fmt: skip
def test_where_an_object_may_be_and_how_it_may_be_called(log_on: LogOn, name: str, code: int) -> None:
    boss = log_on("boss")
    boss.add(name, CLASS, values())
    assert boss.result["result"] == code


def test_a_name_that_is_taken_is_refused_in_any_case(log_on: LogOn) -> None:
    boss = log_on("boss")
    assert (add(boss, "One"), add(boss, "ONE")) == (0, 68)
    boss.delete(f"cn=one,{CONTAINER.lower()}")
    assert boss.result["result"] == 0
    assert add(boss, "One") == 0


@pytest.mark.parametrize("name", ["a, b", "#1", " blank ", 'a+b="c";<d>\\', "日本語", "a/b", "line\nbreak", "a\\"])
def test_any_name_comes_back_as_it_was_given(log_on: LogOn, name: str) -> None:
    boss = log_on("boss")
    assert add(boss, escape(name)) == 0
    boss.search(CONTAINER, f"(objectClass={CLASS})", ldap3.LEVEL, attributes=["cn"])
    (entry,) = boss.response
    assert entry["raw_attributes"]["cn"] == [name.encode()]
    boss.delete(entry["dn"])
    assert boss.result["result"] == 0
    assert parse(write((("CN", name),))) == (("CN", name),)


@pytest.mark.parametrize("text", ["=x", "CN", "C N=x", "CN=a+OU=b", "CN=\\"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(WrongName):
        parse(text)


def test_readers_list_and_change_nothing(log_on: LogOn) -> None:
    assert add(log_on("boss"), "One") == 0
    reader = log_on("reader")
    assert found(reader) == ["CN=One"]
    assert add(reader, "Two") == 50
    reader.delete(f"CN=One,{CONTAINER}")
    assert (reader.result["result"], "00002098" in reader.result["message"]) == (50, True)
    reader.modify(f"CN=One,{CONTAINER}", {"displayName": [(ldap3.MODIFY_REPLACE, ["x"])]})
    assert reader.result["result"] == 50


def test_an_account_without_rights_gets_success_and_nothing(log_on: LogOn) -> None:
    assert add(log_on("boss"), "One") == 0
    blind = log_on("blind")
    assert found(blind) == []
    blind.search(f"CN=One,{CONTAINER}", "(objectClass=*)", ldap3.BASE, attributes=["cn"])
    (entry,) = blind.response
    assert not any(entry["raw_attributes"].values()), "ldap3 shows what it asked for as empty"


@pytest.mark.parametrize(
    ("test", "names"),
    [
        ("(cn=one)", ["CN=One"]), ("(&(objectClass=msSPP-ActivationObject)(|(cn=One)(cn=Two)))", ["CN=One", "CN=Two"]),
        ("(!(cn=one))", ["CN=Two"]), ("(displayName=*)", ["CN=Two"]), ("(objectCategory=msSPP-ActivationObject)", ["CN=One", "CN=Two"]),
        ("(msSPP-CSVLKPartialProductKey=vwxyz)", ["CN=Two"]), ("(objectClass=top)", ["CN=One", "CN=Two"]), ("(objectClass=user)", []),
    ],
)  # fmt: skip
def test_filters_of_equality_and_presence(log_on: LogOn, test: str, names: list[str]) -> None:
    boss = log_on("boss")
    assert add(boss, "One") == add(boss, "Two", partial_key="VWXYZ") == 0
    assert boss.modify(f"CN=Two,{CONTAINER}", {"displayName": [(ldap3.MODIFY_REPLACE, ["The second"])]})
    assert found(boss, test) == names


def test_a_filter_finds_an_object_by_the_octets_of_its_license_and_of_one_kms_id(log_on: LogOn) -> None:
    boss, sku, ids = log_on("boss"), uuid.uuid4(), [uuid.uuid4() for _number in range(3)]
    assert add(boss, "One", CSVLKSkuId=sku.bytes_le, KMSIds=[each.bytes_le for each in ids]) == add(boss, "Two") == 0
    for attribute, value in (("CSVLKSkuId", sku), ("KMSIds", ids[2])):
        escaped = "".join(f"\\{octet:02x}" for octet in value.bytes_le)
        assert found(boss, f"(msSPP-{attribute}={escaped})") == ["CN=One"]


def test_a_kind_of_filter_that_is_not_simulated_is_refused(log_on: LogOn) -> None:
    boss = log_on("boss")
    assert add(boss, "One") == 0
    boss.search(CONTAINER, "(cn=O*)", ldap3.LEVEL)
    assert boss.result["result"] == 53


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_any_size_show_every_object_once(log_on: LogOn, size: int) -> None:
    boss = log_on("boss")
    for number in range(6):
        assert add(boss, f"Object {number}") == 0
    pages = boss.extend.standard.paged_search(CONTAINER, f"(objectClass={CLASS})", ldap3.LEVEL, attributes=["cn"], paged_size=size)
    assert sorted(entry["dn"].partition(",")[0] for entry in pages) == [f"CN=Object {number}" for number in range(6)]


def test_a_limit_ends_a_search_that_is_not_paged(log_on: LogOn) -> None:
    boss = log_on("boss")
    assert [add(boss, name) for name in ("One", "Two", "Three")] == [0, 0, 0]
    boss.search(CONTAINER, f"(objectClass={CLASS})", ldap3.LEVEL, size_limit=2)
    assert (boss.result["result"], len(boss.response)) == (4, 2)


def test_a_control_that_must_be_known_and_is_not_is_refused(log_on: LogOn) -> None:
    boss = log_on("boss")
    boss.search(CONTAINER, "(objectClass=*)", ldap3.BASE, controls=[("1.2.3.4", True, None)])
    assert boss.result["result"] == 12
    boss.search(CONTAINER, "(objectClass=*)", ldap3.BASE, controls=[("1.2.3.4", False, None)])
    assert boss.result["result"] == 0


def test_a_subtree_search_of_the_domain_finds_no_object_and_points_elsewhere(log_on: LogOn) -> None:
    boss = log_on("boss")
    assert add(boss, "One") == 0
    assert found(boss, base="DC=corp,DC=lab", scope=ldap3.SUBTREE) == []
    assert [entry["uri"] for entry in boss.response] == [["ldap://corp.lab/CN=Configuration,DC=corp,DC=lab"]]
    assert found(boss, base="CN=Configuration,DC=corp,DC=lab", scope=ldap3.SUBTREE) == ["CN=One"]


def test_objects_are_changed_but_not_renamed(log_on: LogOn) -> None:
    boss, name = log_on("boss"), f"CN=One,{CONTAINER}"
    assert add(boss, "One") == 0
    changes = {"displayName": [(ldap3.MODIFY_ADD, ["First"])], "msSPP-CSVLKPartialProductKey": [(ldap3.MODIFY_REPLACE, ["VWXYZ"])]}
    for change, code in (
        (changes, 0), ({"displayName": [(ldap3.MODIFY_ADD, ["Second"])]}, 19), ({"msSPP-CSVLKPid": [(ldap3.MODIFY_DELETE, [])]}, 65),
        ({"objectClass": [(ldap3.MODIFY_REPLACE, ["user"])]}, 65), ({"cn": [(ldap3.MODIFY_REPLACE, ["Two"])]}, 53),
        ({"displayName": [(ldap3.MODIFY_DELETE, ["Third"])]}, 16), ({"displayName": [(ldap3.MODIFY_DELETE, [])]}, 0),
    ):  # fmt: skip
        boss.modify(name, change)
        assert boss.result["result"] == code, change
    boss.modify_dn(name, "CN=Two")
    assert boss.result["result"] == 53
    assert found(boss, "(msSPP-CSVLKPartialProductKey=VWXYZ)") == ["CN=One"]


def test_what_is_no_activation_object_is_neither_made_nor_deleted(log_on: LogOn) -> None:
    boss = log_on("boss")
    boss.add(f"CN=One,{CONTAINER}", "container", {})
    assert boss.result["result"] == 53
    for name, code in ((CONTAINER, 53), (CONTAINER.partition(",")[2], 66), ("CN=Nothing,DC=corp,DC=lab", 32), ("<GUID=none>", 34)):
        boss.delete(name)
        assert boss.result["result"] == code, name


@pytest.mark.parametrize("variant", [{"container": False}, {"schema": 47}])
def test_a_forest_without_the_container_says_that_there_is_no_such_object(
    serve: Callable[..., DirectoryServer], variant: dict[str, Any]
) -> None:
    directory = serve(**variant)
    boss = open_tls(directory, "boss")
    assert boss.bind()
    boss.search(CONTAINER, "(objectClass=*)", ldap3.BASE)
    assert boss.result["result"] == 32
    assert add(boss, "One") == (32 if "container" in variant else 65)
    has_class = boss.search("CN=Schema,CN=Configuration,DC=corp,DC=lab", f"(lDAPDisplayName={CLASS})", ldap3.LEVEL)
    assert has_class == ("container" in variant)


def test_a_read_only_domain_controller_refers_writers_elsewhere(serve: Callable[..., DirectoryServer]) -> None:
    boss = open_tls(serve(read_only=True), "boss")
    assert boss.bind()
    assert found(boss) == []
    assert add(boss, "One") == 10
    assert boss.result["referrals"] == ["ldap://corp.lab/"]
