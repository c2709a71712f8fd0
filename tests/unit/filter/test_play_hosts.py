# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter by itself: patterns as Ansible matches them, sentences, and what a run that only looks gets."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import context
from ansible.errors import AnsibleFilterError
from ansible.utils.context_objects import CLIArgs
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.filter.play_hosts import play_hosts

MACHINES = [f"pc{number:02}" for number in range(1, 13)]
GROUPS = {"all": MACHINES, "office": MACHINES[:6], "branch": MACHINES[6:], "empty": []}


def refusal(patterns: dict[str, Any], **how: Any) -> str:
    with pytest.raises(AnsibleFilterError) as caught:
        play_hosts(patterns, GROUPS, how.pop("left", MACHINES), **how)
    return str(caught.value)


def test_the_documented_options_are_the_real_ones_in_their_order() -> None:
    path = Path(__file__).parents[3] / "plugins" / "filter" / "play_hosts.yml"
    about = yaml.safe_load(path.read_text(encoding="utf-8"))["DOCUMENTATION"]
    parameters = inspect.signature(play_hosts).parameters
    assert about["positional"].split(", ") == ["_input", *list(parameters)[1:]] == list(about["options"])
    for option, parameter in list(parameters.items())[1:]:
        default = about["options"][option].get("default", inspect.Parameter.empty)
        assert default == ([] if parameter.default == () else parameter.default), option


def test_machines_that_are_missing_without_a_limit_are_no_matter_of_the_limit() -> None:
    """An inventory file with an error: the groups read before the error remain, and the play has no machines."""
    said = "x is office, which Ansible did not read completely. Correct what the warnings about the inventory show. Nothing was changed."
    assert refusal({"x": "office"}, left=[]) == said


@pytest.mark.parametrize(
    "pattern", ["office", "pc0*", "office:&pc01", "branch,!pc07", "~pc0[1-3]", "office[0:2]", "all:!empty", ["pc01", "branch"]]
)
def test_every_form_of_a_pattern_is_understood_and_comes_back(pattern: Any) -> None:
    assert play_hosts({"x": pattern}, GROUPS, MACHINES) == (pattern if isinstance(pattern, str) else "pc01,branch")


@pytest.mark.parametrize(
    ("pattern", "stranger"),
    [
        ("offices", "offices"),
        ("office,!ofice", "ofice"),
        ("office:&branchs", "branchs"),
        ("srv*", "srv*"),
        ("~srv.*", "~srv.*"),
        (["pc01", "x"], "x"),
    ],
)
def test_a_part_that_matches_nothing_is_named(pattern: Any, stranger: str) -> None:
    assert f"the inventory does not contain a machine or a group {stranger}." in refusal({"x": pattern})


@given(st.sets(st.sampled_from([*MACHINES, "office", "branch", "nobody", "typo"]), min_size=1))
def test_a_list_of_names_is_refused_exactly_when_one_is_not_there(names: set[str]) -> None:
    strangers = sorted(names & {"nobody", "typo"})
    if strangers:
        assert all(stranger in refusal({"x": sorted(names)}) for stranger in strangers)
    else:
        assert play_hosts({"x": sorted(names)}, GROUPS, MACHINES) == ",".join(sorted(names))


@given(st.sets(st.sampled_from(MACHINES)))
def test_a_limit_excludes_exactly_the_machines_that_are_named(left: set[str]) -> None:
    gone = [name for name in MACHINES[:6] if name not in left]
    if not gone:
        assert play_hosts({"x": "office"}, GROUPS, left, "some", needed=["x"]) == "office"
        return
    told = refusal({"x": "office"}, left=left, limit="some", needed=["x"])
    assert told.startswith("The limit some excludes ")
    assert [name for name in MACHINES if name in told] == gone


@pytest.mark.parametrize("batch", ["", None, 5, "5", "25%", [1, "10%"], ("2",)])
@pytest.mark.parametrize("share", ["", None, 0, 25, "12.5"])
def test_a_batch_that_ansible_understands_is_let_through(batch: Any, share: Any) -> None:
    assert play_hosts({"x": "office"}, GROUPS, MACHINES, serial=batch, max_fail_percentage=share) == "office"


