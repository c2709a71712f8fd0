# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a workflow: which nodes run next, which never run, and whether the workflow failed.

A state has an entry for each node that is decided: the status of its job, or NEVER.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from awx_rules.objects import Node, ObjectError

NEVER = "never"
GOOD = "successful"
BAD = frozenset({"failed", "error", "canceled"})

State = Mapping[str, str]


def parents(nodes: Sequence[Node], node: Node) -> tuple[Node, ...]:
    """Return the parents of a node in the order of the workflow."""
    return tuple(other for other in nodes if node.identifier in (*other.success, *other.failure, *other.always))


def _opens(parent: Node, status: str, child: Node) -> bool:
    """Return whether a job with this status leads to the child."""
    taken = parent.success if status == GOOD else parent.failure if status in BAD else ()
    return child.identifier in (*taken, *parent.always)


def _all_open(nodes: Sequence[Node], node: Node, state: State) -> bool:
    """Return whether all parents led to the node. As in AWX, a canceled parent does not count."""
    done = [(parent, state[parent.identifier]) for parent in parents(nodes, node)]
    return all(_opens(parent, status, node) for parent, status in done if status in {GOOD, "failed"})


def in_order(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield the nodes with all parents before their children. A circle is an error, which AWX does not let anybody save."""
    left, seen = list(nodes), set[str]()
    while left:
        ready = [node for node in left if all(parent.identifier in seen for parent in parents(nodes, node))]
        if not ready:
            raise ObjectError(f"circle: {', '.join(node.identifier for node in left)}")
        yield from ready
        seen |= {node.identifier for node in ready}
        left = [node for node in left if node.identifier not in seen]


def _never(nodes: Sequence[Node], node: Node, state: State) -> bool:
    above = parents(nodes, node)
    if not above or any(parent.identifier not in state for parent in above):
        return False
    if node.all_parents_must_converge:
        return any(state[parent.identifier] == NEVER for parent in above) or not _all_open(nodes, node, state)
    return not any(_opens(parent, state[parent.identifier], node) for parent in above if state[parent.identifier] != NEVER)


def with_never(nodes: Sequence[Node], state: State) -> dict[str, str]:
    """Return the state with NEVER for each node that can no longer run."""
    found = dict(state)
    for node in in_order(nodes):
        if node.identifier not in found and _never(nodes, node, found):
            found[node.identifier] = NEVER
    return found


def next_nodes(nodes: Sequence[Node], state: State) -> tuple[Node, ...]:
    """Return the nodes that start now: those of whose parents all are decided, unless they never run. `state` is that of `with_never`."""
    return tuple(
        node for node in nodes if node.identifier not in state and all(parent.identifier in state for parent in parents(nodes, node))
    )


def status(nodes: Sequence[Node], state: State) -> str:
    """Return the status of a finished workflow: failed if a job failed for whose failure the workflow has no path."""
    failed = [node for node in nodes if state.get(node.identifier) in BAD]
    return "failed" if any(not (node.failure or node.always) for node in failed) else GOOD
