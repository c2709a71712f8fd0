# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``run_outcome``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.redact import mask_deep, mask_keys
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.outcomes.artifact import RunOutcome, artifact
from ..plugin_utils._fleet.outcomes.ending import FailOnError
from ..plugin_utils._fleet.outcomes.run import run_ending


def run_outcome(
    value: Mapping[str, Any],
    playbook: str,
    job_id: Any = "",
    failing: Sequence[str] | None = None,
    fail_on: Any = "",
    fail_on_unreachable: Any = "",
    check_mode: bool = False,
    report_file: str = "",
    file_host: str = "",
) -> Any:
    """Return the outcome of a run, the machines that make it fail, and the artifact for the next job."""
    try:
        found = run_ending(value, str(playbook), failing, fail_on, fail_on_unreachable, check_mode=check_mode)
        places = [report_file or None, (report_file and file_host) or None]
        names, summary, file, host = mask_deep([list(found.not_done), found.summary, *places])
        made = artifact(RunOutcome(str(playbook), found.outcome, found.counts, names, summary, file, host), str(job_id))
    except (FailOnError, ValueError) as error:
        raise AnsibleFilterError(f"run_outcome: {mask_keys(str(error))}") from None
    failures = mask_deep(dict(found.failures))
    return make_unsafe({"outcome": found.outcome, "failing": list(found.failing), "failures": failures, "artifact": made})


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"run_outcome": run_outcome}
