# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which confirmation ID a machine gets: by what it shows, or by its name when it shows nothing, and never one that cannot fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.deposit import (
    ANY_OTHER,
    Decision,
    decide,
    decisions,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.model import ProxyRecord
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.problems import InvalidFieldError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.register import Register

from .records import GVLK, OTHER_SKU, SKU, confirmation, identity, mistyped, product, reading, record


def decision(
    read: dict[str, Any], records: Sequence[ProxyRecord], partial_product_key: str = "", machine: str = "PC-01", **more: Any
) -> Decision:
    found = Register(records, more.pop("present", [machine])).of(machine, read, more.get("application", "windows"))
    return decide(read, found, more.get("application", "windows"), partial_product_key)


def test_the_installation_id_a_machine_shows_decides() -> None:
    found = decision(reading(product(1)), [record("PC-01", 2, 2), record("PC-01", 1, 1)])
    assert (found.status, found.installation_id, found.confirmation_id) == ("ready", identity(1), confirmation(1))
    assert (found.install_key, found.activation_id) == (False, SKU)


def test_it_decides_whatever_the_machine_was_called() -> None:
    found = decision(reading(product(1), name="NEW"), [record("OLD", 1, 1)], machine="NEW")
    assert (found.status, found.confirmation_id) == ("ready", confirmation(1))


def test_a_licensed_machine_gets_nothing() -> None:
    found = decision(reading(product(1, status="licensed")), [record("PC-01", 1, 1)])
    assert (found.status, found.confirmation_id) == ("already_licensed", "")


def test_a_record_without_a_confirmation_id_waits() -> None:
    assert decision(reading(product(1)), [record("PC-01", 1)]).status == "waiting"


def test_another_installation_id_is_stale_and_both_are_told() -> None:
    found = decision(reading(product(7)), [record("PC-01", 1, 1), record("PC-01", 2, 2)])
    assert found.status == "stale"
    assert identity(7)[:6] in str(found.message)
    assert identity(2)[:6] in str(found.message)


def test_a_mistyped_installation_id_makes_no_record_and_its_group_is_named() -> None:
    with pytest.raises(InvalidFieldError, match="the check digit of group 4 of 9 does not match"):
        record("PC-01", installation_id=mistyped(identity(1), 3), confirmation_id=confirmation(1))


def test_a_machine_without_a_record_is_missing() -> None:
    assert decision(reading(product(1)), [record("PC-02", 2, 2)]).status == "missing"
    assert decision(reading(product(1)), [record("PC-01", 2, 2, activation_id=OTHER_SKU)]).status == "missing"


@pytest.mark.parametrize("text", ["12345O", "1.23E+47", "none", "12:34"])
def test_a_confirmation_id_that_is_none_is_invalid_and_the_field_is_named(text: str) -> None:
    found = decision(reading(product(1)), [record("PC-01", 1, confirmation_id=text)])
    assert (found.status, found.confirmation_id) == ("invalid", "")
    assert "confirmation_id" in str(found.message)
    assert text in str(found.message)


def test_a_group_that_does_not_fit_is_sent_all_the_same() -> None:
    wrong = mistyped(confirmation(1), 2)
    assert decision(reading(product(1)), [record("PC-01", 1, confirmation_id=wrong)]).confirmation_id == wrong


def test_of_two_answers_for_one_installation_id_the_one_that_fits_is_taken() -> None:
    records = [record("PC-01", 1), record("PC-01", 1, 1), record("PC-01", 1, confirmation_id=mistyped(confirmation(1), 2))]
    assert decision(reading(product(1)), records).confirmation_id == confirmation(1)


BARE = reading(product(9, **GVLK))


def test_a_machine_installed_anew_gets_the_key_and_the_answer_it_had() -> None:
    found = decision(BARE, [record("PC-01", 1, 1)], "TTWX3")
    assert (found.status, found.install_key) == ("ready", True)
    assert (found.installation_id, found.confirmation_id, found.activation_id) == (identity(1), confirmation(1), "")


def test_the_newest_record_decides_when_nothing_is_shown() -> None:
    assert decision(BARE, [record("PC-01", 3, 3), record("PC-01", 2, 2)], "TTWX3").confirmation_id == confirmation(3)
    assert decision(BARE, [record("PC-01", 3), record("PC-01", 2, 2)], "TTWX3").status == "waiting"


