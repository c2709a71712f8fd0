# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger says what was done, and what may have been done, over connections that break and on disks that are full."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimInstance, UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.file import LedgerFile
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.ledger.recorder import LedgerRecorder
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.secrets import SecretMask
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.model import LedgerEntry
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.ledger.read import parse_ledger, read_ledger
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.activation import ActivationMethod
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.recording.entry import LedgerError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from winlab.simulation.estate import Estate

from .mak import CLIENT, GVLK, MAK, OFFICE_MAK, RETAIL, Make, Sessions, installation_id, spent

Convert = Callable[..., LicenseOutcome]
TIMEOUT, REFUSED = "0x80072EE2", "0xC004C020"


@dataclass
class Book:
    """A ledger and the account of a task that records in it."""

    path: Path
    warnings: list[str] = field(default_factory=list)

    def account(self) -> Account:
        common = {"run_id": "1" * 16, "inventory_hostname": CLIENT}
        return Account(LedgerRecorder(LedgerFile(str(self.path)), lambda: common, SecretMask([MAK]), self.warnings.append))

    def break_down(self) -> None:
        """From now on nothing can be written: a directory has taken the place of the file."""
        self.path.rename(self.path.with_suffix(".old"))
        self.path.mkdir()

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        ledger = read_ledger(self.path)
        assert ledger.problems == ()
        return ledger.entries

    @property
    def told(self) -> list[tuple[str, str, str | None]]:
        return [(entry.event, entry.result, entry.partial_product_key) for entry in self.entries]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "ledger.jsonl")


def test_a_mak_is_two_entries_with_what_was_spent(session: Sessions, estate: Estate, make: Make, book: Book) -> None:
    before = spent(estate)
    make(session(CLIENT), account=book.account())
    key, activation = book.entries
    assert book.told == [("key_installed", "done", "22222"), ("activated", "done", "22222")]
    assert (key.activations_used, activation.activations_used) == (0, 1)
    assert spent(estate) - before == 1
    assert (activation.method, activation.consumes) == ("online", "1 activation of the MAK ending in 22222")
    assert key.product_name == activation.product_name
    assert key.activation_id == activation.activation_id is not None
    assert (key.application, key.channel, key.extended_pid) == ("windows", "mak", activation.extended_pid)
    make(session(CLIENT), account=book.account())
    assert len(book.entries) == 2
    assert MAK not in book.path.read_text(encoding="ascii")


def test_every_request_is_in_the_ledger_before_it_is_sent(session: Sessions, make: Make, book: Book) -> None:
    here, seen = session(CLIENT), []
    for method in ("InstallProductKey", "Activate"):
        here.before(method, lambda: seen.append(book.told[-1]))
    make(here, account=book.account())
    assert seen == [("key_installed", "started", "22222"), ("activated", "started", "22222")]
    assert all(entry.started_time is not None for entry in book.entries)


@pytest.mark.parametrize("method", ["InstallProductKey", "Activate"])
def test_a_lost_answer_that_took_effect_is_done(session: Sessions, make: Make, book: Book, method: str) -> None:
    here = session(CLIENT)
    here.lose_answer_of(method, True)
    make(here, account=book.account())
    assert [entry.result for entry in book.entries] == ["done", "done"]


def test_an_activation_whose_machine_is_gone_is_unknown_and_may_be_spent(session: Sessions, make: Make, book: Book) -> None:
    here = session(CLIENT)
    here.lose_answer_of("Activate", True)
    here.before("Activate", lambda: here.break_at("SELECT"))
    with pytest.raises(UnreachableError):
        make(here, account=book.account())
    activation = book.entries[-1]
    assert (activation.event, activation.result, activation.activations_used) == ("activated", "unknown", None)
    assert activation.code == "unreachable"


def test_an_activation_without_any_result_is_unknown(session: Sessions, make: Make, book: Book) -> None:
    here = session(CLIENT)
    here.lose_answer_of("Activate", False)
    make(here, account=book.account())
    activation = book.entries[-1]
    assert (activation.result, activation.activations_used, activation.code) == ("unknown", None, "unknown_outcome")


def test_a_key_whose_machine_is_gone_is_unknown(session: Sessions, make: Make, book: Book) -> None:
    here = session(CLIENT)
    here.lose_answer_of("InstallProductKey", True)
    here.before("InstallProductKey", lambda: here.break_at("SELECT"))
    with pytest.raises(UnreachableError):
        make(here, account=book.account())
    assert book.told == [("key_installed", "unknown", "22222")]


def test_a_request_that_was_not_sent_is_failed(session: Sessions, make: Make, book: Book) -> None:
    here = session(CLIENT)
    here.break_at("Activate")
    with pytest.raises(UnreachableError):
        make(here, account=book.account())
    activation = book.entries[-1]
    assert (activation.result, activation.activations_used, activation.code) == ("failed", 0, "unreachable")


@pytest.mark.parametrize(("code", "used"), [(REFUSED, 0), (TIMEOUT, None)])
def test_a_failure_says_whether_microsoft_may_have_counted_it(
    session: Sessions, estate: Estate, make: Make, book: Book, code: str, used: int | None
) -> None:
    estate.set_fault(CLIENT, "wmi_fault", method="Activate", hresult=code, times=1)
    make(session(CLIENT), account=book.account())
    failed = book.entries[1]
    assert (failed.event, failed.result, failed.activations_used, failed.code) == ("activated", "failed", used, code)
    assert book.told[2:] == [("key_installed", "done", GVLK), ("activated", "done", GVLK)]
    assert [(entry.action, entry.method, entry.channel) for entry in book.entries[2:]] == [
        ("restore_product_key", None, "gvlk"), ("activate_again", "kms", "gvlk"),
    ]  # fmt: skip


