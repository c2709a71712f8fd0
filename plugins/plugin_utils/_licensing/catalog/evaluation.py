# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluation editions of Windows, and the ways to a full edition that Microsoft documents.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Source: MicrosoftDocs/windowsserverdocs upgrade-conversion-options.md at 025e1382. Only a server can be converted, and no domain controller.
A Server Core installation of Standard becomes Datacenter only. DISM lists the editions that a machine can become.
"""

from __future__ import annotations

from ..problems import TaskRefusedError
from ..state.model import OperatingSystem, ProductType

_MARK, _CORE = "Eval", "Cor"
_LIST_TARGETS = "DISM /Online /Get-TargetEditions"
_REPLACE_CONTROLLER = (
    "A domain controller cannot be converted. Install another domain controller from volume media, move the FSMO roles to it, and demote"
    " this machine."
)


def is_evaluation(edition: str | None) -> bool:
    """Return whether an edition is an evaluation edition, such as ServerStandardEval or ServerDatacenterEvalCor."""
    return _MARK in (edition or "")


def refuse_evaluation(os: OperatingSystem, edition: str | None, kind: str = "GVLK") -> None:
    """Raise TaskRefusedError for an evaluation edition, with the steps to a full edition. `kind` is the kind of key for the message."""
    if is_evaluation(edition):
        raise TaskRefusedError(
            "evaluation_edition",
            f"{os.computer_name} runs the evaluation edition {edition}, which does not accept a {kind}.",
            conversion_steps(os, edition),
        )


def conversion_steps(os: OperatingSystem, edition: str | None) -> tuple[str, ...]:
    """Return the steps from an evaluation edition to a full edition. The edition can be known without its mark, or not at all."""
    full = (edition or "").replace(_MARK, "")
    if not os.is_server:
        return (f"A client evaluation edition cannot be converted. Reinstall Windows from volume media{f' of {full}' if full else ''}.",)
    if os.product_type is ProductType.DOMAIN_CONTROLLER:
        return (_REPLACE_CONTROLLER,)
    target = _target(full) if full else "<edition>"
    command = f"DISM /Online /Set-Edition:{target} /ProductKey:<GVLK of {target}> /AcceptEula"
    otherwise = f"If the list does not contain {target}, reinstall Windows from volume media."
    core = " Server Core of Standard becomes ServerDatacenterCor only." if full == "ServerStandard" else ""
    return (
        f"Run {_LIST_TARGETS} on the machine, which lists the editions that it can become.{core}",
        f"Convert the edition: {command}. Reboot, then run this task again. {otherwise}",
    )


def _target(full: str) -> str:
    """Return the edition that an evaluation edition becomes: the same one, but ServerDatacenterCor for Server Core."""
    return full.replace("Standard", "Datacenter") if full.endswith(_CORE) else full
