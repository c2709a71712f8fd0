# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``validate_proxy_file``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._proxy import files
from .from_proxy_file import from_proxy_file

_NOT_KEPT = (
    "{}: this is a list of VAMT, which has no names and notes, and cannot be the file to keep. Set proxy_activation_file to another file,"
    " and add the list to proxy_activation_returned."
)


def validate_proxy_file(value: Sequence[str], sources: Sequence[str] = (), kept: Sequence[str] = ()) -> Any:
    """Return a message for each text of a file that cannot be used; `kept` are the names of the files that will be written."""
    named = zip_longest(value, sources[: len(value)], fillvalue="the file")
    return make_unsafe([sentence for text, source in named if (sentence := _complaint(text, source, source in kept))])


def _complaint(text: str, source: str, is_kept: bool) -> str:
    try:
        from_proxy_file(text, source)
    except AnsibleFilterError as error:
        return f"{str(error).removeprefix('from_proxy_file: ').rstrip('.')}."
    return _NOT_KEPT.format(source) if is_kept and not files.is_complete(text) else ""


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"validate_proxy_file": validate_proxy_file}
