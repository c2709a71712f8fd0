# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``kms_stale_records``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._fleet.srv_cleanup import stale_records


def kms_stale_records(value: Any, expected_hosts: Any = None) -> dict[str, Any]:
    """Return the stale records of one or several results of kms_srv_record_info. Raises AnsibleFilterError for other input."""
    readings = list(value) if isinstance(value, (list, tuple)) else None
    if readings is None or isinstance(expected_hosts, (str, Mapping)):
        raise AnsibleFilterError(
            "kms_stale_records: the input must be a list of domains or a list of such lists, and expected_hosts must be a list."
        )
    attempts = [readings] if all(isinstance(reading, Mapping) for reading in readings) else readings
    try:
        return make_unsafe(stale_records(attempts, expected_hosts))
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"kms_stale_records: the input is not a list of domains of kms_srv_record_info: {error}") from error
    except ValueError as error:
        raise AnsibleFilterError(f"kms_stale_records: {error}") from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"kms_stale_records": kms_stale_records}