@pytest.mark.parametrize(
    ("records", "partial_product_key", "state"),
    [
        ([], "TTWX3", "missing"),
        ([record("PC-01", 1, 1, partial_product_key="3V66T")], "TTWX3", "missing"),
        ([record("PC-01", 1)], "TTWX3", "waiting"),
        ([record("PC-01", 1, confirmation_id="x")], "TTWX3", "invalid"),
        ([record("PC-01", 1, 1)], "", "no_key"),
    ],
)
def test_nothing_is_installed_without_an_answer_that_could_fit(records: list[ProxyRecord], partial_product_key: str, state: str) -> None:
    found = decision(BARE, records, partial_product_key)
    assert (found.status, found.install_key, found.confirmation_id) == (state, False, "")


def test_another_mak_on_the_machine_is_none_that_was_asked_for() -> None:
    read = reading(product(5, partial_product_key="3V66T", status="licensed"))
    assert decision(read, [record("PC-01", 1, 1)], "TTWX3").install_key


def test_the_record_of_a_machine_that_is_about_belongs_to_nobody_else() -> None:
    twin = record("PC-02", 1, 1, computer_name="PC-01")
    assert decision(BARE, [twin], "TTWX3", present=["PC-01", "PC-02"]).status == "missing"
    assert decision(BARE, [twin], "TTWX3", present=["PC-01"]).status == "ready"


def test_names_are_compared_as_windows_does() -> None:
    assert decision(BARE, [record("pc-01", 1, 1)], "TTWX3").status == "ready"


OLD = reading(product(None, channel="unknown", activation_id=None, partial_product_key=None), version="5.2.3790")
ONCE = {"activation_id": "", "partial_product_key": ""}


def test_server_2003_shows_no_installation_id_and_gets_the_newest_answer_without_comparing() -> None:
    found = decision(OLD, [record("PC-01", 1, 1, **ONCE), record("PC-01", 2, 2, **ONCE)], "TTWX3")
    assert (found.status, found.confirmation_id) == ("ready", confirmation(2))
    assert (found.installation_id, found.activation_id, found.install_key) == ("", "", False)


def test_server_2003_that_is_activated_gets_nothing() -> None:
    old = {**OLD, "products": [{**OLD["products"][0], "status": "licensed"}]}
    assert decision(old, [record("PC-01", 1, 1, **ONCE)]).status == "already_licensed"


@pytest.mark.parametrize(
    ("read", "state", "why"),
    [
        ({"unreachable": True, "msg": "connection refused"}, "unreachable", "connection refused"),
        ({"failed": True, "msg": "Task failed: access denied"}, "failed", "access denied"),
        ({"failed": True}, "failed", "the module failed"),
        ({}, "not_run", "the task did not run on the machine"),
    ],
)
def test_a_machine_that_was_not_read_gets_nothing(read: dict[str, Any], state: str, why: str) -> None:
    found = decide(read, [record("PC-01", 1, 1)], "windows", "TTWX3")
    assert (found.status, found.message, found.confirmation_id) == (state, why, "")


def test_of_several_products_of_office_the_one_with_an_answer_is_next() -> None:
    office = {"application": "office"}
    read = reading(product(1, **office, status="licensed"), product(2, **office), product(3, **office, activation_id=OTHER_SKU))
    records = [record("PC-01", 2, **office), record("PC-01", 3, 3, **office, activation_id=OTHER_SKU)]
    found = decision(read, records, application="office")
    assert (found.confirmation_id, found.activation_id) == (confirmation(3), OTHER_SKU)


@pytest.mark.parametrize("partial_product_key", ["", "TTWX3", "3V66T", "XXXXX"])
@pytest.mark.parametrize("read", [BARE, reading(product(1)), reading(product(1, partial_product_key="3V66T")), OLD, {}])
def test_for_every_key_there_is_the_decision_that_would_be_made_for_it(read: dict[str, Any], partial_product_key: str) -> None:
    records = [record("PC-01", 1, 1), record("PC-01", 2, 2, partial_product_key="3V66T")]
    made = decisions(read, records, "windows")
    assert made.get(partial_product_key, made[ANY_OTHER]).status == decide(read, records, "windows", partial_product_key).status


channels = st.sampled_from(["mak", "gvlk"])
shown = st.builds(product, st.integers(0, 3), channel=channels, status=st.sampled_from(["licensed", "initial_grace"]))
held = st.builds(record, st.sampled_from(["PC-01", "PC-02"]), st.integers(0, 3), st.none() | st.integers(0, 3))


