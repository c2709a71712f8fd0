# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a machine answers, the ledger says the same as the account of the task, and every line of it is one that can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.model import LedgerEntry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import read_ledger
from key_gate import assert_no_keys

from .in_process import CHANGERS, Job, Replay, Tape, run
from .test_odd_machines import ODDITIES, is_same
from .test_texts import EVIL, HARMFUL

RECORDED = ("install_product_key", "restore_product_key", "remove_product_key", "activate", "activate_again", "rearm")
MODULES = ("kms_client", "mak_client", "product_key", "kms_host", "rearm")
MOST_PLACES = 3


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: each line is synced, which takes a disk longer than a run takes."""
    shared = Path("/dev/shm")
    with TemporaryDirectory(dir=shared if shared.is_dir() else tmp_path) as folder:
        yield Path(folder)


def unchanged(_number: int, _message: bytes, answer: bytes) -> bytes:
    return answer


def is_done(entry: LedgerEntry) -> bool:
    """An activation that was counted is done, also if the machine does not show it."""
    return entry.result == "done" or (entry.result == "unknown" and bool(entry.activations_used))


def assert_agreement(result: Mapping[str, Any], entries: tuple[LedgerEntry, ...]) -> None:
    """Each step that was done or may have been done has its entry, and no other entry says so."""
    steps = [step for step in result["steps"] if step["action"] in RECORDED]
    done = Counter(step["action"] for step in steps if step["done"])
    uncertain = Counter(step["action"] for step in steps if step["uncertain"])
    assert Counter(str(entry.action) for entry in entries if is_done(entry)) == done
    assert Counter(str(entry.action) for entry in entries if entry.is_uncertain and not is_done(entry)) == uncertain
    for name in ("activations_used", "rearms_used"):
        assert sum(getattr(entry, name) or 0 for entry in entries) == result.get(name, 0)


@pytest.mark.parametrize("job", [job for job in CHANGERS if job.module in MODULES], ids=str)
def test_ledger_agrees_with_the_account(job: Job, tapes: dict[str, Tape], memory: Path) -> None:
    tape, runs, found = tapes[str(job)], 0, 0
    honest = memory / "honest.jsonl"
    recorded = [step for step in run(job, Replay(tape, unchanged), activation_ledger=str(honest))["steps"] if step["action"] in RECORDED]
    assert len(read_ledger(honest).entries if recorded else ()) == len(recorded)
    for number, oddity in enumerate(ODDITIES.values()):
        places = [at for at, exchange in enumerate(tape.order) if not is_same(oddity, *exchange)]
        stride = -(-len(places) // MOST_PLACES) or 1
        for at in places[number % stride :: stride]:
            for for_good in (False, True):

                def turn(number: int, message: bytes, answer: bytes, at: int = at, for_good: bool = for_good) -> bytes:
                    return oddity(message, answer) if (number >= at if for_good else number == at) else answer  # noqa: B023

                path, runs = memory / f"{runs}.jsonl", runs + 1
                result = run(job, Replay(tape, turn), activation_ledger=str(path))
                ledger = read_ledger(path) if path.exists() else None
                assert ledger is None or ledger.problems == ()
                entries = ledger.entries if ledger else ()
                assert_agreement(result, entries)
                found += len(entries)
                text = path.read_text(encoding="ascii") if ledger else ""
                assert_no_keys(text, "the ledger")
    assert runs > len(ODDITIES)
    assert bool(found) == bool(recorded)


@pytest.mark.parametrize("job", [job for job in CHANGERS if job.module in MODULES], ids=str)
def test_texts_of_a_machine_are_harmless_in_the_ledger(job: Job, tapes: dict[str, Tape], tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"

    def turn(_number: int, _message: bytes, answer: bytes) -> bytes:
        for name in (b"Name", b"CSName"):
            for prefix in (b"<p:", b"<"):
                answer = answer.replace(
                    prefix + name + b">", prefix + name + b">" + EVIL.replace("\n", " ").replace("\r", " ").encode() * 50
                )
        return answer

    run(job, Replay(tapes[str(job)], turn), activation_ledger=str(path))
    for entry in read_ledger(path).entries if path.exists() else ():
        texts = (entry.product_name, entry.description, entry.computer_name, entry.consumes, entry.loses)
        assert not HARMFUL.search("".join(text or "" for text in texts))