@pytest.mark.parametrize("batch", ["abc", "2.5%", [1, "x"], "1,2", "-1", True])
def test_a_batch_that_ansible_does_not_understand_is_refused(batch: Any) -> None:
    told = refusal({"x": "office"}, prefix="my_", serial=batch)
    assert told.startswith("my_serial must be a number of machines, a percentage such as 25%, or a list of them, and is ")
    assert told.endswith("Nothing was changed.")


@pytest.mark.parametrize("share", ["lots", "100%", "-1", [5]])
def test_a_share_of_failures_that_would_count_as_0_is_refused(share: Any) -> None:
    told = refusal({"x": "office"}, prefix="my_", max_fail_percentage=share)
    assert (
        told
        == f"my_max_fail_percentage must be a number without a percent sign, such as 25, and is {share}. Correct it. Nothing was changed."
    )


@pytest.mark.parametrize("found", ["pc01", ["pc01"], [{"cmid": "a"}], {"machines_to_rearm": ["pc01"]}, 5])
def test_what_is_no_list_of_dictionaries_is_refused(found: Any) -> None:
    told = refusal({"x": found}, attribute="rearm")
    assert told == f"x must be a list of dictionaries with rearm, and is {found}. Correct it. Nothing was changed."


def test_a_key_under_the_wrong_variable_is_not_shown() -> None:
    key = "MMMMM-KKKKK-MMMMM-23BCD-FGHJK"
    for told in (
        refusal({"x": key}),
        refusal({"x": "office"}, serial=key),
        refusal({"x": "office"}, max_fail_percentage=key),
        refusal({"x": key}, attribute="rearm"),
        refusal({"x": "office"}, left=[], limit=key),
    ):
        assert key not in told
        assert "XXXXX-XXXXX-XXXXX-XXXXX-FGHJK" in told


def test_many_names_are_counted_and_not_listed() -> None:
    told = refusal({"x": "all"}, left=[], limit="none", needed=["x"])
    assert "machines of x, which the playbook needs: pc01, pc02, pc03, pc04, pc05 and 7 more." in told


def test_every_fault_is_told_at_once_and_nothing_twice() -> None:
    told = refusal({"first": "nobody", "second": "empty"})
    assert told == (
        "first is nobody, and the inventory does not contain a machine or a group nobody. Correct the pattern. second is empty, which"
        " does not match a machine of the inventory. Correct the pattern. Nothing was changed."
    )


def test_a_limit_that_leaves_no_machine_is_told_with_the_variable_that_allows_it() -> None:
    told = refusal({"x": "branch"}, left=["pc01"], limit="pc01")
    assert told == "The limit pc01 excludes all machines of x, which is branch. Change the limit. Nothing was changed."
    assert "or set my_allow_empty: true for a slice" in refusal({"x": "branch"}, left=["pc01"], limit="pc01", prefix="my_")


@pytest.mark.parametrize("look", ["syntax", "listhosts", "listtasks", "listtags"])
def test_a_run_that_only_looks_needs_no_variables(monkeypatch: pytest.MonkeyPatch, look: str) -> None:
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({look: True}))
    assert play_hosts({"x": ""}, GROUPS, []) == []
    assert play_hosts({"x": "nobody"}, GROUPS, []) == "nobody"


def test_localhost_is_there_without_the_inventory_unless_a_limit_excludes_it() -> None:
    assert play_hosts({"localhost": "localhost"}, GROUPS, MACHINES) == "localhost"
    assert play_hosts({"localhost": "localhost"}, GROUPS, MACHINES, "office:localhost") == "localhost"
    named = {"all": ["localhost", "pc01"]}
    assert play_hosts({"localhost": "localhost"}, named, ["localhost"], "loc*") == "localhost"
    with pytest.raises(AnsibleFilterError, match="The limit pc01 excludes localhost, which the playbook needs"):
        play_hosts({"localhost": "localhost"}, named, ["pc01"], "pc01", needed=["localhost"])
