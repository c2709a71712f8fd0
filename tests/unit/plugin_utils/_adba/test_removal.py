# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which object is deleted, which machines would have none, and how deleting is proven."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba import covering, removal
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.model import ActivationObject
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.reading import read_objects
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import InvalidOptionsError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import AnswerLostError, DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError

from .directory_in_memory import Memory, entry, guid_of

OLD = ActivationObject("CN=Old", "1", "Old", product_name="Windows Server 2019", partial_product_key="3QDRM", activation_id="a")
NEW = ActivationObject("CN=New", "2", "New", product_name="Windows Server 2022", partial_product_key="8XDDG", activation_id="b")
OFFICE = ActivationObject("CN=Office", "3", "Office", product_name="Office LTSC 2021", partial_product_key="WFG99", activation_id="c")
UNKNOWN = ActivationObject("CN=Unknown", "4", "Unknown", partial_product_key="T83GX", activation_id="d")


def facts(name: str, build: int, product_type: str = "server", **more: Any) -> dict[str, Any]:
    return {"name": name, "build": build, "product_type": product_type, "edition_id": "ServerStandard", **more}


def lost(target: ActivationObject, others: list[ActivationObject], *machines: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(loss.machine, loss.what, loss.is_certain) for loss in covering.losses(target, others, covering.machines_of(machines))]


def test_a_machine_that_another_object_covers_loses_nothing() -> None:
    assert lost(OLD, [NEW], facts("WEB01", 17763)) == []
    assert lost(NEW, [OLD], facts("WEB01", 17763), facts("WEB02", 20348)) == [("WEB02", "Windows", True)]


def test_a_machine_that_the_object_does_not_cover_does_not_need_it() -> None:
    assert lost(OLD, [], facts("NEW01", 20348)) == []


def test_windows_7_and_server_2008_r2_do_not_use_active_directory() -> None:
    assert lost(NEW, [], facts("OLD01", 7601)) == []


def test_an_object_of_an_unknown_product_counts_as_needed_and_replaces_none() -> None:
    assert lost(UNKNOWN, [], facts("WEB01", 20348)) == [("WEB01", "Windows", False)]
    assert lost(UNKNOWN, [NEW], facts("WEB01", 20348)) == []
    assert lost(NEW, [UNKNOWN], facts("WEB01", 20348)) == [("WEB01", "Windows", True)]


def test_a_machine_that_was_not_read_counts_as_needing_the_object() -> None:
    unreached = {"unreachable": True, "machine": None, "name": "WEB09"}
    assert lost(NEW, [OLD], unreached) == [("WEB09", "a machine that was not read", False)]


def result(channel: str, *office: str) -> dict[str, Any]:
    products = [{"application": "windows", "channel": channel, "is_addon": False, "partial_product_key": "VMK7H", "name": "Windows(R)"}]
    products += [{"application": "office", "channel": "gvlk", "partial_product_key": "HFTND", "name": name} for name in office]
    return {"machine": {**facts("", 20348), "computer_name": "WEB01"}, "products": products}


def test_results_of_activation_info_say_what_a_machine_uses() -> None:
    office = "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition"
    assert lost(NEW, [OFFICE], result("gvlk", office)) == [("WEB01", "Windows", True)]
    assert lost(NEW, [OFFICE], result("mak", office)) == []
    assert lost(OFFICE, [NEW], result("mak", office)) == [("WEB01", "Office 2021", True)]
    assert lost(OFFICE, [NEW], result("gvlk")) == []


@pytest.mark.parametrize("item", ["WEB01", facts("WEB01", 20348, "laptop"), {"name": "WEB01", "build": "new", "product_type": "server"}])
def test_facts_of_another_form_are_refused(item: Any) -> None:
    with pytest.raises(InvalidOptionsError, match="machines: "):
        covering.machines_of([item])


def test_the_refusal_names_the_machines_and_the_way_out() -> None:
    machines = covering.machines_of([facts(f"WEB{number:02}", 20348) for number in range(8)])
    with pytest.raises(TaskRefusedError) as refused:
        removal.refuse_losses(NEW, covering.losses(NEW, [OLD], machines))
    assert refused.value.error_code == "last_activation_object"
    assert "WEB00 (Windows), WEB01" in refused.value.message
    assert "and 3 more" in refused.value.message
    assert "force: true" in refused.value.next_steps[-1]
    removal.refuse_losses(NEW, ())


def test_without_machines_only_the_last_object_of_the_forest_is_refused() -> None:
    removal.refuse_last(OLD, [NEW])
    with pytest.raises(TaskRefusedError, match="the only one of the forest"):
        removal.refuse_last(OLD, [])


def test_an_object_is_selected_by_all_that_is_set() -> None:
    objects = [OLD, NEW]
    assert removal.select(objects, removal.WantedObject(name="old")) is OLD
    assert removal.select(objects, removal.WantedObject(guid="2")) is NEW
    assert removal.select(objects, removal.WantedObject(guid="2", name="Old")) is None
    assert removal.select(objects, removal.WantedObject(partial_product_key="8XDDG", activation_id="b")) is NEW


