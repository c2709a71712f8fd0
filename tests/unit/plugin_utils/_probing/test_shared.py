# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines of a run share their probes: one asks for all, and the run as a whole has a limit."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._kms.status import ProbeFinding, ProbeStatus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._probing import shared as _shared_probes
from ansible_collections.winops.volume_activation.plugins.plugin_utils._probing.shared import (
    BAD_FOR,
    GOOD_FOR,
    MOST_IN_A_RUN,
    SharedProbes,
)

GOOD = ProbeFinding(ProbeStatus.AVAILABLE, "", "192.0.2.1", 3)
BAD = ProbeFinding(ProbeStatus.TIMEOUT, "The connection was not made within 5 seconds.")


class Asker:
    """Answers as told, and counts."""

    def __init__(self, answer: ProbeFinding) -> None:
        self.answer = answer
        self.asked: list[tuple[str, int]] = []

    def __call__(self, address: str, port: int, _timeout: float) -> ProbeFinding:
        self.asked.append((address, port))
        return self.answer


class Clock:
    """A clock that goes on only when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def probes(tmp_path: Path, clock: Clock) -> SharedProbes:
    return SharedProbes(tmp_path, clock)


@pytest.mark.parametrize(("answer", "seconds"), [(GOOD, GOOD_FOR), (BAD, BAD_FOR)])
def test_an_endpoint_is_asked_once_for_all_machines_until_its_answer_is_old(
    probes: SharedProbes, clock: Clock, answer: ProbeFinding, seconds: float
) -> None:
    ask = Asker(answer)
    assert [probes.ask("192.0.2.1", 1688, 5, ask) for _machine in range(3)] == [answer] * 3
    assert ask.asked == [("192.0.2.1", 1688)]
    clock.now += seconds
    probes.ask("192.0.2.1", 1688, 5, ask)
    assert len(ask.asked) == 2


def test_machines_that_ask_at_the_same_moment_wait_for_the_first(probes: SharedProbes) -> None:
    begun, answer = threading.Event(), threading.Event()
    asked: list[str] = []

    def slowly(address: str, _port: int, _timeout: float) -> ProbeFinding:
        asked.append(address)
        begun.set()
        answer.wait(10)
        return GOOD

    threads = [threading.Thread(target=probes.ask, args=("192.0.2.1", 1688, 5, slowly)) for _machine in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    answer.set()
    for thread in threads:
        thread.join(10)
    assert asked == ["192.0.2.1"]


def test_other_ports_and_addresses_are_other_endpoints(probes: SharedProbes) -> None:
    ask = Asker(GOOD)
    for address, port in (("192.0.2.1", 1688), ("192.0.2.1", 1689), ("2001:db8::1", 1688)):
        probes.ask(address, port, 5, ask)
    assert len(ask.asked) == 3


def test_a_host_that_got_less_time_is_asked_again_by_a_machine_that_gives_it_more(probes: SharedProbes) -> None:
    ask = Asker(BAD)
    probes.ask("192.0.2.1", 1688, 1, ask)
    probes.ask("192.0.2.1", 1688, 30, ask)
    assert len(ask.asked) == 2


def test_a_run_asks_so_many_endpoints_and_says_so_of_the_next(probes: SharedProbes) -> None:
    ask = Asker(GOOD)
    for number in range(MOST_IN_A_RUN):
        assert probes.ask("192.0.2.1", 1 + number, 5, ask) == GOOD
    beyond = probes.ask("192.0.2.1", 60000, 5, ask)
    assert (beyond.status, len(ask.asked)) == (ProbeStatus.NOT_ASKED, MOST_IN_A_RUN)
    assert "--limit" in beyond.steps[0]
    assert str(MOST_IN_A_RUN) in beyond.detail
    assert probes.ask("192.0.2.1", 1, 5, ask) == GOOD


def test_what_is_no_answer_in_the_folder_is_asked_again(probes: SharedProbes, tmp_path: Path) -> None:
    (tmp_path / "192.0.2.1-1688").write_text('{"status": "available", "time": "soon"}', encoding="utf-8")
    ask = Asker(BAD)
    assert probes.ask("192.0.2.1", 1688, 5, ask) == BAD


def test_the_folder_is_the_users_own_and_goes_with_the_run(tmp_path: Path) -> None:
    probes = SharedProbes.in_run(str(tmp_path))
    assert probes is not None
    assert probes.folder.parent == tmp_path
    assert stat.S_IMODE(probes.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("temporary", [None, "", "/nonexistent/of/a/run"])
def test_without_a_folder_of_the_run_every_machine_asks_for_itself(temporary: str | None) -> None:
    assert SharedProbes.in_run(temporary) is None


def test_a_folder_that_cannot_be_written_stops_no_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_shared_probes.fcntl, "flock", full)
    ask = Asker(GOOD)
    assert SharedProbes(tmp_path).ask("192.0.2.1", 1688, 5, ask) == GOOD
