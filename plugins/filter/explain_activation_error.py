# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter ``explain_activation_error``; its documentation is in the file of the same name ending in .yml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._batch.texts import explain as _batch
from ..plugin_utils._edge.unsafe import make_unsafe
from ..plugin_utils._licensing.catalog.errors import LANGUAGES, ErrorExplanation, explain


def explain_activation_error(value: Any, language: str = "en", context: str | None = None) -> dict[str, Any]:
    """Return the explanation of one code as a dictionary. Raises AnsibleFilterError for an invalid code, language, or context."""
    try:
        explanation = _explained(value, language, context)
    except ValueError as error:
        raise AnsibleFilterError(f"explain_activation_error: {error}") from error
    return make_unsafe(explanation.as_dict())


def _explained(value: Any, language: str, context: str | None) -> ErrorExplanation:
    """Return the explanation from the catalog of the batch activation service, or from that of Windows. Raises ValueError."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    text = f"0x{value:X}" if is_number else value if isinstance(value, str) else ""
    if language in LANGUAGES and (_batch.is_word(text) or (text and context == _batch.CONTEXT)):
        return _batch.explain(text, language)
    return explain(value, language, None if context == _batch.CONTEXT else context)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"explain_activation_error": explain_activation_error}
