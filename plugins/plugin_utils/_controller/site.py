# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site decides about the objects of a controller, and the names that follow from it. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from .._errors import VolumeActivationError
from .shapes import VARIABLE, shape_errors

KINDS = ("credential_types", "templates", "workflows", "schedules", "teams", "labels", "notifications", "inventories")
"""Kinds of shipped objects that a site can exclude by their keys."""

OVERRIDABLE = tuple(kind for kind in KINDS if kind != "labels")
"""Kinds of shipped objects whose fields a site can override. A label has only its name, which the templates refer to."""


class ControllerContentError(VolumeActivationError):
    """The variables of a site name an object that does not exist, or contradict each other."""


@dataclass(frozen=True)
class Site:
    """The variables of the role ``controller_content`` without their prefix. README.md of the role describes them."""

    prefix: str = "Volume activation | "
    organization: str = "Default"
    project: str = ""
    """Name of a project of the site; without it, the role ships one for ``project_url``."""
    project_url: str = ""
    project_branch: str = ""
    playbook_folder: str = ""
    inventory: str = ""
    """Name of an inventory of the site; without it, the role ships an empty one."""
    inventory_source_path: str = ""
    execution_environment: str = ""
    execution_environment_image: str = ""
    instance_groups: Sequence[str] = ()
    verbosity: int | None = None
    credential_names: Mapping[str, str] = field(default_factory=dict)
    """Name of the site's credential for each kind of credential."""
    folder: str = "/var/lib/volume_activation"
    file_host: str = ""
    file_host_variables: Mapping[str, Any] = field(default_factory=dict)
    """Variables of the connection to the file host, for slices whose inventory does not have it."""
    ledger: str = ""
    slices: int = 1
    answers: Mapping[str, Any] = field(default_factory=dict)
    """Value with which the question for a variable begins, in each survey."""
    notification: Mapping[str, Any] = field(default_factory=dict)
    schedules_enabled: bool = True
    exclude: Mapping[str, Collection[str]] = field(default_factory=dict)
    override: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    extra_objects: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """Return the name of a shipped object in the controller."""
        return f"{self.prefix}{name}"

    def has(self, kind: str, key: str) -> bool:
        """Whether the site wants this object."""
        return key not in self.exclude.get(kind, ())

    def overridden(self, kind: str, key: str, shipped: Mapping[str, Any]) -> dict[str, Any]:
        """Return a shipped object with the fields that the site sets."""
        return {**shipped, **self.override.get(kind, {}).get(key, {})}

    def keeps(self, kind: str, key: str) -> bool:
        """Whether the site wants this object, and does not remove it with ``state: absent``."""
        return self.has(kind, key) and self.override.get(kind, {}).get(key, {}).get("state") != "absent"

    def name_of(self, kind: str, key: str, name: str) -> str:
        """Return the name of a shipped object in the controller, which the site can override."""
        return str(self.overridden(kind, key, {"name": self.named(name)})["name"])

    @property
    def project_name(self) -> str:
        """Name of the project in the controller."""
        return self.project or self.named("Playbooks")

    @property
    def inventory_name(self) -> str:
        """Name of the inventory in the controller."""
        return self.inventory or self.name_of("inventories", "windows", "Windows machines")

    @property
    def execution_environment_name(self) -> str:
        """Name of the execution environment in the controller, empty for the default of the controller."""
        return self.execution_environment or (self.named("Execution environment") if self.execution_environment_image else "")

    @property
    def notification_names(self) -> list[str]:
        """Names of the notification template, if the site has configured one."""
        return [self.notification_name] if self.notification and self.keeps("notifications", "notification") else []

    @property
    def notification_name(self) -> str:
        """Name of the notification template in the controller."""
        return str(self.notification.get("name") or self.name_of("notifications", "notification", "Notification"))


def site_of(variables: Mapping[str, Any]) -> Site:
    """Return the site for the variables of the role without their prefix. An empty value counts as not set.

    Raises ControllerContentError for a name that is no variable, for a value without the form of its variable, and for a kind of object
    that does not exist.
    """
    known = {each.name for each in fields(Site)}
    unknown = sorted(set(variables) - known)
    if unknown:
        raise ControllerContentError(f"{', '.join(unknown)}: no such variable of the role. It has {', '.join(sorted(known))}.")
    given = {name: value for name, value in variables.items() if value is not None and (value != "" or name == "prefix")}
    wrong = list(shape_errors(given))
    if wrong:
        raise ControllerContentError(" ".join(wrong))
    site = Site(**given)
    for option, kinds, known_kinds in (("exclude", site.exclude, KINDS), ("override", site.override, OVERRIDABLE)):
        others = sorted(set(kinds) - set(known_kinds))
        if others:
            raise ControllerContentError(f"{VARIABLE}{option} has {', '.join(others)}, but must have keys of {', '.join(known_kinds)}.")
    return site
