# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key is given to one machine before the others, and no machine gets a key that turned out to be for something else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.key_turns import MOST_TRIES, Known, turn

from .results import BROKEN, SKIPPED, UNREACHABLE

ESU = "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
PCS = [f"PC-{number}" for number in range(1, 13)]


def checked(*actions: str, key: str = "TTWX3", product: str = ESU) -> dict[str, Any]:
    """What mak_client says in check mode."""
    steps = [{"action": action, "done": False} for action in actions]
    return {"activation": {"outcome": "planned", "partial_product_key": key, "activation_id": product}, "steps": steps}


NEEDS_KEY = checked("install_product_key", "activate")
HAS_KEY, LICENSED = checked("activate"), checked()
DONE = {"activation": {"outcome": "activated"}, "steps": [{"action": "install_product_key", "done": True}]}
NOT_ACTIVATED = {**DONE, "failed": True, "msg": "no", "error": {"code": "0xC004C020"}}
WRONG = {**DONE, "failed": True, "msg": "no", "error": {"code": "wrong_key_type"}}
REFUSED = {"failed": True, "msg": "no", "error": {"code": "0xC004F050"}, "steps": [{"action": "install_product_key", "done": False}]}


def all_turns(
    known: dict[str, Known], outcomes: dict[str, dict[str, Any]], usual: dict[str, Any]
) -> tuple[list[list[str]], dict[str, str]]:
    """Let the machines have their turns, each with its outcome or the usual one; the turns, and who was spared."""
    candidates, turns, spared = list(known), [], {}
    while candidates:
        found = turn(candidates, known)
        turns.append(found["machines"])
        spared |= found["spared"]
        assert set(found["machines"]) | set(found["waiting"]) | set(found["spared"]) <= set(candidates)
        for machine in found["machines"]:
            known[machine] = Known(known[machine].checked, outcomes.get(machine, usual))
        assert len(found["waiting"]) < len(candidates)
        candidates = found["waiting"]
    return turns, spared


def test_one_machine_gets_the_key_first_and_then_all_others() -> None:
    turns, spared = all_turns({name: Known(NEEDS_KEY) for name in PCS}, {}, DONE)
    assert (turns, spared) == ([PCS[:1], PCS[1:]], {})


def test_a_key_that_is_for_something_else_touches_one_machine() -> None:
    turns, spared = all_turns({name: Known(NEEDS_KEY) for name in PCS}, {}, WRONG)
    assert turns == [PCS[:1], []]
    assert spared == dict.fromkeys(PCS[1:], "the key ending in TTWX3 is not for windows_10_year_2: see PC-1")


def test_a_key_that_was_installed_and_not_activated_is_the_right_one() -> None:
    assert all_turns({name: Known(NEEDS_KEY) for name in PCS}, {}, NOT_ACTIVATED)[0] == [PCS[:1], PCS[1:]]


@pytest.mark.parametrize("failure", [REFUSED, UNREACHABLE, BROKEN])
def test_a_machine_that_fails_before_is_no_proof_and_another_one_is_next(failure: dict[str, Any]) -> None:
    turns, spared = all_turns({name: Known(NEEDS_KEY) for name in PCS}, {"PC-1": failure, "PC-2": failure}, DONE)
    assert (turns, spared) == ([["PC-1"], ["PC-2"], ["PC-3"], PCS[3:]], {})


def test_after_three_such_machines_no_other_one_gets_the_key() -> None:
    turns, spared = all_turns({name: Known(NEEDS_KEY) for name in PCS}, {}, REFUSED)
    assert turns == [["PC-1"], ["PC-2"], ["PC-3"], []]
    assert len(turns) == MOST_TRIES + 1
    assert spared == dict.fromkeys(PCS[3:], "no machine has accepted the key ending in TTWX3 yet: see PC-1, PC-2, PC-3")


@pytest.mark.parametrize("has", [HAS_KEY, LICENSED])
def test_a_machine_that_has_the_key_proves_it(has: dict[str, Any]) -> None:
    found = turn(PCS, {**{name: Known(NEEDS_KEY) for name in PCS}, "PC-7": Known(has)})
    assert set(found["machines"]) == set(PCS) - (set() if has is HAS_KEY else {"PC-7"})


def test_each_key_and_each_product_has_a_first_machine() -> None:
    other = checked("install_product_key", key="OTHER")
    server = checked("install_product_key", product="55b1dd2d-2209-4ea0-a805-06298bad25b3")
    known = {"A": Known(NEEDS_KEY), "B": Known(other), "C": Known(server), "D": Known(NEEDS_KEY), "E": Known(other)}
    turns, spared = all_turns(known, {"A": WRONG}, DONE)
    assert turns == [["A", "B", "C"], ["E"]]
    assert list(spared) == ["D"]


def test_a_later_batch_knows_the_results_of_the_earlier_one() -> None:
    known = {"A": Known(NEEDS_KEY, WRONG), "B": Known(NEEDS_KEY)}
    assert turn(["B"], known)["spared"].keys() == {"B"}
    assert turn(["B"], {"A": Known(NEEDS_KEY, DONE), "B": Known(NEEDS_KEY)})["machines"] == ["B"]


def test_what_a_candidate_left_in_an_earlier_play_is_not_known() -> None:
    assert turn(["A", "B"], {"A": Known(NEEDS_KEY, WRONG), "B": Known(NEEDS_KEY, DONE)})["machines"] == ["A"]


def test_a_machine_without_a_check_runs_at_once_and_one_whose_check_failed_does_not_run() -> None:
    known = {"A": Known(SKIPPED), "B": Known(REFUSED), "C": Known(None), "D": Known(UNREACHABLE), "E": Known(LICENSED), "F": Known({})}
    assert turn(list(known), known) == {"machines": ["A"], "waiting": [], "spared": {}}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([NEEDS_KEY, HAS_KEY, LICENSED, SKIPPED, REFUSED, None, checked("install_product_key", key="OTHER")]),
            st.sampled_from([DONE, WRONG, REFUSED, NOT_ACTIVATED, UNREACHABLE]),
        ),
        max_size=15,
    )
)
def test_every_machine_has_at_most_one_turn_and_a_wrong_key_one_machine(pairs: list[tuple[Any, Any]]) -> None:
    known = {f"PC-{number}": Known(check) for number, (check, _outcome) in enumerate(pairs)}
    outcomes = {f"PC-{number}": outcome for number, (_check, outcome) in enumerate(pairs)}
    before = dict(known)
    turns, spared = all_turns(known, outcomes, DONE)
    ran = [machine for each in turns for machine in each]
    assert len(ran) == len(set(ran))
    assert not set(ran) & set(spared)
    runnable = {name for name, about in before.items() if about.installs or about.checked in (HAS_KEY, SKIPPED)}
    assert set(ran) | set(spared) == runnable
    for key in {about.key for about in before.values()} - {None}:
        owners = [name for name, about in before.items() if about.key == key]
        if all(before[name].installs for name in owners):
            assert sum(outcomes[name] is WRONG for name in owners if name in ran) <= 1 or any(
                outcomes[name] in (DONE, NOT_ACTIVATED) for name in owners if name in ran
            )
