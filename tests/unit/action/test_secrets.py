# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A full product key shows nowhere, at the highest verbosity and whatever becomes of the task."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.release import __version__

from .conftest import Play, Player

MODULE = "winops.volume_activation.product_key"
KEY = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"
MALFORMED = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDFF"
CORE = tuple(map(int, __version__.split(".")[:2]))
KEYS = {"vault_key": KEY, "vault_malformed": MALFORMED, "vault_bare": KEY.replace("-", ""), "vault_keys": [KEY, MALFORMED]}


def printed(run: Play, secret: str) -> list[str]:
    """Where the secret turns up on the screen."""
    return [line for line in run.output.splitlines() if secret.lower() in line.lower()]


def shows(run: Play, secret: str) -> list[str]:
    """Where the secret turns up on the screen and in what callbacks were given."""
    return printed(run, secret) + [json.dumps(result) for result in run.results if secret.lower() in json.dumps(result).lower()]


@pytest.fixture(scope="module")
def leaky(play: Player) -> Play:
    """Tasks that fail in every way in which a key could be shown; the keys themselves are in the inventory, as in a vault."""
    tasks: list[dict[str, Any]] = [
        {"name": "unreachable", MODULE: {"product_key": "{{ vault_key }}"}},
        {"name": "malformed", MODULE: {"product_key": "{{ vault_malformed }}"}},
        {"name": "without dashes", MODULE: {"product_key": "{{ vault_bare }}"}},
        {"name": "in the wrong option", MODULE: {"product_key": "{{ vault_key }}", "application": "{{ vault_key }}"}},
        {"name": "in an unknown option", MODULE: {"key": "{{ vault_key }}"}},
        {"name": "as the name of an option", MODULE: "{{ {vault_key: 1} }}"},
        {"name": "as an ID", MODULE: {"state": "absent", "activation_id": "{{ vault_malformed }}"}},
        {
            "name": "retried",
            MODULE: {"product_key": "{{ vault_malformed }}"},
            "register": "tried",
            "until": "tried is success",
            "retries": 1,
            "delay": 0,
        },
    ]
    return play(*tasks, variables=KEYS)


@pytest.mark.parametrize("secret", [KEY, MALFORMED, KEY.replace("-", ""), "MMMMM-KKKKK"])
def test_no_key_shows_in_output_results_invocation_or_retries(leaky: Play, secret: str) -> None:
    assert shows(leaky, secret) == []


def test_the_watch_for_leaks_sees_one_that_is_planted(play: Player) -> None:
    run = play({"name": "planted", "ansible.builtin.debug": {"msg": "{{ vault_key }}"}}, variables=KEYS)
    assert shows(run, KEY)


def test_every_leaky_task_failed_for_the_reason_it_was_made_for(leaky: Play) -> None:
    final = [recorded for recorded in leaky.results if recorded["status"] != "retry"]
    assert [recorded["status"] for recorded in final] == ["unreachable", *["failed"] * (len(final) - 1)]
    assert "invocation" in final[1]["result"]
    assert final[3]["result"]["invocation"]["module_args"]["product_key"] == "XXXXX-XXXXX-XXXXX-XXXXX-2BCDF"


def test_an_item_that_holds_a_key_hides_the_output_and_says_why(play: Player) -> None:
    looped = {MODULE: {"product_key": "{{ item }}"}, "loop": "{{ vault_keys }}"}
    by_name = {MODULE: {"product_key": "{{ vault_keys[item] }}"}, "loop": [0, 1]}
    run = play({"name": "keys", **looped}, {"name": "numbers", **by_name}, variables=KEYS)
    assert printed(run, KEY) == []
    assert printed(run, MALFORMED) == []
    if CORE >= (2, 19):  # older ones print no sum of a loop, but give it to other callbacks as it is
        assert shows(run, KEY) == []
    told = " ".join(run.output.replace("\n", " ").split())
    assert "w10: the loop item contains a full product key or another secret, so the output of product_key is hidden." in told
    assert "It failed: w10: http://127.57.0.1:1/wsman: connection refused." in told
    numbered = [recorded["result"]["msg"] for recorded in run.results if recorded["task"] == "numbers" and "item" in recorded["status"]]
    assert len(numbered) == 2
    assert "connection refused" in numbered[0]
    assert "a product key has five groups of five characters" in numbered[1]


def test_an_error_nobody_foresaw_is_told_without_the_key_and_with_its_details_in_the_log(play: Player) -> None:
    run = play({"name": "stumble", "stumble": {"product_key": "{{ vault_key }}"}}, variables=KEYS)
    assert shows(run, KEY) == []
    assert run.message(0).startswith("w10: product_key failed with an unexpected error, RuntimeError: cannot install XXXXX-")
    assert run.results[0]["status"] == "failed"
    assert "Traceback (most recent call last)" in run.output
    assert "RuntimeError: cannot install XXXXX-XXXXX-XXXXX-XXXXX-2BCDF" in run.output
