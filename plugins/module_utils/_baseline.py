# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oldest Python and ansible-core this collection runs on, said before anything else of it is read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Every plugin and module imports this file first, for what it does while it is imported: on an older Python or ansible-core the
import of all else would end in a traceback. It has to parse and run on Python 3.6 (no annotations of later kinds, no future
import) and imports nothing of the collection.
"""

import json
import sys

OLDEST_PYTHON = (3, 10)
OLDEST_ANSIBLE = (2, 16)
CODE = "unsupported_version"
_COLLECTION = "winops.volume_activation"
_NEXT_STEP = (
    "Use an execution environment or a virtual environment with ansible-core 2.16 or later on Python 3.10 or later"
    " (a delegated task: a host with such a Python, or set ansible_python_interpreter)."
)
_CAUSE = "The stock execution environment of AWX, and systems of before 2023, have an older Python or ansible-core."


def _is_module() -> bool:
    """Whether the process is a module that Ansible sent here, whose answer is JSON."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return f".{_COLLECTION}.plugins.modules." in (getattr(spec, "name", "") or "")


def _ansible() -> "tuple[type[Exception], str]":
    """The error that Ansible prints without a traceback, and its version; on a target there is neither.

    A module has no more of Ansible than what travels with it, and half an import of the rest would break that.
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


def complaint(python: "tuple[int, ...]", ansible: str) -> str:
    """What is too old, as a sentence; empty when nothing is. `ansible` is empty where nobody can tell, as on a target."""
    is_old = python[:2] < OLDEST_PYTHON or (ansible != "" and _release(ansible) < OLDEST_ANSIBLE)
    if not is_old:
        return ""
    found = f"Python {'.'.join(map(str, python[:3]))}"
    return f"{_COLLECTION} needs ansible-core 2.16 or later and Python 3.10 or later, and this is " + (
        f"ansible-core {ansible} on {found}." if ansible else f"{found} ({sys.executable})."
    )


def _release(version: str) -> "tuple[int, ...]":
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def refuse(words: str) -> None:
    """End a module with a result, anything else with an error that Ansible prints without a traceback."""
    if not _is_module():
        raise _Unsupported(f"{words} {_NEXT_STEP}")
    error = {
        "code": CODE,
        "symbol": None,
        "meaning": words,
        "cause": _CAUSE,
        "next_steps": [_NEXT_STEP],
        "category": "task",
        "source": None,
        "transient": False,
    }
    sys.stdout.write(json.dumps({"failed": True, "changed": False, "msg": f"{words} {_NEXT_STEP} [{CODE}]", "error": error}) + "\n")
    sys.exit(1)  # pylint: disable=ansible-bad-function  # before a module can be made


if complaint(sys.version_info[:3], _ansible_version):
    refuse(complaint(sys.version_info[:3], _ansible_version))
