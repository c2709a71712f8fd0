# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More than twenty thousand mutated answers through every job: a result or an error of the family, an honest account, no key."""

from __future__ import annotations

from random import Random

import pytest

from .honesty import assert_honest
from .in_process import CHANGERS, ERRORS_ARE_ANSWERS, JOBS, Job, Replay, Tape, run
from .mutations import mutated

ANSWERS = 21_000
LEAST = 150
"""Mutated answers in all, and for each job at least; jobs with little to read take more of them than others."""
CHANCE = 0.4
CHECKED = 4
"""Every so manieth run of a job that changes something is one in check mode."""


def share_of(job: Job, tapes: dict[str, Tape]) -> int:
    """How many mutated answers a job gets."""
    weights = {str(each): 1 / sum(len(answer) for _message, answer in tapes[str(each)].order) for each in JOBS}
    return LEAST + int((ANSWERS - LEAST * len(JOBS)) * weights[str(job)] / sum(weights.values())) + 1


@pytest.mark.parametrize("job", JOBS, ids=str)
def test_no_mutated_answer_breaks_a_job(job: Job, tapes: dict[str, Tape]) -> None:
    wanted, given, number, ends = share_of(job, tapes), 0, 0, set()
    while given < wanted:
        number += 1
        random = Random(f"{job} {number}")
        start = random.randrange(len(tapes[str(job)].order))
        changed = 0

        def turn(place: int, _message: bytes, answer: bytes, random: Random = random, start: int = start) -> bytes:
            nonlocal changed
            if place < start or (place > start and random.random() > CHANCE):
                return answer
            changed += 1
            return mutated(random, answer)

        replay = Replay(tapes[str(job)], turn)
        check = job in CHANGERS and number % CHECKED == 0
        try:
            result = run(job, replay, check=check)
            assert_honest(job, result, replay, check=check)
        except Exception as problem:
            raise AssertionError(f"run {number} of {job}") from problem
        ends.add(result["error"]["code"] if result.get("error") else "")
        assert number < 20 * wanted, "the answers are not reached any more"
        given += changed
    if job.module in ERRORS_ARE_ANSWERS:
        assert ends <= {"", "unreachable"}
    else:
        assert {"malformed_answer", "unreachable"} <= ends, ends


def test_every_job_has_its_share(tapes: dict[str, Tape]) -> None:
    shares = [share_of(job, tapes) for job in JOBS]
    assert sum(shares) > 20_000
    assert min(shares) >= LEAST
