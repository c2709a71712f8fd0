# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``ending_hosts``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible import context

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe


def ending_hosts(value: Sequence[str] | None, remaining_hosts: Sequence[str]) -> Any:
    """Return the machines that end the run, or another host if the run did not have a machine."""
    if value is not None:
        return make_unsafe(list(value))
    # Ansible does not run a play if it only checks the syntax or lists something.
    is_inspection = any(context.CLIARGS.get(name) for name in ("syntax", "listhosts", "listtasks", "listtags"))
    return make_unsafe([] if is_inspection else list(remaining_hosts[:1]) or ["localhost"])


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"ending_hosts": ending_hosts}
