# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a playbook is about is checked in `hosts` of its first play, with a word: nobody, a typing error, a limit.

The templates run with the filters they name; the scenario tests run them in ansible-playbook.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.plugins.filter.core import flatten, to_bool
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.winops.volume_activation.plugins.filter.answer import answer
from ansible_collections.winops.volume_activation.plugins.filter.play_hosts import play_hosts

ROOT = Path(__file__).parents[3]
FQCN = "winops.volume_activation"
GROUPS = {
    "all": ["kms1", "kms2", "pc1", "pc2", "pc3"],
    "ungrouped": [],
    "windows": ["kms1", "kms2", "pc1", "pc2", "pc3"],
    "kms_hosts": ["kms1", "kms2"],
    "pcs": ["pc1", "pc2", "pc3"],
    "empty": [],
}
ONE = {
    "activation_report": "activation_report",
    "convert_to_kms": "convert_to_kms",
    "convert_to_mak": "convert_to_mak",
    "proxy_activate": "proxy_activation",
    "proxy_collect": "proxy_activation",
    "proxy_deposit": "proxy_activation",
    "activation_check": "activation_check",
    "activate_esu": "activate_esu",
    "kms_to_adba": "kms_to_adba",
    "windows_conformance": "windows_conformance",
}
"""Playbooks that are about one group of machines, with the beginning of the names of their variables."""
SEVERAL: dict[str, dict[str, Any]] = {
    "kms_failover": {"kms_failover_replacement": "kms2", "kms_failover_other_hosts": ["kms1"], "kms_failover_clients": "pcs"},
    "kms_key_rotation": {"kms_key_rotation_hosts": "kms_hosts", "kms_key_rotation_clients": "pcs"},
    "mak_to_kms_when_ready": {"mak_to_kms_when_ready_kms_hosts": "kms_hosts", "mak_to_kms_when_ready_hosts": "pcs"},
    "recover_nongenuine": {"recover_nongenuine_kms_hosts": "kms_hosts", "recover_nongenuine_hosts": "pcs"},
}
"""Playbooks that need KMS hosts besides, with variables that are right."""
PREFIX: dict[str, str] = {}
READERS = {"activation_report", "activation_check", "windows_conformance"}
OF_THE_CONTROLLER = {"activation_merge", "controller_apply", "proxy_request", "workflow_failed"}
"""Playbooks that are about no machine."""
BATCHED = sorted({*ONE, *SEVERAL, "rearm_duplicates"} - {"activation_report", "windows_conformance"})