def test_a_yes_that_the_machine_does_not_bear_out_is_unknown_and_spent(session: Sessions, make: Make, book: Book) -> None:
    here = session(CLIENT)
    here.swallow("Activate")
    make(here, account=book.account())
    activation = book.entries[1]
    assert (activation.event, activation.result, activation.activations_used) == ("activated", "unknown", 1)


def test_a_key_of_another_kind_is_recorded_as_what_the_machine_says(session: Sessions, make: Make, book: Book) -> None:
    with pytest.raises(StepFailedError):
        make(session(CLIENT), account=book.account(), product_key=ProductKey(RETAIL))
    key, back = book.entries[:2]
    assert (key.result, key.channel, key.partial_product_key) == ("done", "retail", "44444")
    assert (back.action, back.partial_product_key) == ("restore_product_key", GVLK)


def test_a_key_of_office_for_windows_is_recorded_as_installed_and_removed(session: Sessions, make: Make, book: Book) -> None:
    with pytest.raises(StepFailedError):
        make(session("office19"), account=book.account(), product_key=ProductKey(OFFICE_MAK))
    assert book.told == [("key_installed", "done", "66666"), ("key_removed", "done", "66666")]
    assert {entry.application for entry in book.entries} == {"office"}


@pytest.mark.parametrize("method", list(ActivationMethod))
def test_a_deposit_has_its_method_and_spends_nothing(
    session: Sessions, estate: Estate, make: Make, book: Book, method: ActivationMethod
) -> None:
    here = session("unactivated22")
    told = estate.phone(installation_id(here))
    make(here, account=book.account(), product_key=None, activation_method=method, confirmation_id=told)
    (entry,) = book.entries
    assert (entry.event, entry.result, entry.method) == (
        "confirmation_id_deposited",
        "done",
        "proxy" if method is ActivationMethod.PROXY else "telephone",
    )
    assert (entry.activations_used, entry.consumes, entry.has_licensed) == (0, None, True)


def test_kms_spends_nothing_and_the_key_that_was_replaced_is_lost(session: Sessions, convert: Convert, book: Book) -> None:
    convert(session("mak22"), account=book.account())
    key, activation = book.entries
    assert key.loses is not None
    assert "with the MAK ending in" in key.loses
    assert (activation.method, activation.activations_used, activation.consumes) == ("kms", 0, None)
    convert(session("mak22"), account=book.account())
    assert len(book.entries) == 2


def test_what_active_directory_activated_is_corrected(session: Sessions, convert: Convert, book: Book, monkeypatch: Any) -> None:
    here = session("grace22")
    ask = here.query

    def as_active_directory_would(wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        used = {"VLActivationType": "1"} if "Activate" in here.requests else {}
        return [replace(found, properties={**found.properties, **used}) for found in ask(wql, namespace)]

    monkeypatch.setattr(here, "query", as_active_directory_would)
    convert(here, account=book.account())
    assert [entry.method for entry in book.entries if entry.event == "activated"] == ["active_directory"]


def test_without_the_line_nothing_is_sent(session: Sessions, make: Make, book: Book) -> None:
    account, here = book.account(), session(CLIENT)
    book.path.mkdir()
    with pytest.raises(LedgerError, match=r"ledger\.jsonl: it is a directory\. The module did not install the MAK ending in 22222"):
        make(here, account=account)
    assert here.writes == []
    assert (account.changed, book.warnings) == (False, [])


def test_a_ledger_that_breaks_down_ends_the_task_before_anything_is_spent(
    session: Sessions, estate: Estate, make: Make, book: Book
) -> None:
    account, here, before = book.account(), session(CLIENT), spent(estate)
    here.before("InstallProductKey", book.break_down)
    with pytest.raises(LedgerError, match="The module did not activate the MAK ending in 22222 online, because the ledger would not"):
        make(here, account=account)
    assert (here.writes, spent(estate) - before) == (["InstallProductKey"], 0)
    assert account.completed_summary().startswith(" Completed steps: install the MAK ending in 22222")
    (warning, *_more) = book.warnings
    assert "The request was sent. Add its entry to the ledger: " in warning
    (entry,) = parse_ledger([f"{warning.partition('ledger: ')[2]}\n".encode()]).entries
    assert (entry.event, entry.result, entry.partial_product_key) == ("key_installed", "done", "22222")


def test_a_rollback_is_carried_out_without_a_ledger_and_told_in_warnings(session: Sessions, estate: Estate, make: Make, book: Book) -> None:
    here = session(CLIENT)
    estate.set_fault(CLIENT, "mak_exhausted")
    here.before("Activate", lambda: book.path.is_dir() or book.break_down())
    outcome = make(here, account=book.account())
    assert outcome.rolled_back
    lines = [json.loads(warning.partition("ledger: ")[2]) for warning in book.warnings]
    assert [(line["event"], line["result"]) for line in lines] == [
        ("activated", "failed"), ("key_installed", "started"), ("key_installed", "done"), ("activated", "started"), ("activated", "done"),
    ]  # fmt: skip


def test_an_interrupted_task_leaves_what_it_does_not_know(session: Sessions, make: Make, book: Book) -> None:
    here = session(CLIENT)

    def interrupt() -> None:
        raise KeyboardInterrupt

    here.before("Activate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        make(here, account=book.account())
    activation = book.entries[-1]
    assert (activation.result, activation.activations_used, activation.code) == ("unknown", None, "interrupted")
