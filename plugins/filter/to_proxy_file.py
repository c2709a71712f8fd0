# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``to_proxy_file``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._proxy import files
from ..plugin_utils._proxy.filters import filter_errors, records_of, without_keys


def to_proxy_file(value: Any, format: str = "csv", separator: str = ",") -> Any:  # noqa: A002 - the name of the option
    """Return the text of a file with these records."""
    with filter_errors("to_proxy_file"):
        return make_unsafe(files.write([without_keys(record) for record in records_of(value)], format, separator))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"to_proxy_file": to_proxy_file}