def plays(playbook: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    return found


def template(text: Any, variables: dict[str, Any]) -> Any:
    environment = NativeEnvironment()
    environment.filters |= {f"{FQCN}.play_hosts": play_hosts, f"{FQCN}.answer": answer, "flatten": flatten, "bool": to_bool}
    environment.globals["query"] = lambda _lookup, pattern: [name for name in variables if re.search(pattern, name)]
    return environment.from_string(text).render(variables)


def hosts(playbook: str, variables: dict[str, Any], *, left: list[str] | None = None, limit: str | None = None) -> Any:
    """What `hosts` of the first play comes to. `left` are the machines a limit leaves."""
    given = {"groups": GROUPS, "ansible_play_hosts_all": GROUPS["all"] if left is None else left, **variables}
    return template(plays(playbook)[0]["hosts"], given | ({} if limit is None else {"ansible_limit": limit}))


def refusal(playbook: str, variables: dict[str, Any], **how: Any) -> str:
    with pytest.raises(AnsibleError) as caught:
        hosts(playbook, variables, **how)
    return str(caught.value)


def test_every_playbook_is_looked_at_here() -> None:
    known = {*ONE, *SEVERAL, "rearm_duplicates", "kms_srv_cleanup"}
    assert {path.stem for path in (ROOT / "playbooks").glob("*.yml")} == known | OF_THE_CONTROLLER
    assert all("play_hosts" in plays(name)[0]["hosts"] for name in known | OF_THE_CONTROLLER)


@pytest.mark.parametrize("playbook", ONE)
def test_one_group_is_played_as_it_is_named(playbook: str) -> None:
    assert hosts(playbook, {f"{ONE[playbook]}_hosts": "pcs:!pc2"}) == "pcs:!pc2"
    assert hosts(playbook, {f"{ONE[playbook]}_hosts": "pc*"}, left=["pc1"], limit="pc1") == "pc*"


@pytest.mark.parametrize("playbook", ONE)
@pytest.mark.parametrize("unset", [[], [""], [None], [[]]])
def test_who_writes_wants_machines_named_and_who_reads_has_a_default(playbook: str, unset: list[Any]) -> None:
    option = f"{ONE[playbook]}_hosts"
    variables = dict(zip([option], unset, strict=False))
    if playbook in READERS:
        assert hosts(playbook, variables) == "windows"
    else:
        told = f"{option} must name machines of the inventory, and is not set. Set it, for example -e {option}=GROUP."
        assert told in refusal(playbook, variables)
        assert told in refusal(playbook, {**variables, f"{ONE[playbook]}_allow_empty": True})


@pytest.mark.parametrize("playbook", ONE)
@pytest.mark.parametrize(
    ("pattern", "limit", "words"),
    [
        ("pcz", None, "{option} is pcz, and the inventory does not contain a machine or a group pcz. Correct the pattern."),
        ("pcs:!kms_hosst", None, "{option} is pcs:!kms_hosst, and the inventory does not contain a machine or a group kms_hosst."),
        ("pcs,nobody,none", None, "does not contain a machine or a group nobody or none."),
        ("empty", None, "{option} is empty, which does not match a machine of the inventory. Correct the pattern."),
        ("pcs:!pcs", None, "which does not match a machine of the inventory."),
        (
            "pcs",
            "kms1",
            "The limit kms1 excludes all machines of {option}, which is pcs. Change the limit, or set {begin}_allow_empty: true for a ",
        ),
    ],
)
def test_a_pattern_that_is_about_nobody_is_refused_and_named(playbook: str, pattern: str, limit: str | None, words: str) -> None:
    option = f"{ONE[playbook]}_hosts"
    left = ["kms1"] if limit else None
    told = refusal(playbook, {option: pattern}, left=left, limit=limit)
    assert words.format(option=option, begin=ONE[playbook]) in told
    assert told.rstrip().endswith("Nothing was changed.")
    empty = {option: pattern, f"{ONE[playbook]}_allow_empty": "true"}
    # Of a list with one machine that is there, the slice has what it has.
    assert hosts(playbook, empty, left=left, limit=limit) == ([] if "," not in pattern and "kms_hosst" not in pattern else pattern)


@pytest.mark.parametrize("playbook", [*ONE, *SEVERAL, "rearm_duplicates", "kms_srv_cleanup"])
def test_a_misspelled_variable_is_refused_before_a_missing_one(playbook: str) -> None:
    begin = ONE.get(playbook, playbook)
    told = refusal(playbook, {f"{begin}_alow_empty": True, f"{begin}_notes": "mine"})
    assert told.startswith(f"{begin}_alow_empty is not a variable of this collection: did you mean {begin}_allow_empty? Correct the name.")
    assert told.endswith(" Nothing was changed.")


@pytest.mark.parametrize("playbook", SEVERAL)
def test_all_whom_a_playbook_needs_are_there(playbook: str) -> None:
    assert hosts(playbook, SEVERAL[playbook]) == next(iter(SEVERAL[playbook].values()))


@pytest.mark.parametrize(("playbook", "option"), [(playbook, option) for playbook, options in SEVERAL.items() for option in options])
def test_each_variable_of_a_playbook_is_checked_before_the_first_play(playbook: str, option: str) -> None:
    told = refusal(playbook, {**SEVERAL[playbook], option: "nobody"})
    assert (
        f"{option} is nobody, and the inventory does not contain a machine or a group nobody." in told
        or f"{option} must be the name" in told
    )
    if option not in {"kms_failover_other_hosts", "recover_nongenuine_kms_hosts", "mak_to_kms_when_ready_kms_hosts"}:
        assert f"{option} must name machines" in refusal(playbook, {**SEVERAL[playbook], option: ""})


@pytest.mark.parametrize("playbook", SEVERAL)
def test_a_limit_must_not_exclude_a_kms_host(playbook: str) -> None:
    option, pattern = next(iter(SEVERAL[playbook].items()))
    told = refusal(playbook, SEVERAL[playbook], left=["kms1", "pc1", "pc2", "pc3"], limit="pcs,kms1")
    assert f"The limit pcs,kms1 excludes these machines of {option}, which the playbook needs: kms2." in told, pattern
    in_a_slice = {**SEVERAL[playbook], f"{PREFIX.get(playbook, playbook)}_allow_empty": True}
    assert "which the playbook needs: kms2." in refusal(playbook, in_a_slice, left=["kms1", "pc1"], limit="pc1,kms1")


@pytest.mark.parametrize("playbook", ["kms_failover", "kms_key_rotation"])
def test_a_limit_must_not_exclude_a_client_whose_proof_the_playbook_states(playbook: str) -> None:
    assert "which the playbook needs: pc3." in refusal(playbook, SEVERAL[playbook], left=["kms1", "kms2", "pc1", "pc2"], limit="x")


@pytest.mark.parametrize("playbook", SEVERAL)
def test_a_slice_without_anybody_does_nothing_and_one_without_the_kms_hosts_fails(playbook: str) -> None:
    others = {"groups": {"all": ["web1"], "ungrouped": ["web1"]}, "ansible_play_hosts_all": ["web1"]}
    variables = {**SEVERAL[playbook], f"{PREFIX.get(playbook, playbook)}_allow_empty": "yes"}
    assert hosts(playbook, {**variables, **others}) == []
    clients = {"groups": {"all": ["pc1"], "pcs": ["pc1"]}, "ansible_play_hosts_all": ["pc1"]}
    option = next(iter(SEVERAL[playbook]))
    assert option in refusal(playbook, {**variables, **clients})


def test_the_replacement_is_one_machine() -> None:
    told = refusal("kms_failover", {**SEVERAL["kms_failover"], "kms_failover_replacement": "kms_hosts"})
    assert "kms_failover_replacement must be the name of one machine of the inventory, and is kms_hosts. Correct the name." in told
    told = refusal("kms_failover", {})
    assert "-e kms_failover_replacement=MACHINE -e kms_failover_clients=GROUP. Nothing" in told


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("kms1", ["kms1"]),
        ("kms1, kms3", ["kms1", "kms3"]),
        ("kms1\r\n\r\nkms3\n", ["kms1", "kms3"]),
        (["kms1", "kms3"], ["kms1", "kms3"]),
        ("", []),
        ([], []),
    ],
)
def test_survivors_may_be_a_text_as_extra_variables_are(given: Any, names: list[str]) -> None:
    variables = yaml.safe_load((ROOT / "roles" / "kms_failover" / "vars" / "main.yml").read_text(encoding="utf-8"))
    assert template(variables["__kms_failover_other_hosts"], {"kms_failover_other_hosts": given}) == names


