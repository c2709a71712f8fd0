# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller with objects: it launches job templates and workflows, and keeps what AWX keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from awx_rules import graph, inventory, meta, runner
from awx_rules.credentials import MACHINE, Credential, Injection, WriteFile, inject, machine, secrets
from awx_rules.launch import Order, Refused, by_person, by_workflow, merged, of_workflow
from awx_rules.objects import CredentialType, Node, Template, Workflow, credential_type, template, workflow

AT_ONCE = 2
"""Slices that run at the same time."""

APPROVE, DENY, TIMEOUT = "approve", "deny", "timeout"


@dataclass(frozen=True)
class Objects:
    """The objects of a controller, by name."""

    types: Mapping[str, CredentialType]
    templates: Mapping[str, Template]
    workflows: Mapping[str, Workflow]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Objects:
        """Read objects in the names of infra.aap_configuration."""
        return cls(
            {entry["name"]: credential_type(entry) for entry in data.get("controller_credential_types") or ()},
            {entry["name"]: template(entry) for entry in data.get("controller_templates") or ()},
            {entry["name"]: workflow(entry) for entry in data.get("controller_workflows") or ()},
        )


@dataclass(frozen=True)
class Result:
    """A finished job or approval, or the slices of a job."""

    status: str
    artifacts: Mapping[str, Any] = field(default_factory=dict)
    jobs: tuple[runner.Finished, ...] = ()
    order: Order | None = None

    @property
    def job(self) -> runner.Finished:
        """The only job."""
        (found,) = self.jobs
        return found


@dataclass(frozen=True)
class WorkflowResult:
    """A finished workflow: its status, and what became of each node."""

    status: str
    state: Mapping[str, str]
    nodes: Mapping[str, Result]

    @property
    def jobs(self) -> tuple[runner.Finished, ...]:
        """All jobs."""
        return tuple(job for result in self.nodes.values() for job in result.jobs)


@dataclass
class Controller:
    """What launches need: the objects, the inventory, the values of the credentials, and the execution environment."""

    objects: Objects
    listing: Mapping[str, Any]
    environment: runner.Environment
    credentials: Mapping[str, Credential]
    _numbers: Iterable[int] = field(default_factory=lambda: count(1))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The machines of the inventory."""
        return tuple(self.listing["_meta"]["hostvars"])

    def secrets(self) -> frozenset[str]:
        """The secret values of all credentials."""
        kept = self.credentials.values()
        return frozenset(text for one in kept for text in secrets(one, self.objects.types.get(one.kind)))

    def launch(self, name: str, answers: Mapping[str, Any] | None = None, *, watch: runner.Watch | None = None, **prompts: Any) -> Result:
        """Launch a job template as a person does, and wait for its end. `prompts` are the fields beside the survey."""
        return self.start(by_person(self.objects.templates[name], answers or {}, prompts), watch=watch)

    def _injector(self, name: str) -> Callable[[WriteFile], Injection]:
        found = self.credentials[name]
        if found.kind == MACHINE:
            return lambda _: machine(found)
        return partial(inject, self.objects.types[found.kind], found)

    def start(self, order: Order, *, workflow: tuple[int, str] | None = None, watch: runner.Watch | None = None) -> Result:
        """Run a job, in slices if its template wants them."""
        wanted = int(order.fields.get("job_slice_count") or 1)
        slices = inventory.slice_count(wanted, len(self.hosts))
        if slices == 1:
            return self._one(order, 1, 1, workflow, watch)
        # A sliced job is a workflow of its own, with a node for each slice.
        own = (next(iter(self._numbers)), order.template.name)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(lambda number: self._one(order, number, slices, own, watch), range(1, slices + 1)))
        status = graph.GOOD if all(result.status == graph.GOOD for result in done) else "failed"
        artifacts = merged(result.artifacts for result in done if result.status in {graph.GOOD, "failed"})
        return Result(status, artifacts, tuple(job for result in done for job in result.jobs), order)

    def _one(self, order: Order, number: int, slices: int, workflow: tuple[int, str] | None, watch: runner.Watch | None) -> Result:
        job = next(iter(self._numbers))
        launched = "workflow" if workflow else "manual"
        described = meta.variables(job, order.template.name, launch_type=launched, workflow=workflow)
        ready = runner.Job(
            job,
            order.template.playbook,
            inventory.script(self.listing, inventory.sliced(self.hosts, number, slices)),
            {**described, **order.extra_vars},
            order.template.extra_vars,
            tuple(self._injector(name) for name in order.fields.get("credentials") or ()),
            order.fields,
        )
        done = runner.run(ready, self.environment, watch)
        return Result(done.status, done.artifacts, (done,), order)

    def run_workflow(
        self, name: str, answers: Mapping[str, Any] | None = None, decisions: Mapping[str, str] | None = None, **prompts: Any
    ) -> WorkflowResult:
        """Run a workflow to its end. `decisions` has APPROVE, DENY, or TIMEOUT for each approval that is reached."""
        found = self.objects.workflows[name]
        above, fields = of_workflow(found, answers or {}, prompts)
        own = (next(iter(self._numbers)), name)
        course = _Course(self, found, above, fields, own, decisions or {})
        return course.run()


@dataclass
class _Course:
    """One run of a workflow."""

    controller: Controller
    workflow: Workflow
    above: Mapping[str, Any]
    fields: Mapping[str, Any]
    own: tuple[int, str]
    decisions: Mapping[str, str]
    state: dict[str, str] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    ancestors: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self) -> WorkflowResult:
        nodes = self.workflow.nodes
        while ready := graph.next_nodes(nodes, self.state):
            for node in ready:
                self.results[node.identifier] = result = self._decide(node) if node.approval else self._job(node)
                self.state[node.identifier] = result.status
            self.state = graph.with_never(nodes, self.state)
        return WorkflowResult(graph.status(nodes, self.state), self.state, self.results)

    def _decide(self, node: Node) -> Result:
        self._artifacts(node)
        decision = self.decisions[node.identifier]
        if decision == TIMEOUT and not node.timeout:
            raise Refused(f"{node.identifier}: this approval never times out")
        return Result(graph.GOOD if decision == APPROVE else "failed")

    def _artifacts(self, node: Node) -> dict[str, Any]:
        """What the nodes before this one published: for each parent what it got itself, then what its job published."""
        parts = []
        for parent in graph.parents(self.workflow.nodes, node):
            result = self.results.get(parent.identifier)
            parts += [self.ancestors.get(parent.identifier, {}), result.artifacts if result else {}]
        self.ancestors[node.identifier] = merged(parts)
        return self.ancestors[node.identifier]

    def _job(self, node: Node) -> Result:
        template = self.controller.objects.templates[node.template]
        # The workflow beats the node, where the template asks for the field.
        inherited = {name: value for name, value in self.fields.items() if name in template.asks}
        order = by_workflow(template, node.extra_data, {**node.prompts, **inherited}, self._artifacts(node), self.above)
        return self.controller.start(order, workflow=self.own)
