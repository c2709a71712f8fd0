# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Select the machines that get the key of an add-on now: one machine first, and the others after the key has proved to be the right one.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Windows shows only after the installation what a key is for, and a MAK of Windows would replace the key of Windows on each machine
that gets it. A machine proves a key if it has installed the key for the product of the task. A machine that fails before that is no proof,
and another one is next; after a few of them, no other machine gets the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._licensing.catalog import esu
from .._task_results import Result, task_failure
from .messages import names

MOST_TRIES = 3
"""Number of machines that get a key one after the other before it has proved to be the right one."""

_INSTALL = "install_product_key"
_WRONG_KEY = "wrong_key_type"

Key = tuple[str, str]
"""The activation ID of the product that a key is for, and the last five characters of the key."""


@dataclass(frozen=True)
class Known:
    """What is known about a machine: the result of mak_client in check mode, and of the task itself if it ran. Each can be None."""

    checked: Result | None
    ran: Result | None = None

    @property
    def is_checked(self) -> bool:
        """Whether the module ran in check mode and did not fail."""
        return bool(self.checked) and not (self.checked or {}).get("skipped") and not task_failure(self.checked)

    @property
    def key(self) -> Key | None:
        """The key of the machine; None if the check did not run, or failed."""
        about = (self.checked or {}).get("activation") or {} if self.is_checked else {}
        ending = about.get("partial_product_key")
        return (str(about.get("activation_id") or ""), str(ending)) if ending else None

    @property
    def installs(self) -> bool:
        """Whether the key must be installed."""
        return self.is_checked and _has_step(self.checked, done=False)

    @property
    def proves(self) -> bool:
        """Whether the key of the machine is for its product: it was installed before, or the task has installed it."""
        if not self.installs:
            return self.key is not None
        return _is_run(self.ran) and not self.refutes and (task_failure(self.ran) is None or _has_step(self.ran, done=True))

    @property
    def refutes(self) -> bool:
        """Whether the key of the machine is for something else."""
        return ((self.ran or {}).get("error") or {}).get("code") == _WRONG_KEY


def _is_run(result: Result | None) -> bool:
    return bool(result) and not (result or {}).get("skipped")


def _has_step(result: Result | None, *, done: bool) -> bool:
    steps = (result or {}).get("steps") or ()
    return any(step.get("action") == _INSTALL and (step.get("done") or not done) for step in steps)


@dataclass
class _Keys:
    """What the machines that had their turn show about the keys. `tried` are those that neither prove nor refute a key."""

    proven: set[Key] = field(default_factory=set)
    wrong: dict[Key, str] = field(default_factory=dict)
    tried: dict[Key, list[str]] = field(default_factory=dict)

    def note(self, machine: str, known: Known) -> None:
        """Note a machine."""
        key = known.key
        if key is None:
            return
        if known.proves:
            self.proven.add(key)
        elif known.refutes:
            self.wrong.setdefault(key, machine)
        elif _is_run(known.ran):
            self.tried.setdefault(key, []).append(machine)

    def reason_against(self, key: Key) -> str:
        """Return why no other machine gets a key; an empty text if another one can get it."""
        programme = esu.of_id(key[0])
        named = f"the key ending in {key[1]}"
        if key in self.wrong:
            return f"{named} is not for {programme.name if programme else 'this license'}: see {self.wrong[key]}"
        tried = self.tried.get(key, [])
        is_over = key not in self.proven and len(tried) >= MOST_TRIES
        return f"no machine has accepted {named} yet: see {names(tried)}" if is_over else ""


def turn(candidates: Sequence[str], known: Mapping[str, Known]) -> dict[str, Any]:
    """Return the candidates that run the task now, those that wait for their results, and the others with the reason.

    `known` has the candidates, and the machines that had their turn before. A machine whose check failed, or found nothing to do, is in
    none of the lists. A machine for which the check was skipped runs the task at once.
    """
    keys = _Keys()
    for machine, about in known.items():
        # What a candidate left behind is from an earlier play, except that its key can be installed already.
        keys.note(machine, Known(about.checked) if machine in candidates else about)
    now: list[str] = []
    waiting: list[str] = []
    spared: dict[str, str] = {}
    first: set[Key] = set()
    for machine in candidates:
        about = known[machine]
        key = about.key if about.installs else None
        if key is None:
            now += [machine] if _runs_without_trial(about) else []
        elif reason := keys.reason_against(key):
            spared[machine] = reason
        elif key in keys.proven or key not in first:
            now.append(machine)
            first.add(key)
        else:
            waiting.append(machine)
    return {"machines": now, "waiting": waiting, "spared": spared}


def _runs_without_trial(about: Known) -> bool:
    """Whether a machine runs the task without a key to install: the check was skipped, or found other steps."""
    if (about.checked or {}).get("skipped"):
        return True
    return about.is_checked and bool((about.checked or {}).get("steps"))