def test_what_need_not_be_named_may_be_left_out() -> None:
    named = SEVERAL["kms_failover"] | {"kms_failover_other_hosts": ""}
    assert hosts("kms_failover", named) == "kms2"
    assert hosts("recover_nongenuine", {"recover_nongenuine_hosts": "pcs", "recover_nongenuine_kms_hosts": ""}) == []
    assert hosts("mak_to_kms_when_ready", {"mak_to_kms_when_ready_hosts": "pcs"}) == "kms_hosts"


def test_the_playbook_on_the_controller_refuses_a_limit_that_excludes_it() -> None:
    assert hosts("kms_srv_cleanup", {}) == "localhost"
    assert hosts("kms_srv_cleanup", {}, left=["pc1"], limit="pcs,localhost") == "localhost"
    assert "The limit pcs excludes localhost, which the playbook needs" in refusal("kms_srv_cleanup", {}, left=["pc1"], limit="pcs")
    assert hosts("kms_srv_cleanup", {"kms_srv_cleanup_allow_empty": True}, left=["pc1"], limit="pcs") == []


@pytest.mark.parametrize("playbook", sorted(OF_THE_CONTROLLER))
def test_a_limit_that_excludes_the_controller_is_refused_by_each_playbook_that_runs_there(playbook: str) -> None:
    """Ansible would skip the play, and the run would succeed."""
    assert hosts(playbook, {}) == "localhost"
    assert hosts(playbook, {}, left=["pc1"], limit="pcs,localhost") == "localhost"
    assert "The limit pcs excludes localhost, which the playbook needs" in refusal(playbook, {}, left=["pc1"], limit="pcs")


