# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``controller_objects``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._controller.objects import objects_of
from ..plugin_utils._controller.removals import removals_of, retired_nodes_of, retired_of
from ..plugin_utils._controller.site import ControllerContentError, site_of


def controller_objects(value: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the objects of a controller for the shipped descriptions and the variables of a site, and what is removed."""
    try:
        site = site_of(variables)
        objects = objects_of(value, site)
    except ControllerContentError as error:
        raise AnsibleFilterError(f"controller_content: {error} Nothing was changed.") from error
    return {
        "objects": objects,
        "removals": removals_of(objects, site),
        "retired": retired_of(value["retired"], site),
        "retired_nodes": retired_nodes_of(value["retired"], site),
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"controller_objects": controller_objects}
