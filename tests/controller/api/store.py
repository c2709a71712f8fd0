# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of the simulated controller, and how they are created, changed, linked, and deleted."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from . import rules
from .kinds import KINDS, UNIFIED, Kind

Item = dict[str, Any]


class RefusedError(Exception):
    """An answer that is not a success: its status, and its body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


class Store:
    """All objects by list and number."""

    def __init__(self, playbooks: Iterable[str]) -> None:
        self.playbooks = frozenset(playbooks)
        """Playbooks of each project."""
        self.items: dict[str, dict[int, Item]] = {endpoint: {} for endpoint in KINDS}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Any] = {}
        self.secrets: dict[int, Item] = {}
        """Inputs of credentials, which no answer shows."""
        self._numbers = itertools.count(1)
        self._add_what_awx_has()

    def _add_what_awx_has(self) -> None:
        self.create("organizations", {"name": "Default"})
        self.create("users", {"username": "admin", "is_superuser": True})
        self.create("instance_groups", {"name": "default"})
        machine = {
            "fields": [
                {"id": "username", "label": "Username", "type": "string"},
                {"id": "password", "label": "Password", "type": "string", "secret": True, "ask_at_runtime": True},
            ]
        }
        self.create("credential_types", {"name": "Machine", "kind": "cloud", "inputs": machine})

    def found(self, endpoint: str, number: int) -> Item:
        """Return one object. The list of unified job templates is over several kinds."""
        for each in UNIFIED if endpoint == "unified_job_templates" else (endpoint,):
            if number in self.items[each]:
                return self.items[each][number]
        raise RefusedError(404, {"detail": "Not found."})

    def listed(self, endpoint: str) -> list[Item]:
        """Return all objects of a list."""
        return [item for each in (UNIFIED if endpoint == "unified_job_templates" else (endpoint,)) for item in self.items[each].values()]

    def create(self, endpoint: str, given: Mapping[str, Any]) -> Item:
        """Create an object, or raise RefusedError."""
        kind = KINDS[endpoint]
        missing = {name: ["This field is required."] for name in kind.required if given.get(name) in (None, "")}
        if missing:
            raise RefusedError(400, missing)
        item = {**copy.deepcopy(dict(kind.fields)), **self._known(kind, given)}
        self._check(kind, item, {})
        number = next(self._numbers)
        item |= {"id": number, "type": kind.type}
        self.items[endpoint][number] = item
        self._keep_secrets(kind, item, given)
        for role in kind.roles:
            self.create("roles", {"name": f"{role}_role", "object": f"{endpoint}/{number}"})
        if endpoint == "inventories" and item["kind"] == "constructed":
            source = {"inventory": number, "source": "constructed", "overwrite": True, "overwrite_vars": True, "update_on_launch": True}
            self.create("inventory_sources", {"name": f"Auto-created source for: {item['name']}", **source})
        return item

    def change(self, endpoint: str, number: int, given: Mapping[str, Any]) -> Item:
        """Change fields of an object, or raise RefusedError."""
        kind, item = KINDS[endpoint], self.found(endpoint, number)
        changes = self._known(kind, given)
        if item.get("source") == "constructed":
            self._raise(rules.constructed_errors(item, changes))
        self._check(kind, {**item, **changes}, item)
        item.update(changes)
        self._keep_secrets(kind, item, given)
        return item

    def delete(self, endpoint: str, number: int) -> None:
        """Delete an object with what belongs to it."""
        item = self.found(endpoint, number)
        if not KINDS[endpoint].can_delete:
            raise RefusedError(405, {"detail": 'Method "DELETE" not allowed.'})
        if endpoint == "credential_types" and any(each["credential_type"] == number for each in self.items["credentials"].values()):
            raise RefusedError(403, {"detail": "Credential types that are in use cannot be deleted"})
        del self.items[endpoint][number]
        for key in [key for key in self.links if key[:2] == (endpoint, number)]:
            del self.links[key]
        for (of, _number, name), numbers in self.links.items():
            if number in numbers and KINDS[of].associations.get(name) == endpoint:
                numbers.remove(number)
        self._delete_parts(endpoint, number)
        self._forget(endpoint, item)

    def _delete_parts(self, endpoint: str, number: int) -> None:
        parts = {
            "workflow_job_templates": (("workflow_job_template_nodes", "workflow_job_template"), ("schedules", "unified_job_template")),
            "job_templates": (("schedules", "unified_job_template"),),
            "inventories": (("inventory_sources", "inventory"),),
        }
        for part, name in parts.get(endpoint, ()):
            for each in [each for each in self.items[part].values() if each[name] == number]:
                self.delete(part, each["id"])
        for role in [role for role in self.items["roles"].values() if role["object"] == f"{endpoint}/{number}"]:
            del self.items["roles"][role["id"]]

    def _forget(self, endpoint: str, item: Item) -> None:
        """Objects that referred to a deleted one no longer do. A node keeps running without its template, which fails."""
        for of, kind in KINDS.items():
            for name, target in kind.references.items():
                if target == endpoint or (target == "unified_job_templates" and endpoint in UNIFIED):
                    for each in self.items[of].values():
                        if each.get(name) == item["id"]:
                            each[name] = None

    def associated(self, endpoint: str, number: int, name: str) -> list[int]:
        """Return the numbers that are linked to an object."""
        self.found(endpoint, number)
        if name not in KINDS[endpoint].associations:
            raise RefusedError(404, {"detail": "The requested resource could not be found."})
        return self.links.setdefault((endpoint, number, name), [])

    def associate(self, endpoint: str, number: int, name: str, given: Mapping[str, Any]) -> None:
        """Link another object to an object, or remove the link."""
        linked, other = self.associated(endpoint, number, name), given.get("id")
        target = KINDS[endpoint].associations[name]
        if not isinstance(other, int) or other not in self.items[target]:
            raise RefusedError(400, {"msg": f"{name} with id {other} does not exist."})
        if given.get("disassociate"):
            if other in linked:
                linked.remove(other)
            return
        if other in linked:
            return
        if name == "credentials":
            kinds = [self.items["credentials"][each]["credential_type"] for each in linked]
            if self.items["credentials"][other]["credential_type"] in kinds:
                raise RefusedError(400, {"error": "Cannot assign multiple credentials of the same type."})
        if target == "workflow_job_template_nodes":
            self._check_link(number, other, name)
        linked.append(other)

    def _check_link(self, parent: int, child: int, name: str) -> None:
        nodes = "workflow_job_template_nodes"
        others = {"success_nodes", "failure_nodes", "always_nodes"} - {name}
        if parent == child or parent in self._descendants(child):
            raise RefusedError(400, {"Error": "Cycle detected."})
        if any(child in self.links.get((nodes, parent, each), ()) for each in others):
            raise RefusedError(400, {"Error": "Relationship not allowed."})

    def _descendants(self, number: int) -> set[int]:
        kinds = ("success_nodes", "failure_nodes", "always_nodes")
        children = [each for kind in kinds for each in self.links.get(("workflow_job_template_nodes", number, kind), ())]
        return set(children).union(*(self._descendants(each) for each in children))

    def _known(self, kind: Kind, given: Mapping[str, Any]) -> Item:
        return {name: copy.deepcopy(value) for name, value in given.items() if name in kind.fields}

    def _check(self, kind: Kind, item: Mapping[str, Any], before: Mapping[str, Any]) -> None:
        for name, choices in kind.choices.items():
            if item[name] not in choices and item[name] != before.get(name):
                raise RefusedError(400, {name: [f'"{item[name]}" is not a valid choice.']})
        for name, target in kind.references.items():
            if item[name] is not None:
                try:
                    self.found(target, item[name])
                except RefusedError:
                    raise RefusedError(400, {name: [f'Invalid pk "{item[name]}" - object does not exist.']}) from None
        identity = {name: item[name] for name in kind.unique if name in item}
        for other in self.items[kind.endpoint].values() if identity else ():
            if other.get("id") != before.get("id") and all(other[name] == value for name, value in identity.items()):
                raise RefusedError(400, {"__all__": [f"{kind.type} with this {' and '.join(identity)} already exists."]})
        self._raise(self._field_errors(kind, item, before))

    def _field_errors(self, kind: Kind, item: Mapping[str, Any], before: Mapping[str, Any]) -> Mapping[str, Any]:
        if kind.endpoint == "credential_types":
            return rules.credential_type_errors(item)
        if kind.endpoint == "credentials":
            if item["organization"] is None and not before:
                return {"detail": "Missing 'user', 'team', or 'organization'."}
            return rules.credential_errors(item["inputs"], self.items["credential_types"][item["credential_type"]])
        found: Mapping[str, Any] = {}
        if kind.endpoint == "notification_templates":
            found = rules.notification_errors(item)
        elif kind.endpoint == "job_templates" and item["playbook"] not in self.playbooks:
            found = {"playbook": ["Playbook not found for project."]}
        elif kind.endpoint == "inventory_sources" and item["source"] == "scm" and not item["source_project"]:
            found = {"source_project": ["Project required for scm type sources."]}
        elif kind.endpoint == "schedules":
            found = self._schedule_errors(item)
        return found

    def _schedule_errors(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        template = self.found("unified_job_templates", item["unified_job_template"])
        endpoint = next(each for each in UNIFIED if template["id"] in self.items[each])
        spec = self.surveys.get((endpoint, template["id"]), {}) if template.get("survey_enabled") else {}
        wrong = rules.answer_errors(spec, item["extra_data"])
        if wrong:
            return {"variables_needed_to_start": wrong}
        asked = {question["variable"] for question in spec.get("spec", ())}
        ignored = sorted(set(item["extra_data"]) - asked)
        if ignored and not template.get("ask_variables_on_launch"):
            return {"extra_data": [f"Variables {', '.join(ignored)} are not allowed on launch."]}
        return rules.rule_errors(item["rrule"])

    def _keep_secrets(self, kind: Kind, item: Item, given: Mapping[str, Any]) -> None:
        """Keep the values, and show the mark in their place. A mark in a request keeps the value."""
        if kind.endpoint == "credentials" and "inputs" in given:
            hidden = rules.secrets_of(self.items["credential_types"][item["credential_type"]])
            self._hide(item, "inputs", hidden)
        if kind.endpoint == "notification_templates" and "notification_configuration" in given:
            self._hide(item, "notification_configuration", set(rules.CONFIGURATIONS[item["notification_type"]][1]))

    def _hide(self, item: Item, name: str, hidden: set[str]) -> None:
        kept = self.secrets.setdefault(item["id"], {})
        for each in hidden & set(item[name]):
            if item[name][each] != rules.ENCRYPTED:
                kept[each] = item[name][each]
            if item[name][each]:
                item[name][each] = rules.ENCRYPTED

    @staticmethod
    def _raise(problems: Mapping[str, Any]) -> None:
        if problems:
            raise RefusedError(400, dict(problems))
