# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules about activation objects against Samba: list, delete, second run, rights, refusals, and what is never shown."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from samba_directory import (
    ADMINISTRATOR,
    CONTAINER,
    DELEGATED,
    OLD_SCHEMA,
    ORDINARY,
    SambaDirectory,
    Template,
    need_samba,
    shared_template,
)
from samba_second import two_controllers

from .plays import FQCN, Played, logon, play

INFO, OBJECT = f"{FQCN}.adba_object_info", f"{FQCN}.adba_object"
SERVER_2022, SERVER_2019 = uuid.UUID("aaaaaaaa-0000-4000-8000-000000000022"), uuid.UUID("aaaaaaaa-0000-4000-8000-000000000019")
OFFICE = uuid.UUID("47f3b983-7c53-4d45-abc6-bcd91e2dd90a")
PRODUCTS = {str(SERVER_2022): "Windows Server 2022", str(SERVER_2019): "Windows Server 2019"}

Run = Callable[..., Played]


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose name leaves room for the sockets of Samba; the names of tests are too long for them."""
    return tmp_path_factory.mktemp("dc")


@pytest.fixture
def run(client: SambaDirectory, tmp_path: Path) -> Run:
    return lambda *tasks, **options: play(client, tmp_path / "play", *tasks, **options)


@pytest.fixture
def objects(client: SambaDirectory) -> Iterator[dict[str, uuid.UUID]]:
    """Three objects, which are gone afterwards."""
    made = {
        "Server 2022": client.make_object("Server 2022", sku_id=SERVER_2022, partial_key="8XDDG"),
        "Server 2019": client.make_object("Server 2019", sku_id=SERVER_2019, partial_key="63DFG"),
        "Office": client.make_object("Office", sku_id=OFFICE, partial_key="WFG99", display_name="Office LTSC"),
    }
    yield made
    for name in client.object_names():
        client.database.delete(f"CN={name},{CONTAINER}")


def absent(client: SambaDirectory, user: str = ADMINISTRATOR, **options: Any) -> dict[str, Any]:
    return {OBJECT: {"state": "absent", "csvlk_products": PRODUCTS, **logon(client, user), **options}}


def machine(name: str, build: int) -> dict[str, Any]:
    return {"name": name, "build": build, "product_type": "server", "edition_id": "ServerStandard"}


def test_any_account_lists_the_objects(client: SambaDirectory, objects: dict[str, uuid.UUID], run: Run) -> None:
    (found,) = run({INFO: {**logon(client, ORDINARY), "csvlk_products": PRODUCTS}}).results
    assert found["changed"] is False
    assert [(item["name"], item["product_name"], item["partial_product_key"]) for item in found["objects"]] == [
        ("Office", "Office LTSC 2021", "WFG99"),
        ("Server 2019", "Windows Server 2019", "63DFG"),
        ("Server 2022", "Windows Server 2022", "8XDDG"),
    ]
    assert found["objects"][0]["display_name"] == "Office LTSC"
    assert found["objects"][2]["guid"] == str(objects["Server 2022"])
    assert found["objects"][2]["age_days"] == 0
    assert found["directory"]["security"] == "ldaps"
    assert found["directory"]["forest"] == "ad.test"
    assert "ordinary" in found["directory"]["account"].lower()


@pytest.mark.usefixtures("objects")
def test_kerberos_with_a_keytab_and_ntlm_list_the_same(client: SambaDirectory, run: Run) -> None:
    where = {"server": client.server, "address": client.address}
    keytab = {**where, "principal": client.principal(ORDINARY), "keytab": str(client.keytab(ORDINARY))}
    ntlm = {**where, "authentication": "ntlm", "principal": client.principal(ORDINARY), "password": client.password}
    first, second = run({INFO: keytab}, {INFO: ntlm}).results
    assert (
        [item["name"] for item in first["objects"]]
        == [item["name"] for item in second["objects"]]
        == ["Office", "Server 2019", "Server 2022"]
    )
    assert (first["directory"]["protocol"], first["directory"]["security"]) == ("kerberos", "sealed")
    assert (second["directory"]["protocol"], second["directory"]["security"]) == ("ntlm", "sealed")


def test_no_object_is_a_success_that_names_the_account(client: SambaDirectory, run: Run) -> None:
    hidden = client.make_object("Hidden", sku_id=SERVER_2022, partial_key="8XDDG", hidden=True)
    ordinary, administrator = run({INFO: logon(client, ORDINARY)}, {INFO: logon(client, ADMINISTRATOR)}).results
    client.database.delete(f"CN=Hidden,{CONTAINER}")
    assert ordinary["objects"] == []
    assert "ordinary@AD.TEST sees no activation object in the forest ad.test" in ordinary["msg"]
    assert [item["guid"] for item in administrator["objects"]] == [str(hidden)]


def test_check_mode_changes_nothing_and_then_the_object_is_deleted_once(
    client: SambaDirectory, objects: dict[str, uuid.UUID], run: Run
) -> None:
    (checked,) = run(absent(client, name="server 2019"), check=True, diff=True).results
    assert checked["changed"] is True
    assert [(step["action"], step["done"]) for step in checked["steps"]] == [("delete_activation_object", False)]
    assert "Server 2019" in checked["diff"]["before"]
    assert checked["diff"]["after"] == "object: null\n"
    assert "Server 2019" in client.object_names()

    first, second = run(absent(client, name="server 2019"), absent(client, name="server 2019")).results
    assert (first["changed"], second["changed"]) == (True, False)
    assert [step["done"] for step in first["steps"]] == [True]
    assert first["object"]["guid"] == str(objects["Server 2019"])
    assert second["steps"] == []
    assert "eadmin@AD.TEST sees no activation object with the name 'server 2019'" in second["msg"]
    assert client.object_names() == {"Server 2022", "Office"}


def test_one_right_on_the_container_is_enough_to_delete(client: SambaDirectory, objects: dict[str, uuid.UUID], run: Run) -> None:
    (done,) = run(absent(client, DELEGATED, guid=str(objects["Server 2019"]))).results
    assert done["changed"] is True
    assert client.object_names() == {"Server 2022", "Office"}


@pytest.mark.usefixtures("objects")
def test_an_account_without_rights_deletes_nothing(client: SambaDirectory, run: Run) -> None:
    (refused,) = run(absent(client, ORDINARY, name="Server 2019")).results
    assert refused["error"]["code"] == "directory_not_authorized"
    assert refused["changed"] is False
    assert [step["done"] for step in refused["steps"]] == [False]
    assert len(client.object_names()) == 3


@pytest.mark.usefixtures("objects")
def test_the_last_object_that_covers_machines_stays_unless_forced(client: SambaDirectory, run: Run) -> None:
    machines = [machine("WEB01", 17763), machine("WEB02", 20348)]
    task = absent(client, name="Server 2022", machines=machines)
    old = absent(client, name="Server 2019", machines=machines)
    forced = absent(client, name="Server 2022", machines=machines, force=True)
    refused, allowed, deleted = run(task, old, forced).results
    assert refused["error"]["code"] == "last_activation_object"
    assert "WEB02 (Windows)" in refused["msg"]
    assert "WEB01" not in refused["msg"], "Server 2019 covers it"
    assert allowed["changed"] is True
    assert deleted["changed"] is True
    assert client.object_names() == {"Office"}


def test_the_only_object_of_the_forest_stays_unless_forced(client: SambaDirectory, run: Run) -> None:
    client.make_object("Only", sku_id=SERVER_2022, partial_key="8XDDG")
    refused, forced = run(absent(client, name="Only"), absent(client, name="Only", force=True)).results
    assert refused["error"]["code"] == "last_activation_object"
    assert forced["changed"] is True
    assert client.object_names() == set()


@pytest.mark.usefixtures("objects")
def test_several_matches_are_refused_and_a_guid_selects_one(client: SambaDirectory, run: Run) -> None:
    twin = client.make_object("Twin", sku_id=SERVER_2019, partial_key="63DFG")
    refused, deleted = run(absent(client, partial_product_key="63DFG"), absent(client, guid=str(twin))).results
    assert refused["error"]["code"] == "several_activation_objects"
    assert str(twin) in refused["msg"]
    assert deleted["changed"] is True
    assert "Twin" not in client.object_names()


@pytest.mark.usefixtures("objects")
def test_a_conflict_copy_is_listed_as_one_and_can_be_deleted(client: SambaDirectory, run: Run) -> None:
    copy = client.make_object("Server 2022\\0ACNF:5ddea8a3-8a5c-4f6a-8a0f-cbc1f0d7c001", sku_id=SERVER_2022, partial_key="8XDDG")
    listed, deleted = run({INFO: logon(client, ORDINARY)}, absent(client, guid=str(copy))).results
    marked = [item["name"] for item in listed["objects"] if item["is_conflict_copy"]]
    assert marked == ["Server 2022\\0ACNF:5ddea8a3-8a5c-4f6a-8a0f-cbc1f0d7c001"]
    assert any("renamed an object" in warning for warning in listed["warnings"])
    assert deleted["changed"] is True
    assert client.object_names() == {"Server 2022", "Server 2019", "Office"}


def test_a_wrong_ca_and_a_wrong_password_are_named_and_the_password_is_never_shown(
    client: SambaDirectory, run: Run, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other")
    wrong = "Not-the-Passw0rd-at-all"
    played = run({INFO: logon(client, ORDINARY, ca_file=str(other.path))}, {INFO: logon(client, ORDINARY, password=wrong)})
    untrusted, refused = played.results
    assert (untrusted["error"]["code"], untrusted["error"]["subcode"]) == ("directory_tls_failed", "untrusted")
    assert refused["error"]["code"] == "directory_logon_failed"
    assert wrong not in played.output
    assert client.password not in played.output


def test_the_options_are_checked_before_anything_is_sent(client: SambaDirectory, run: Run) -> None:
    where = logon(client, ADMINISTRATOR)
    tasks: list[dict[str, Any]] = [
        {INFO: {}},
        {INFO: {**where, "domain": "ad.test"}},
        {INFO: {**where, "csvlk_products": {"x": "Windows Server 2022"}}},
        {INFO: {**where, "csvlk_products": {str(OFFICE): "Windows Server 2031"}}},
        {OBJECT: {**where, "state": "absent"}},
        {OBJECT: where},
        {OBJECT: {**where, "state": "absent", "partial_product_key": "8XDD"}},
    ]
    played = run(*tasks)
    assert [result["error"]["code"] for result in played.results] == ["invalid_options"] * len(tasks)


def test_a_forest_without_container_says_so(template: Template, short: Path, tmp_path: Path) -> None:
    forest = SambaDirectory(template, short / "dc")
    forest.remove_container()
    forest.start()
    try:
        (missing,) = play(forest, tmp_path / "play", {INFO: logon(forest, ORDINARY)}).results
    finally:
        forest.stop()
    assert missing["error"]["code"] == "directory_no_container"
    assert "adprep" in " ".join(missing["error"]["next_steps"])


@pytest.mark.slow
def test_a_forest_with_the_schema_of_2008_says_that_its_schema_is_too_old(short: Path, tmp_path: Path) -> None:
    need_samba()
    with shared_template(short / "old", OLD_SCHEMA) as made:
        forest = SambaDirectory(made, short / "dc")
        forest.start()
        try:
            (old,) = play(forest, tmp_path / "play", {INFO: logon(forest, ORDINARY)}).results
        finally:
            forest.stop()
    assert old["error"]["code"] == "directory_schema_too_old"


@pytest.mark.slow
def test_a_name_clash_on_two_domain_controllers_is_listed_on_both_and_ends_by_deleting_the_copy(
    template: Template, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with two_controllers(template, short / "pair") as (first, second):
        monkeypatch.setenv("KRB5_CONFIG", str(first.krb5_conf))
        second.stop()  # as if the link between two sites was down
        first.make_object("Twin", sku_id=SERVER_2022, partial_key="8XDDG")
        first.make_object("Twin", sku_id=SERVER_2019, partial_key="63DFG", database=second.database)
        second.start()
        second.replicate()
        keytab = {"principal": first.principal(ADMINISTRATOR), "keytab": str(first.keytab(ADMINISTRATOR))}
        on_first, on_second = ({**keytab, "server": each.server, "address": each.address} for each in (first, second))
        listed, other = play(first, tmp_path / "list", {INFO: on_first}, {INFO: on_second}).results
        assert [item["guid"] for item in listed["objects"]] == [item["guid"] for item in other["objects"]]
        (copy,) = (item for item in listed["objects"] if item["is_conflict_copy"])
        clash = {OBJECT: {"state": "absent", "name": copy["name"], **on_second}}
        by_name, again = play(first, tmp_path / "delete", clash, clash).results
        assert (by_name["changed"], again["changed"]) == (True, False)
        assert by_name["object"]["guid"] == copy["guid"]
        assert by_name["directory"]["server"] == second.server
        second.replicate()
        assert first.object_names() == {"Twin"}
