# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The veil over a task result, and the loop items that would lift it."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.secrets import SecretMask, loop_item_holds_key

KEY = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"
SPOILT = "MMMMM-KKKK-MMMMM-HVTHP-2BCDF"


def test_a_key_nobody_gave_is_cut_down_to_its_last_five_wherever_it_is() -> None:
    result = {"msg": f"got {KEY}", "steps": [{"description": KEY.lower()}], KEY: 1}
    veiled = SecretMask(()).apply(result)
    assert KEY.lower() not in str(veiled).lower()
    assert str(veiled).lower().count("2bcdf") == 3


def test_what_the_task_gave_as_a_key_is_struck_out_even_when_it_is_spoilt() -> None:
    veiled = SecretMask({SPOILT}).apply({"msg": f"<{SPOILT.lower()}>", SPOILT: [SPOILT.replace("-", "")]})
    assert veiled == {"msg": "<(hidden)>", "(hidden)": ["(hidden)"]}


@pytest.mark.parametrize("secrets", [(), (SPOILT,)])
def test_password_hashes_of_an_ntlm_logon_are_hidden(secrets: tuple[str, ...]) -> None:
    nt_hash = "a4f49c406510bdcab6824ee7c30fd852"
    text = f"Cannot log on with {'0' * 32}:{nt_hash.upper()}."
    assert SecretMask(secrets).apply({"msg": text}) == {"msg": "Cannot log on with (hidden)."}
    assert nt_hash not in SecretMask(secrets).apply_to_lines(f"line\n{'0' * 32}:{nt_hash}\n")
    assert SecretMask(secrets).apply({"sha": nt_hash}) == {"sha": nt_hash}


def test_what_holds_no_secret_stays_as_it_is() -> None:
    result = {"changed": True, "products": [{"grace_minutes": 259200, "expires": None, "name": "Windows(R)"}], "share": 0.5}
    assert SecretMask({SPOILT}).apply(result) == result
    assert SecretMask(()).apply(result) == result


def test_every_text_of_a_result_becomes_one_visible_line_and_only_the_diff_keeps_its_lines() -> None:
    result = {"msg": "a\x1b[2Jb\nc", "products": [{"name": "x\u202ey\u2028z"}], "diff": {"before": "a: 1\nb: \x1b\n", "after": ""}}
    assert SecretMask(()).apply(result) == {
        "msg": "a\ufffd[2Jb\ufffdc",
        "products": [{"name": "x\ufffdy\ufffdz"}],
        "diff": {"before": "a: 1\nb: \ufffd\n", "after": ""},
    }


@pytest.mark.parametrize("item", [KEY, {"name": "w10", "key": KEY}, [["deep", {KEY: 1}]]])
def test_a_loop_item_with_a_full_key_is_noticed_at_any_depth(item: object) -> None:
    assert loop_item_holds_key({"ansible_loop_var": "entry", "entry": item}, SecretMask(()))


@pytest.mark.parametrize("item", [SPOILT, f" {SPOILT.lower()}", {"name": "w10", "key": " ".join(SPOILT)}, SPOILT.replace("-", "\n")])
def test_a_loop_item_with_the_key_of_the_task_is_noticed_however_it_is_spaced_or_mistyped(item: object) -> None:
    assert loop_item_holds_key({"ansible_loop_var": "item", "item": item}, SecretMask({SPOILT}))
    assert not loop_item_holds_key({"ansible_loop_var": "item", "item": item}, SecretMask(()))


@pytest.mark.parametrize("item", ["w10", 5, "two\nlines \x1b", {"key": "2BCDF"}, ["XXXXX-XXXXX-XXXXX-XXXXX-2BCDF"]])
def test_a_loop_item_without_one_is_left_alone(item: object) -> None:
    assert not loop_item_holds_key({"ansible_loop_var": "item", "item": item}, SecretMask({SPOILT}))


def test_outside_a_loop_there_is_no_item() -> None:
    assert not loop_item_holds_key({"item": KEY}, SecretMask({KEY}))
