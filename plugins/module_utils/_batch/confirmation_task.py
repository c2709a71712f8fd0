# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run mak_confirmation_id: read the journal, plan, refuse what is too much, request, and build the result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._deadline import Deadline
from . import journal as journals
from .budget import refuse_more, refuse_more_than_left
from .confirm import IdPlan, Requester, plan, predicted
from .confirmation_result import result_of
from .errors import ServiceError
from .journal import Journal
from .options import service
from .records import requests_of
from .remaining import Remaining, ask_all
from .service import BatchService


def run(options: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Return the result. Raises VolumeActivationError before any confirmation ID is requested."""
    requests, asked, deadline = requests_of(options["records"]), service(options), Deadline.after(options["deadline"])
    path, ask_again = options["journal_path"], options["ask_again"]
    planned = plan(requests, journals.read(path), ask_again=ask_again)
    refuse_more(planned.needed(), options["max_activations"])
    if check_mode or not planned.questions:
        return result_of(requests, predicted(planned), needed=planned.needed())
    with journals.locked(path, deadline) as journal:
        # Another run could have had the lock before.
        planned = plan(requests, journal.kept, ask_again=ask_again)
        return _requested(options, planned, asked, journal, deadline)


def _requested(options: Mapping[str, Any], planned: IdPlan, asked: BatchService, journal: Journal, deadline: Deadline) -> dict[str, Any]:
    left = _left(options, planned, asked, deadline)
    requester = Requester(asked.ask, journal, deadline, options["parallel_requests"])
    outcomes = requester.run(planned.without({one.extended_pid: _about(one, one.error) for one in left if one.error}))
    return result_of(planned.requests, outcomes, requests_sent=requester.requests_sent, needed=planned.needed(), left=left)


def _left(options: Mapping[str, Any], planned: IdPlan, asked: BatchService, deadline: Deadline) -> list[Remaining]:
    """Return how many activations the MAKs have left. Raises ServiceError and OverBudgetError.

    A MAK whose number Microsoft refuses to return does not stop other MAKs. Its confirmation IDs are not requested, because the task cannot
    keep a limit that it does not know.
    """
    needed = planned.needed()
    if not options["check_remaining"]:
        return []
    left = ask_all(list(needed), asked.ask, options["parallel_requests"], deadline)
    for one in left:
        if one.error and (one.error.is_not_sent or one.error.is_lost):
            raise ServiceError(one.error.error_code, f"{one.error.detail} No confirmation ID was requested.".strip())
    refuse_more_than_left(needed, left)
    return left


def _about(one: Remaining, error: ServiceError) -> ServiceError:
    """Return the error of the records of a MAK whose number of remaining activations Microsoft refused to return."""
    asked = f"Microsoft was asked how many activations {one.extended_pid} has left. No confirmation ID was requested for this MAK."
    return ServiceError(error.error_code, f"{error.detail} {asked}".strip())
