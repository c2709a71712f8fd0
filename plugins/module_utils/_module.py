# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base class of the modules that run on the host of their task; every failure has an explanation.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ._errors import InternalError, InvalidOptionsError, VolumeActivationError, with_next_step

_UNSUPPORTED = re.compile(r"Unsupported parameters for \(.*?\) module: (?P<unknown>.+?)\. Supported parameters include: (?P<known>.+?)\.")


def with_similar_names(message: str) -> str:
    """Return Ansible's message about unknown options with the similar options instead of all options; any other message unchanged."""
    found = _UNSUPPORTED.match(message)
    if not found:
        return message
    unknown = found["unknown"].split(", ")[0].rpartition(".")[2]  # a suboption has the names of its options before it
    near = difflib.get_close_matches(unknown, re.findall(r"\w+", found["known"]), n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the options are {found['known']}"
    return f"unknown option {found['unknown']}; {hint}"


class ExplainingModule(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule whose failures all have the result `error`, including failed option checks of Ansible."""

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """Fail. Without `error`, the failure is an option check of Ansible. A message about options begins with the name of the module."""
        if "error" not in result:
            msg = with_similar_names(msg)
            result["error"] = InvalidOptionsError(msg).explain().as_dict()
        if result["error"]["code"] == InvalidOptionsError.error_code:
            msg = f"{self._name.rpartition('.')[2]}: {msg}"
        super().fail_json(with_next_step(msg, result["error"]), **result)
        raise AssertionError  # fail_json ends the process, but its annotations do not declare it

    def fail(self, problem: VolumeActivationError, **result: Any) -> NoReturn:
        """Fail with the message and the explanation of an error."""
        self.fail_json(str(problem), error=problem.explain().as_dict(), **result)

    def attempt(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the result of `work`; an error ends the module with its explanation."""
        try:
            return work()
        except VolumeActivationError as problem:
            self.fail(problem)
        except Exception as error:  # noqa: BLE001 - the message is human-readable, and -vvv shows the details
            self.fail(InternalError(self._name, error), exception=traceback.format_exc())


__all__ = ["ExplainingModule", "with_similar_names"]
