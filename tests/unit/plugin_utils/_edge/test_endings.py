# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a task ends that did not succeed: its status moves to a name that Ansible does not act on, and filters read both forms alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.endings import (
    StoppedActionError,
    UnreachableActionError,
    collected,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._task_results import is_collected, registered, task_failure

VALUES = st.dictionaries(st.sampled_from(["changed", "msg", "error", "steps"]), st.text(max_size=5))


@pytest.mark.parametrize("status", ["failed", "unreachable"])
@given(rest=VALUES)
def test_a_collected_result_says_the_same_and_does_not_end_the_play(status: str, rest: dict[str, Any]) -> None:
    result = {**rest, status: True}
    found = collected(result)
    assert found == {**rest, "task_status": status}
    assert is_collected(found)
    assert task_failure(found) == task_failure(result) == task_failure(registered(found))


@given(rest=VALUES)
def test_a_result_of_a_task_that_succeeded_stays_as_it_is(rest: dict[str, Any]) -> None:
    assert collected(rest) == registered(rest) == rest
    assert collected({**rest, "failed": False}) == rest
    assert not is_collected(rest)
    assert task_failure(rest) is None


def test_a_machine_that_is_not_reached_has_not_failed() -> None:
    assert collected({"failed": True, "unreachable": True})["task_status"] == "unreachable"


@pytest.mark.parametrize("value", [None, "text", [], {"task_status": "other"}])
def test_anything_else_is_no_collected_result(value: Any) -> None:
    assert not is_collected(value)
    assert registered(value) is value


def test_the_exceptions_hand_over_their_result_and_how_the_machine_ends() -> None:
    failed, lost = StoppedActionError({"failed": True, "msg": "no"}), UnreachableActionError({"unreachable": True, "msg": "off"})
    assert (failed.result, failed.omit_failed_key, failed.omit_exception_key) == ({"failed": True, "msg": "no"}, False, True)
    assert (lost.result_contribution, lost.omit_failed_key, lost.omit_exception_key) == ({"unreachable": True, "msg": "off"}, True, False)
