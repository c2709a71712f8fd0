# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``from_proxy_file``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.utils.display import Display

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._proxy import files
from ..plugin_utils._proxy.filters import filter_errors, plain, refuse_keys, refuse_keys_in
from ..plugin_utils._proxy.problems import ProxyError


def from_proxy_file(value: Any, source: str = "", vamt_answered_only: bool = False) -> Any:
    """Return the records of a file in any of its formats as plain data."""
    with filter_errors(f"from_proxy_file: {source}" if source else "from_proxy_file"):
        if not isinstance(value, str):
            raise ProxyError("the input must be the text of a file.")
        text = files.decoded(value)
        refuse_keys(text)
        records = files.read(text)
        refuse_keys_in(records)
        for message in files.warnings(text):
            Display().warning(f"{source or 'from_proxy_file'}: {message}")
        if vamt_answered_only and not files.is_complete(text):
            records = [record for record in records if record.answered]
        return make_unsafe(plain(records))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"from_proxy_file": from_proxy_file}
