# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that resemble an option are found, and no name of the collection is ever one of them."""

from __future__ import annotations

import string
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.catalog import (
    PUBLISHED,
    VariableScope,
    is_known,
    options_of,
    playbooks,
    roles,
    scope_of,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._variables.misspelled import (
    MOST_EDITS,
    Misspelling,
    edits,
    messages,
    misspelled,
    names_by_machine,
    similar,
    to_look_at,
)

CONTENT = sorted({*roles(), *playbooks()})
OURS = sorted(PUBLISHED.union(*(playbook.variables for playbook in playbooks().values()), *map(options_of, roles())))
LETTERS = string.ascii_lowercase + string.digits + "_"
SCOPE = VariableScope(("kms_client_",), frozenset({"kms_client_kms_host", "kms_client_kms_port", "kms_client_probe"}))


def nobody_knows(name: str) -> bool:
    del name
    return False


def found_in(content: str, *names: str) -> tuple[Misspelling, ...]:
    return misspelled(names, {}, 0, scope_of(content), is_known)


@pytest.mark.parametrize("content", CONTENT)
def test_no_name_of_the_collection_is_misspelled(content: str) -> None:
    assert found_in(content, *OURS, *(f"__{name}" for name in OURS)) == ()


@pytest.mark.parametrize("content", CONTENT)
def test_names_of_the_collection_in_the_inventory_are_not_misspelled(content: str) -> None:
    assert misspelled((), {name: ["pc1"] for name in OURS}, 2, scope_of(content), is_known) == ()


Edit = Callable[[str, int, str], str]
EDITS: tuple[Edit, ...] = (
    lambda text, place, char: text[:place] + char + text[place:],
    lambda text, place, char: text[:place] + char + text[place + 1 :],
    lambda text, place, _char: text[:place] + text[place + 1 :],
    lambda text, place, _char: text[:place] + text[place : place + 2][::-1] + text[place + 2 :],
)


@given(st.data())
def test_two_edits_after_the_prefix_are_always_found(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from([name for name in CONTENT if scope_of(name).options]))
    scope = scope_of(content)
    option = data.draw(st.sampled_from(sorted(scope.options)))
    prefix = max((prefix for prefix in scope.prefixes if option.startswith(prefix)), key=len, default=option)
    name = option[len(prefix) :]
    for _number in range(data.draw(st.integers(1, MOST_EDITS))):
        edit = data.draw(st.sampled_from(EDITS))
        name = edit(name, data.draw(st.integers(0, len(name))), data.draw(st.sampled_from(LETTERS)))
    name = prefix + name
    if is_known(name) or not name.startswith(scope.prefixes) or reference(name, option) > MOST_EDITS:
        return
    (found,) = found_in(content, name)
    assert found.name == name
    assert all(reference(name, suggestion) <= reference(name, option) for suggestion in found.suggestions)


def reference(one: str, other: str) -> int:
    """The optimal string alignment distance by its definition."""

    @cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        costs = [distance(i - 1, j) + 1, distance(i, j - 1) + 1, distance(i - 1, j - 1) + (one[i - 1] != other[j - 1])]
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            costs.append(distance(i - 2, j - 2) + 1)
        return min(costs)

    return distance(len(one), len(other))


@given(st.text("abc_", max_size=9), st.text("abc_", max_size=9))
def test_the_distance_is_the_one_of_its_definition(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one) == min(reference(one, other), MOST_EDITS + 1)


@pytest.mark.parametrize(
    ("content", "name", "suggestions"),
    [
        ("kms_client", "kms_client_kms_hots", ("kms_client_kms_host",)),
        ("kms_client", "kms_client_kmshost", ("kms_client_kms_host",)),
        ("kms_client", "kms_client_retry_timout", ("kms_client_retry_timeout",)),
        ("convert_to_kms", "convert_to_kms_seril", ("convert_to_kms_serial",)),
        ("convert_to_kms", "kms_client_kms_hots", ("kms_client_kms_host",)),
        ("kms_client", "convert_to_kms_max_fail_percent", ()),
        ("kms_client", "convert_to_kms_max_fail_percentag", ("convert_to_kms_max_fail_percentage",)),
        ("rearm", "rearm_duplicats", ("rearm_duplicates",)),
        ("rearm_duplicates", "rearm_duplicates_rebot", ("rearm_duplicates_reboot",)),
        ("proxy_activation", "proxy_activation_fil", ("proxy_activation_file",)),
        # Other content, another prefix, three edits, a private name, and names that only resemble what is published.
        ("mak_client", "kms_client_kms_hots", ()),
        ("kms_client", "my_kms_client_kms_hots", ()),
        ("kms_client", "kms_client_kms_hxyz", ()),
        ("kms_client", "__kms_client_kms_hots", ()),
        ("kms_client", "kms_client_resultz", ()),
        ("kms_client", "kms_client_hosts_of_mine", ()),
    ],
)
def test_what_is_meant_is_suggested(content: str, name: str, suggestions: tuple[str, ...]) -> None:
    assert [found.suggestions for found in found_in(content, name)] == ([suggestions] if suggestions else [])


def test_options_that_are_equally_near_are_all_suggested() -> None:
    assert similar("kms_client_kms_port", SCOPE.options) == ("kms_client_kms_port",)
    assert similar("kms_client_kms_hort", SCOPE.options) == ("kms_client_kms_host", "kms_client_kms_port")
    assert similar("kms_client_other", SCOPE.options) == ()


def test_machines_are_named_unless_all_have_the_variable() -> None:
    by_name = {"kms_client_prob": ["pc2"], "kms_client_probes": ["pc1", "pc2"], "kms_client_probe": ["pc1"], "other": ["pc1"]}
    found = misspelled(["kms_client_probee", "kms_client_probes"], by_name, 2, SCOPE, nobody_knows)
    assert [(one.name, one.machines) for one in found] == [
        ("kms_client_prob", ("pc2",)),
        ("kms_client_probee", ()),
        ("kms_client_probes", ()),
    ]


def test_messages_name_the_machines_and_what_to_do() -> None:
    machines = tuple(f"pc{number}" for number in range(1, 9))
    assert messages((), SCOPE.prefixes) == []
    assert " ".join(messages([Misspelling("kms_client_prob", ("kms_client_probe",), machines)], SCOPE.prefixes)) == (
        "kms_client_prob is not a variable of this collection: did you mean kms_client_probe?"
        " It is set for pc1, pc2, pc3, pc4, pc5, and 3 more machines."
        " Correct the name. A variable of your own must not begin with kms_client_."
    )
    assert "pc5, pc6." in messages([Misspelling("a_b", ("a_c",), machines[:6])], ("a_",))[0]
    many = [Misspelling(f"a_{number}", ("a_b", "a_c")) for number in range(7)]
    told = messages(many, ("a_", "b_"))
    assert len(told) == 7
    assert told[-2:] == ["2 more variables are misspelled.", "Correct the names. A variable of your own must not begin with a_."]
    assert messages(many[:6], ("a_",))[-2] == "1 more variable is misspelled."


def test_the_first_batch_looks_at_all_machines_and_a_later_one_at_its_own() -> None:
    machines = [f"pc{number}" for number in range(1, 301)]
    assert to_look_at(machines, machines[:50], "pc1") == machines
    assert to_look_at(machines, machines[50:100], "pc51") == machines[50:100]
    assert to_look_at(machines, [], "") == machines


def test_a_task_that_runs_on_every_machine_does_not_look_at_all_of_them() -> None:
    """The strategy `free` ignores `run_once`."""
    machines = [f"pc{number}" for number in range(1, 301)]
    assert to_look_at(machines, machines, "pc2") == ["pc2"]
    assert to_look_at(machines, machines[:100], "pc2") == machines[:100]


def test_names_are_read_and_values_are_not() -> None:
    class Names(dict[str, object]):
        """Variables of a machine whose values must not be templated."""

        def __getitem__(self, name: str) -> object:
            raise AssertionError(name)

    hostvars = {"pc1": Names(kms_client_a=1, b=2), "pc2": Names(kms_client_a=1, kms_client_c=3)}
    assert names_by_machine(hostvars, ["pc1", "pc2", "gone"], ("kms_client_",)) == {"kms_client_a": ["pc1", "pc2"], "kms_client_c": ["pc2"]}


@pytest.mark.parametrize("content", CONTENT)
def test_the_artifacts_of_earlier_jobs_are_known(content: str) -> None:
    """AWX gives them to the next job as extra variables, whatever the number of the job."""
    names = [f"{name}_outcome{job}" for name in playbooks() for job in ("", "_1", "_1742")]
    assert found_in(content, *names) == ()
    assert is_known("proxy_collect_outcome_1742")
    assert not is_known("convert_to_kms_outcome_x")
    assert not is_known("of_nobody_outcome")