def test_machines_to_rearm_are_in_the_inventory_and_none_is_not_a_run_that_went_well() -> None:
    found = [{"cmid": "a", "machines_to_rearm": ["pc1", "pc2"]}, {"cmid": "b", "machines_to_rearm": ["pc1"]}]
    assert hosts("rearm_duplicates", {"rearm_duplicates": found}) == "pc1,pc2"
    assert "a group gone" in refusal("rearm_duplicates", {"rearm_duplicates": [{"cmid": "a", "machines_to_rearm": ["pc1", "gone"]}]})
    unset = "rearm_duplicates must name machines of the inventory, and is not set. Set it, for example -e @duplicates.yml."
    for nothing in ({}, {"rearm_duplicates": ""}, {"rearm_duplicates": None}):
        assert unset in refusal("rearm_duplicates", nothing)
        assert unset in refusal("rearm_duplicates", {**nothing, "rearm_duplicates_allow_empty": True})
    assert "must be a list of dictionaries with machines_to_rearm, and is cli03." in refusal(
        "rearm_duplicates", {"rearm_duplicates": "cli03"}
    )
    none_found = {"rearm_duplicates": []}
    assert unset in refusal("rearm_duplicates", none_found)
    assert hosts("rearm_duplicates", {**none_found, "rearm_duplicates_allow_empty": True}) == []


@pytest.mark.parametrize("playbook", BATCHED)
def test_a_batch_may_be_a_number_a_share_or_a_list_and_an_empty_answer_is_the_default(playbook: str) -> None:
    prefix = PREFIX.get(playbook) or ONE.get(playbook, playbook)
    for play in (play for play in plays(playbook) if "serial" in play and play["serial"] != 1):
        default = template(play["serial"], {})
        assert default in {10, 50, 100, "100%"}
        assert template(play["serial"], {f"{prefix}_serial": ""}) == template(play["serial"], {f"{prefix}_serial": None}) == default
        for batch in (7, "25%", [1, "20%"]):
            assert template(play["serial"], {f"{prefix}_serial": batch}) == batch


RIGHT: dict[str, dict[str, Any]] = {
    **{playbook: {f"{prefix}_hosts": "pcs"} for playbook, prefix in ONE.items()},
    **SEVERAL,
    "rearm_duplicates": {"rearm_duplicates": [{"cmid": "a", "machines_to_rearm": ["pc1"]}]},
}


@pytest.mark.parametrize("playbook", BATCHED)
def test_a_batch_and_a_share_of_failures_are_checked_before_the_first_play(playbook: str) -> None:
    prefix = PREFIX.get(playbook) or ONE.get(playbook, playbook)
    options = {"serial": "abc"} if playbook in READERS else {"serial": "abc", "max_fail_percentage": "100%"}
    for option, value in options.items():
        assert f"{prefix}_{option} must be a number" in refusal(playbook, {**RIGHT[playbook], f"{prefix}_{option}": value})


@pytest.mark.parametrize("playbook", sorted(set(BATCHED) - READERS))
def test_every_playbook_that_writes_stops_after_a_batch_that_failed(playbook: str) -> None:
    prefix = PREFIX.get(playbook) or ONE.get(playbook, playbook)
    last = [
        (play.get("tasks") or []) + (play.get("post_tasks") or []) for play in plays(playbook) if "serial" in play and play["serial"] != 1
    ]
    assert last
    for tasks in last:
        stop = tasks[-1]
        assert stop["ansible.builtin.import_tasks"].startswith("tasks/stop_after_batch")
        assert stop["vars"]["__batch_option"] == f"{prefix}_max_fail_percentage"
        allowed = stop["vars"]["__batch_allowed"]
        assert [template(allowed, {f"{prefix}_max_fail_percentage": given}) for given in ("", 0, 60)] == [25, 0, 60]


