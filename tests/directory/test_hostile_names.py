# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects whose names were chosen to harm: listed as harmless text, never evaluated, and each is deleted without hitting another one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.names import child
from samba_directory import ADMINISTRATOR, CONTAINER, ORDINARY, SambaDirectory

from .plays import FQCN, logon, play

INFO, OBJECT = f"{FQCN}.adba_object_info", f"{FQCN}.adba_object"
CONFIGURATION = "CN=Configuration,DC=ad,DC=test"
SKU = uuid.UUID("aaaaaaaa-0000-4000-8000-000000000022")
BLANK = "a blank of another script"
NAMES = {
    "a template": "{{ lookup('pipe', 'touch harmed') }}",
    "a statement": "{% set x = 1/0 %}",
    "another direction": "Servers \u202e2202",
    "a terminal": "Servers \x1b[31m",
    "an escaped part of a filter": "*)(objectClass=*",
    "parts of a distinguished name": "Servers, CN=Services",
    "a tag": "!unsafe x",
    BLANK: "\u3000\u3000",
    "a GUID": "<GUID=00000000-0000-0000-0000-000000000000>",
}


@pytest.fixture
def guids(client: SambaDirectory) -> Iterator[dict[str, str]]:
    made = {}
    for what, name in NAMES.items():
        values: dict[str, list[str | bytes]] = {
            "objectClass": ["msSPP-ActivationObject"],
            "displayName": ["{{ 1/0 }}\n\u202e"],
            "msSPP-CSVLKSkuId": [SKU.bytes_le],
            "msSPP-CSVLKPartialProductKey": ["{{1}}"],
            "msSPP-CSVLKPid": ["{{ 1/0 }}"],
            "msSPP-KMSIds": [SKU.bytes_le],
        }
        client.database.add(child(name, CONTAINER.replace("{config}", CONFIGURATION)), values)
        known = set(made.values())
        for _dn, found in client.database.search(CONTAINER, "(objectClass=msSPP-ActivationObject)", "objectGUID"):
            guid = str(uuid.UUID(bytes_le=found["objectGUID"][0]))
            if guid not in known:
                made[what] = guid
    yield made
    for dn, _values in client.database.search(CONTAINER, "(objectClass=msSPP-ActivationObject)", "cn"):
        client.database.delete(dn)


def test_names_are_harmless_and_each_object_is_deleted_alone(client: SambaDirectory, guids: dict[str, str], tmp_path: Path) -> None:
    folder, where = tmp_path / "play", logon(client, ADMINISTRATOR)
    listed = {INFO: logon(client, ORDINARY), "register": "found"}
    shown = {"ansible.builtin.debug": {"msg": "{{ found.objects | map(attribute='name') | join(' and ') }} {{ found.msg }}"}}
    fact = {"ansible.builtin.set_fact": {"kept": "{{ found.objects | map(attribute='display_name') }}"}}
    checked = {"ansible.builtin.debug": {"msg": "{{ kept }}"}}
    one = "{{{{ (found.objects | selectattr('guid', 'eq', '{}') | first).name }}}}"
    # A task cannot name an object with blanks only, and needs its GUID.
    named = {guid: {"guid": guid} if what == BLANK else {"name": one.format(guid)} for what, guid in guids.items()}
    deletions = [{OBJECT: {"state": "absent", "force": True, **name, **where}} for name in named.values()]
    done = play(client, folder, listed, shown, fact, checked, *deletions)
    assert {item["guid"] for item in done.results[0]["objects"]} == set(guids.values())
    assert not any(result.get("failed") for result in done.results)
    assert not (folder / "harmed").exists()
    assert not {"\u202e", "\x1b"} & set(done.output)
    assert [result["object"]["guid"] for result in done.results[4:]] == list(guids.values())
    assert all(result["changed"] for result in done.results[4:])
    assert client.object_names() == set()
