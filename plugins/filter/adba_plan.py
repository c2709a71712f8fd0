# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``adba_plan``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.adba.plan import plan
from ..plugin_utils._fleet.adba.readiness import KnownForest
from ..plugin_utils._task_results import registered
from ..plugin_utils._variables.answers import answer


def adba_plan(
    value: Mapping[str, Mapping[str, Any]],
    objects: Sequence[Mapping[str, Any]],
    application: str = "windows",
    forest_domains: Sequence[str] = (),
    allow_unknown: bool = False,
    skip_not_covered: bool = False,
) -> dict[str, Any]:
    """Decide which machines move from KMS to Active Directory."""
    # Templates of ansible-core before 2.19 pass booleans as text.
    forest = KnownForest(tuple(objects), tuple(forest_domains), allow_unknown=bool(answer(allow_unknown, False)))
    found = {str(name): registered(result) for name, result in value.items()}
    return make_unsafe(plan(found, forest, application, skip=bool(answer(skip_not_covered, False))))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"adba_plan": adba_plan}