@pytest.mark.parametrize("playbook", sorted({*ONE, *SEVERAL, "rearm_duplicates", "kms_srv_cleanup"}))
def test_the_head_of_a_playbook_names_the_variables_that_no_role_has(playbook: str) -> None:
    head, _, plays_of_it = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8").partition("\n- name:")
    prefix = PREFIX.get(playbook) or ONE.get(playbook, playbook)
    read = set(re.findall(rf"(?<!\w)({prefix}_(?:serial|max_fail_percentage|allow_empty))\b", plays_of_it))
    named = set(re.findall(r"^#   (\w+)  ", head, re.MULTILINE))
    assert f"{prefix}_allow_empty" in read <= named
    roles = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
    assert not [name for name in read if re.search(rf"^ +{name}:", roles, re.MULTILINE)]


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_every_play_sets_the_strategy_that_its_tasks_need(path: Path) -> None:
    """A configuration with the strategy `free` would run on each machine what runs once, for example the count of activations."""
    plays = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [play.get("strategy") for play in plays] == ["linear"] * len(plays)


FAILING = set(BATCHED) - READERS - {"kms_failover", "kms_key_rotation"}


@pytest.mark.parametrize("playbook", sorted(FAILING))
def test_what_makes_a_run_fail_is_checked_before_the_first_play(playbook: str) -> None:
    prefix = ONE.get(playbook, playbook)
    for option, value, words in (
        ("fail_on", ["refuse"], f"{prefix}_fail_on contains refuse, and can contain "),
        (
            "fail_on_unreachable",
            "maybe",
            f"{prefix}_fail_on_unreachable must be true or false, and is maybe. Correct it. Nothing was changed.",
        ),
    ):
        assert words in refusal(playbook, {**RIGHT[playbook], f"{prefix}_{option}": value})
    for right in ({"fail_on": ["failed"]}, {"fail_on": ""}, {"fail_on_unreachable": "no"}, {"fail_on_unreachable": None}):
        assert hosts(playbook, {**RIGHT[playbook], **{f"{prefix}_{name}": value for name, value in right.items()}})


OF_A_SLICE = "If the job template has more than one job slice, this is the reason: each slice has only a part of the inventory."


@pytest.mark.parametrize("playbook", SEVERAL)
def test_a_kms_host_that_a_slice_does_not_have_is_missing_because_of_the_slice(playbook: str) -> None:
    """AWX gives to each slice an inventory in which the other machines do not exist."""
    a_slice = {"groups": {"all": ["pc1"], "pcs": ["pc1"]}, "ansible_play_hosts_all": ["pc1"]}
    outside = refusal(playbook, {**SEVERAL[playbook], **a_slice})
    in_awx = refusal(playbook, {**SEVERAL[playbook], **a_slice, "awx_job_id": 17})
    assert (OF_A_SLICE in outside, OF_A_SLICE in in_awx) == (False, True)
    assert in_awx.endswith("Nothing was changed.")


@pytest.mark.parametrize("playbook", ["kms_failover", "kms_key_rotation"])
def test_a_slice_with_the_kms_hosts_and_a_part_of_the_clients_is_refused(playbook: str) -> None:
    """The report of such a run would be about these clients only, and say that all are verified."""
    slice_of = {"awx_job_id": 17, "awx_workflow_job_name": "Failover", "awx_job_template_name": "Failover"}
    told = refusal(playbook, {**SEVERAL[playbook], **slice_of})
    assert "This job is probably a slice: its workflow job has the name of the job template, Failover" in told
    assert f"so the other machines of {playbook}_clients would be left out." in told
    whole = {**slice_of, "awx_workflow_job_name": "KMS host died"}
    expected = next(iter(SEVERAL[playbook].values()))
    assert hosts(playbook, {**SEVERAL[playbook], **whole}) == expected
    assert hosts(playbook, {**SEVERAL[playbook], "awx_job_id": 17}) == expected
    assert hosts(playbook, {**SEVERAL[playbook], **slice_of, f"{playbook}_allow_empty": True}) == expected
