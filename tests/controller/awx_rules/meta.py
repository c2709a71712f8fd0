# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extra variables with which AWX describes a job."""

from __future__ import annotations

from typing import Any


def variables(
    job: int, template: str, *, launch_type: str = "manual", workflow: tuple[int, str] | None = None, inventory: str = "Windows estate"
) -> dict[str, Any]:
    """Return the variables that each job has, under both of their prefixes. They have the lowest precedence of the extra variables."""
    own = {
        "job_id": job,
        "job_launch_type": launch_type,
        "job_template_id": 7,
        "job_template_name": template,
        "project_revision": "0" * 40,
        "project_scm_branch": "",
        "inventory_id": 1,
        "inventory_name": inventory,
        "user_id": 1,
        "user_name": "operator",
        "user_email": "operator@example.com",
        "user_first_name": "",
        "user_last_name": "",
    }
    if workflow:
        own.update(workflow_job_id=workflow[0], workflow_job_name=workflow[1])
    return {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in own.items()}
