# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of proxy activation as the place where one machine finds its confirmation ID.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The decision is the one of the playbooks, see :mod:`deposit`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .._edge.kept.controller_file import Loader, UnreadableFileError, read_controller_file
from .._edge.kept.ids import KeptDecision
from .._edge.redact import mask_keys
from .._errors import InvalidOptionsError
from .._task_results import Result
from . import files
from .deposit import INVALID, READY, WAITING, decide
from .filters import refuse_keys, refuse_keys_in
from .problems import ProxyError
from .register import Register

OPTION = "confirmation_id_file"

_STEPS = {
    READY: "Run the task again: it deposits the confirmation ID.",
    WAITING: "Get it from Microsoft with proxy_request or by telephone, write it to the file, and run the task again.",
    INVALID: "Correct the confirmation ID in the file.",
}
_COLLECT = "Collect the installation ID with proxy_collect, get the confirmation ID from Microsoft, and run the task again."


@dataclass(frozen=True)
class KeptFile:
    """The records of a file that can belong to a machine; `machine` is its name in the inventory."""

    path: str
    machine: str
    register: Register

    def decide(self, read: Result, application: str, partial_product_key: str, activation_id: str) -> KeptDecision:
        """Return the decision about the machine, of which `read` has the name, the version, and the products with the MAK of the task."""
        made = decide(read, self.register.of(self.machine, read, application), application, partial_product_key, activation_id)
        return KeptDecision(
            is_ready=made.status == READY,
            is_invalid=made.status == INVALID,
            message=made.message or "",
            next_step=_STEPS.get(made.status, _COLLECT),
            confirmation_id=made.confirmation_id,
            installation_id=made.installation_id,
            activation_id=made.activation_id,
        )


def read_kept_file(path: str, loader: Loader, machine: str, others: Sequence[str], warn: Callable[[str], None]) -> KeptFile:
    """Return the file of proxy activation; `others` are all machines of the play, and `warn` gets warnings about the file.

    Raises InvalidOptionsError, whose message never contains a product key.
    """
    try:
        text = files.decoded(read_controller_file(path, loader, files.LONGEST).decode("utf-8", "surrogateescape"))
        refuse_keys(text)
        records = files.read(text)
        refuse_keys_in(records)
    except UnreadableFileError as error:
        raise _error(str(error), "Correct the path, or write the file with proxy_collect.") from None
    except ProxyError as error:
        problem = _error(mask_keys(f"{path}: {error}"), "Correct the file, or take it from a backup.")
    else:
        for warning in files.warnings(text):
            warn(f"{path}: {warning}")
        return KeptFile(path, machine, Register(records, [machine, *others]))
    raise problem  # outside the except block, because the context contains parts of the file


def _error(message: str, step: str) -> InvalidOptionsError:
    return InvalidOptionsError(f"mak_client: {OPTION}: {message}", (step,))
