# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes of a workflow run, and how it ends."""

from __future__ import annotations

import pytest

from awx_rules.graph import NEVER, next_nodes, parents, status, with_never
from awx_rules.objects import Node, ObjectError, workflow

LINE = (
    Node("report", "R", always=("ask",)),
    Node("ask", approval="Go on?", success=("convert",)),
    Node("convert", "C", always=("verify",)),
    Node("verify", "V"),
)


def course(nodes: tuple[Node, ...], outcomes: dict[str, str]) -> dict[str, str]:
    """The state at the end of a workflow whose jobs end as given."""
    state: dict[str, str] = {}
    while ready := next_nodes(nodes, state):
        state.update({node.identifier: outcomes.get(node.identifier, "successful") for node in ready})
        state = with_never(nodes, state)
    assert set(state) == {node.identifier for node in nodes}
    return state


def test_a_link_leads_on_for_its_outcome_only() -> None:
    nodes = (Node("a", "A", success=("good",), failure=("bad",), always=("any",)), Node("good", "G"), Node("bad", "B"), Node("any", "N"))
    assert course(nodes, {}) == {"a": "successful", "good": "successful", "any": "successful", "bad": NEVER}
    for outcome in ("failed", "error", "canceled"):
        assert course(nodes, {"a": outcome}) == {"a": outcome, "bad": "successful", "any": "successful", "good": NEVER}


def test_what_follows_a_node_that_never_runs_never_runs_either() -> None:
    assert course(LINE, {"ask": "failed"}) == {"report": "successful", "ask": "failed", "convert": NEVER, "verify": NEVER}


def test_a_failure_with_a_path_does_not_fail_the_workflow() -> None:
    assert status(LINE, course(LINE, {"report": "failed", "convert": "failed"})) == "successful"


@pytest.mark.parametrize("node", ["ask", "verify"])
def test_a_failure_without_a_path_fails_the_workflow(node: str) -> None:
    assert status(LINE, course(LINE, {node: "failed"})) == "failed"


def converging(*, all_of_them: bool) -> tuple[Node, ...]:
    return (Node("a", "A", success=("end",)), Node("b", "B", success=("end",)), Node("end", "E", all_parents_must_converge=all_of_them))


def test_a_node_waits_for_all_its_parents() -> None:
    nodes = converging(all_of_them=False)
    assert [node.identifier for node in next_nodes(nodes, {"a": "successful"})] == ["b"]


def test_one_parent_is_enough_unless_all_must_converge() -> None:
    assert course(converging(all_of_them=False), {"a": "failed"})["end"] == "successful"
    assert course(converging(all_of_them=True), {"a": "failed"})["end"] == NEVER
    assert course(converging(all_of_them=True), {})["end"] == "successful"


def test_a_parent_that_never_runs_keeps_a_node_from_running_if_all_must_converge() -> None:
    nodes = (Node("r", "R", success=("a",), failure=("b",)), Node("a", "A", always=("e",)), Node("b", "B", always=("e",)))
    assert course((*nodes, Node("e", "E", all_parents_must_converge=True)), {})["e"] == NEVER
    assert course((*nodes, Node("e", "E")), {})["e"] == "successful"


def test_parents_are_in_the_order_of_the_workflow() -> None:
    nodes = converging(all_of_them=True)
    assert [node.identifier for node in parents(nodes, nodes[2])] == ["a", "b"]


def test_a_circle_and_a_link_to_nowhere_are_errors() -> None:
    with pytest.raises(ObjectError, match="circle"):
        with_never((Node("a", "A", always=("b",)), Node("b", "B", always=("a",))), {})
    with pytest.raises(ObjectError, match="linked"):
        workflow({"name": "W", "simplified_workflow_nodes": [{"identifier": "a", "unified_job_template": "A", "success_nodes": ["b"]}]})


def test_both_forms_of_a_node_are_the_same() -> None:
    short = [
        {"identifier": "a", "unified_job_template": "A", "limit": "web", "extra_data": {"x": 1}, "always_nodes": ["b"]},
        {"identifier": "b", "approval_node": {"name": "Go on?", "timeout": 60}, "all_parents_must_converge": True},
    ]
    long = [
        {"identifier": "a", "unified_job_template": {"name": "A", "type": "job_template"}, "limit": "web", "extra_data": {"x": 1},
         "related": {"always_nodes": [{"identifier": "b"}], "success_nodes": [], "failure_nodes": [], "credentials": []}},
        {"identifier": "b", "unified_job_template": {"name": "Go on?", "type": "workflow_approval", "timeout": 60},
         "all_parents_must_converge": True, "related": {}},
    ]  # fmt: skip
    expected = (
        Node("a", "A", extra_data={"x": 1}, prompts={"limit": "web"}, always=("b",)),
        Node("b", approval="Go on?", timeout=60, all_parents_must_converge=True),
    )
    assert workflow({"name": "W", "simplified_workflow_nodes": short}).nodes == expected
    assert workflow({"name": "W", "workflow_nodes": long}).nodes == expected