def test_several_objects_are_refused_and_listed() -> None:
    twin = ActivationObject("CN=Twin", "5", "Other", display_name="New", partial_product_key="9XDDG")
    with pytest.raises(TaskRefusedError) as refused:
        removal.select([OLD, NEW, twin], removal.WantedObject(name="New"))
    assert refused.value.error_code == "several_activation_objects"
    assert "(2)" in refused.value.message
    assert "(5)" in refused.value.message
    assert "Set guid" in refused.value.next_steps[0]


def one(memory: Memory) -> ActivationObject:
    (found,) = read_objects(memory, {})
    return found


def test_an_object_is_deleted_by_its_guid_and_the_proof_is_that_it_is_gone() -> None:
    memory = Memory([entry()])
    target = one(memory)
    assert removal.delete(memory, target, {}, lambda: memory) is True
    assert memory.deleted == [f"<GUID={target.guid}>"]
    assert memory.searches[-1][0] == f"<GUID={target.guid}>"
    assert removal.delete(memory, target, {}, lambda: memory) is False
    assert len(memory.deleted) == 1


def test_an_object_with_the_same_name_that_was_created_meanwhile_stays() -> None:
    memory = Memory([entry()])
    target = one(memory)
    memory.objects = [entry(objectGUID=(bytes(16),))]
    assert removal.delete(memory, target, {}, lambda: memory) is False
    assert len(memory.objects) == 1
    assert memory.deleted == []


@pytest.mark.parametrize(
    "changed", [{"msSPP_CSVLKPartialProductKey": (b"ABCDE",)}, {"msSPP_CSVLKSkuId": (bytes(16),)}, {"objectClass": (b"top", b"container")}]
)
def test_an_object_that_was_changed_meanwhile_is_not_deleted(changed: dict[str, Any]) -> None:
    memory = Memory([entry()])
    target = one(memory)
    memory.objects = [entry(**changed)]
    with pytest.raises(TaskRefusedError, match="was changed while the task ran") as refused:
        removal.delete(memory, target, {}, lambda: memory)
    assert refused.value.error_code == "activation_object_changed"
    assert memory.deleted == []


def test_an_object_that_somebody_else_deletes_first_is_already_absent() -> None:
    memory = Memory([entry()])
    target = one(memory)

    def gone(directory: Memory, dn: str) -> None:
        directory.objects, directory.on_delete = [], None
        directory.delete(dn)

    memory.on_delete = gone
    assert removal.delete(memory, target, {}, lambda: memory) is False


@pytest.mark.parametrize("is_gone", [True, False])
def test_after_a_lost_answer_the_directory_decides(is_gone: bool) -> None:
    memory = Memory([entry()])
    target = one(memory)

    def lose(directory: Memory, _dn: str) -> None:
        directory.objects = [] if is_gone else directory.objects
        raise AnswerLostError("directory_answer_lost")

    memory.on_delete = lose
    if is_gone:
        assert removal.delete(memory, target, {}, lambda: memory) is True
    else:
        with pytest.raises(removal.NotDeletedError):
            removal.delete(memory, target, {}, lambda: memory)


def test_if_the_directory_cannot_be_read_after_a_lost_answer_the_outcome_is_unknown() -> None:
    memory = Memory([entry()])
    target = one(memory)

    def lose(_directory: Memory, _dn: str) -> None:
        raise AnswerLostError("directory_answer_lost")

    def fail() -> Memory:
        raise DirectoryError("directory_unreachable")

    memory.on_delete = lose
    with pytest.raises(removal.OutcomeUnknownError, match=r"was lost: .* Then the directory could not be read: directory_unreachable"):
        removal.delete(memory, target, {}, fail)


class Ending(Memory):
    """A domain controller that ends the session right after it answered a delete."""

    def search(self, base: str, *rest: Any, **options: Any) -> Any:
        if self.deleted:
            raise DirectoryError("directory_connection_lost")
        return super().search(base, *rest, **options)


def test_if_the_session_ends_after_success_another_session_proves_it() -> None:
    memory = Ending([entry()])
    assert removal.delete(memory, one(memory), {}, lambda: Memory(memory.objects)) is True


def test_if_the_directory_cannot_be_read_after_success_the_outcome_is_unknown() -> None:
    memory = Ending([entry()])

    def fail() -> Memory:
        raise DirectoryError("directory_unreachable")

    with pytest.raises(removal.OutcomeUnknownError, match=r"returned success .* could not be read: directory_unreachable"):
        removal.delete(memory, one(memory), {}, fail)


def test_success_without_effect_is_a_failure() -> None:
    memory = Memory([entry()], on_delete=lambda _directory, _dn: None)
    with pytest.raises(removal.NotDeletedError, match=r"dc1\.corp\.lab still has the activation object 'Server 2022'"):
        removal.delete(memory, one(memory), {}, lambda: memory)


def test_an_error_of_the_directory_is_passed_on() -> None:
    memory = Memory([entry()])
    target = one(memory)

    def refuse(_directory: Memory, _dn: str) -> None:
        raise DirectoryError("directory_not_authorized")

    memory.on_delete = refuse
    with pytest.raises(DirectoryError) as raised:
        removal.delete(memory, target, {}, lambda: memory)
    assert raised.value.error_code == "directory_not_authorized"
    assert guid_of(memory.objects[0]) == target.guid
