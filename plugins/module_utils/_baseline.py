# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the versions of Python and ansible-core before any other file of the collection is imported.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Every plugin and module imports this file first. The check runs at import, because with an older Python or ansible-core the other
imports would end in a traceback. This file must run on Python 3.6 (no newer annotations, no future import), and must not import
other files of the collection.
"""

import json
import sys

OLDEST_PYTHON = (3, 10)
OLDEST_ANSIBLE = (2, 16)
CODE = "unsupported_version"
_COLLECTION = "winops.volume_activation"
_NEXT_STEP = (
    "Use an execution environment or a virtual environment with ansible-core 2.16 or later on Python 3.10 or later"
    " (for a delegated task: a host with such a Python, or set ansible_python_interpreter)."
)
_CAUSE = "The default execution environment of AWX, and systems from before 2023, have an older Python or ansible-core."


def _is_module() -> bool:
    """Return whether the process is a module that Ansible started, whose output is JSON."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return f".{_COLLECTION}.plugins.modules." in (getattr(spec, "name", "") or "")


def _ansible() -> "tuple[type[Exception], str]":
    """Return the error that Ansible prints without a traceback, and the version of ansible-core; empty on a target.

    A module has only the parts of Ansible that were sent with it, and an incomplete import of other parts would break the module.
    """
    if not _is_module():
        try:
            from ansible.errors import AnsibleError  # noqa: PLC0415  # pylint: disable=ansible-bad-module-import  # on the controller only
            from ansible.release import __version__  # noqa: PLC0415  # pylint: disable=ansible-bad-module-import  # on the controller only
        except ImportError:
            return ImportError, ""
        return AnsibleError, __version__
    return ImportError, ""


_Unsupported, _ansible_version = _ansible()


def version_problem(python: "tuple[int, ...]", ansible: str) -> str:
    """Return a sentence about a version that is too old, or an empty text. `ansible` is empty if the version is unknown."""
    is_old = python[:2] < OLDEST_PYTHON or (ansible != "" and _release(ansible) < OLDEST_ANSIBLE)
    if not is_old:
        return ""
    found = f"Python {'.'.join(map(str, python[:3]))}"
    return f"{_COLLECTION} requires ansible-core 2.16 or later and Python 3.10 or later, but this is " + (
        f"ansible-core {ansible} on {found}." if ansible else f"{found} ({sys.executable})."
    )


def _release(version: str) -> "tuple[int, ...]":
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def refuse(message: str) -> None:
    """End a module with a failed result, and a plugin with an error that Ansible prints without a traceback."""
    if not _is_module():
        raise _Unsupported(f"{message} {_NEXT_STEP}")
    error = {
        "code": CODE,
        "symbol": None,
        "meaning": message,
        "cause": _CAUSE,
        "next_steps": [_NEXT_STEP],
        "category": "task",
        "source": None,
        "transient": False,
        "known": True,
        "subcode": None,
        "underlying": None,
    }
    sys.stdout.write(json.dumps({"failed": True, "changed": False, "msg": f"{message} {_NEXT_STEP} [{CODE}]", "error": error}) + "\n")
    sys.exit(1)  # pylint: disable=ansible-bad-function  # before an AnsibleModule can be created


if version_problem(sys.version_info[:3], _ansible_version):
    refuse(version_problem(sys.version_info[:3], _ansible_version))