@given(st.lists(shown, max_size=2), st.lists(held, max_size=5), st.sampled_from(["", "TTWX3", "3V66T"]))
def test_what_is_sent_was_answered_for_what_the_machine_has_to_show(
    products: list[dict[str, Any]], records: list[ProxyRecord], partial_product_key: str
) -> None:
    read = reading(*products)
    found = decision(read, records, partial_product_key)
    assert (found.status == "ready") == bool(found.confirmation_id)
    if found.status == "ready":
        assert (found.installation_id, found.confirmation_id) in {(each.installation_id, each.confirmation_id) for each in records}
        assert found.install_key or found.installation_id in {each["installation_id"] for each in products if each["channel"] == "mak"}
    else:
        assert not found.install_key


def test_a_machine_does_not_take_the_record_of_another_one_whose_name_differs_in_case() -> None:
    reinstalled, records = reading(product(**GVLK), name="pc-01"), [record("PC-01", 1, 1)]
    found = decision(reinstalled, records, "TTWX3", machine="pc-01", present=["PC-01", "pc-01"])
    assert (found.status, found.install_key) == ("missing", False)
    alone = decision(reinstalled, records, "TTWX3", machine="pc-01")
    assert (alone.status, alone.install_key) == ("ready", True)


def test_ten_thousand_records_are_looked_through_once() -> None:
    records = [replace(record("PC", 1), machine=f"PC-{number}", installation_id=f"{number:054d}") for number in range(10000)]
    register = Register(records, [])
    assert [found.machine for found in register.of("PC-7", {}, "windows")] == ["PC-7"]
    assert [found.machine for found in register.of("X", reading(product(None, installation_id=f"{8:054d}")), "windows")] == ["PC-8"]


ESU, ESU_KEY = "1043add5-23b1-4afb-9a0f-64343c8f3f8d", "TTWY3"


def addon(**changes: Any) -> dict[str, Any]:
    return product(9, **{"activation_id": ESU, "is_addon": True, "partial_product_key": ESU_KEY, "status": "unlicensed", **changes})


def addon_record(cid: int | None = 9, **changes: Any) -> ProxyRecord:
    return record(iid=9, cid=cid, activation_id=ESU, partial_product_key=ESU_KEY, **changes)


def test_an_addon_is_answered_beside_a_windows_with_any_key() -> None:
    for windows in (product(1, status="licensed"), product(1, **GVLK, status="licensed"), product(1, channel="retail", status="licensed")):
        decision = decide(reading(windows, addon()), [addon_record()], "windows")
        assert (decision.status, decision.activation_id, decision.install_key) == ("ready", ESU, False)


def test_an_addon_without_a_record_is_not_asked_for_unless_it_is_named() -> None:
    read = reading(product(1, status="licensed"), addon())
    assert decide(read, [], "windows").status == "already_licensed"
    assert decide(read, [], "windows", ESU_KEY).status == "missing"
    assert decide(read, [], "windows", activation_id=ESU).status == "missing"


def test_a_programme_selects_its_license_and_not_windows() -> None:
    read = reading(product(1), addon(status="licensed"))
    found = decisions(read, [record(cid=1), addon_record()], "windows")
    assert (found["windows_10_year_2"].status, found["TTWX3"].status, found[""].status) == ("already_licensed", "ready", "ready")


def test_the_key_of_an_addon_is_installed_again_with_its_activation_id() -> None:
    decision = decide(reading(product(1, **GVLK)), [addon_record()], "windows", ESU_KEY)
    assert (decision.status, decision.activation_id, decision.install_key) == ("ready", ESU, True)


def test_windows_itself_is_answered_before_its_addons_which_need_it() -> None:
    found = decide(reading(addon(), product(1)), [addon_record(), record(cid=1)], "windows")
    assert (found.status, found.confirmation_id, found.other_ready) == ("ready", confirmation(1), 1)


def test_other_confirmation_ids_of_a_machine_are_counted() -> None:
    licensed = product(1, status="licensed")
    assert decide(reading(licensed, addon()), [addon_record()], "windows").other_ready == 0
    first = {"activation_id": "f520e45e-7413-4a34-a497-d2765967d094", "partial_product_key": "TTWY2"}
    second, own = product(8, **first, is_addon=True, status="unlicensed"), record(iid=8, cid=8, **first)
    read = reading(licensed, addon(), second)
    assert decide(read, [addon_record(), own], "windows").other_ready == 1
    assert decide(read, [addon_record(cid=None), own], "windows").other_ready == 0
