# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task does to the records of a domain, as BIND has them afterwards."""

from __future__ import annotations

import pytest

from .harness import Ansible, Task, by_tsig, error, only, published, unsigned
from .servers.base import NameServer
from .servers.between import cut_off
from .servers.bind import Bind

STANDARD = (0, 0, 1688)


@pytest.mark.smoke
def test_a_new_record_is_published_and_a_second_run_sends_no_update(bind: Bind, zone: str, ansible: Ansible) -> None:
    wish = by_tsig(bind, zone, f"kms1.{zone}")
    with bind.watched() as received:
        first, second = ansible.tasks(Task(wish), Task(wish))
    assert (first["changed"], second["changed"]) == (True, False)
    assert (only(first)["updates_sent"], only(second)["updates_sent"], received.updates) == (1, 0, 1)
    assert bind.published(zone) == {f"kms1.{zone}": STANDARD}


@pytest.mark.smoke
def test_removing_the_record_of_one_host_leaves_the_others(bind: Bind, zone: str, ansible: Ansible) -> None:
    add = by_tsig(bind, zone, f"kms1.{zone}", f"kms2.{zone}", f"kms3.{zone}")
    # The port of the record that goes is not known to who removes it: the host is enough.
    remove = by_tsig(bind, zone, {"host": f"KMS2.{zone}.", "port": 1690}, state="absent")
    with bind.watched() as received:
        _, first, second = ansible.tasks(Task(add), Task(remove), Task(remove))
    assert (first["changed"], second["changed"]) == (True, False)
    assert sorted(bind.published(zone)) == [f"kms1.{zone}", f"kms3.{zone}"]
    assert received.updates == 2


def test_another_priority_replaces_the_record_of_that_host_only(bind: Bind, zone: str, ansible: Ansible) -> None:
    both = by_tsig(bind, zone, f"kms1.{zone}", f"kms2.{zone}")
    other = by_tsig(bind, zone, {"host": f"kms1.{zone}", "priority": 10, "weight": 5})
    with bind.watched() as received:
        _, result = ansible.tasks(Task(both), Task(other))
    assert result["changed"]
    assert len(bind.records(f"_vlmcs._tcp.{zone}")) == 2
    assert bind.published(zone) == {f"kms1.{zone}": (10, 5, 1688), f"kms2.{zone}": STANDARD}
    assert received.updates == 2


def test_a_name_in_other_letters_is_the_same_host(bind: Bind, zone: str, ansible: Ansible) -> None:
    with bind.watched() as received:
        _, result = ansible.tasks(Task(by_tsig(bind, zone, f"kms1.{zone}")), Task(by_tsig(bind, zone.upper(), f"KMS1.{zone.upper()}.")))
    assert not result["changed"]
    assert received.updates == 1


def test_a_record_the_host_published_beside_ours_goes_and_the_result_warns_that_it_will_come_back(
    bind: Bind, zone: str, ansible: Ansible
) -> None:
    for record in (f"10 0 1688 kms1.{zone}.", f"0 0 1688 KMS1.{zone}."):
        bind.publish(zone, record)
    wish = Task(by_tsig(bind, zone, {"host": f"kms1.{zone}", "priority": 10}))
    first, second = ansible.tasks(wish, wish, warnings=True)
    assert (first["changed"], second["changed"]) == (True, False)
    assert bind.records(f"_vlmcs._tcp.{zone}") == [(f"kms1.{zone}", (10, 0, 1688))]
    assert any("24 hours" in warning for warning in only(first)["warnings"])


def test_a_server_given_by_name_is_asked_at_the_address_that_answers(bind: Bind, zone: str, ansible: Ansible) -> None:
    # BIND listens on one address only; on most computers the name has two.
    result = ansible.task(by_tsig(bind, zone, f"kms1.{zone}", dns_server="localhost"))
    assert result["changed"]
    assert only(result)["dns_server"] == f"localhost (127.0.0.1):{bind.port}"


def test_a_new_set_gets_an_hour_and_one_that_is_there_keeps_its_ttl(bind: Bind, zone: str, ansible: Ansible) -> None:
    new, wished, other = (
        by_tsig(bind, zone, f"kms1.{zone}"),
        by_tsig(bind, zone, f"kms1.{zone}", ttl=600),
        by_tsig(bind, zone, f"kms2.{zone}"),
    )
    results = ansible.tasks(Task(new), Task(wished), Task(other))
    assert [only(result)["after"]["ttl"] for result in results] == [3600, 600, 600]
    assert bind.ttl(zone) == 600


def test_a_wished_ttl_changes_that_of_every_host_which_the_result_warns_of(bind: Bind, zone: str, ansible: Ansible) -> None:
    both, wish = by_tsig(bind, zone, f"kms1.{zone}", f"kms2.{zone}", ttl=300), by_tsig(bind, zone, f"kms1.{zone}", ttl=900)
    with bind.watched() as received:
        _, first, second = ansible.tasks(Task(both), Task(wish), Task(wish), warnings=True)
    assert (first["changed"], second["changed"], received.updates) == (True, False, 2)
    assert bind.ttl(zone) == 900
    assert any(f"kms2.{zone}" in warning for warning in only(first)["warnings"])
    assert only(second)["warnings"] == []


def test_exclusive_leaves_exactly_the_records_of_the_task_and_without_any_none(bind: Bind, zone: str, ansible: Ansible) -> None:
    seen = Task(by_tsig(bind, zone, f"kms1.{zone}", f"kms2.{zone}", f"old.{zone}"))
    wish, none = Task(by_tsig(bind, zone, f"kms2.{zone}", f"kms3.{zone}", exclusive=True)), Task(by_tsig(bind, zone, exclusive=True))
    with bind.watched() as received:
        _, *results = ansible.tasks(seen, wish, wish, none, none)
    assert [result["changed"] for result in results] == [True, False, True, False]
    assert sorted(published(only(results[0])["after"])) == [f"kms2.{zone}", f"kms3.{zone}"]
    assert (received.updates, bind.published(zone)) == (3, {})


def test_refresh_sends_what_is_there_again_and_reports_no_change(bind: Bind, zone: str, ansible: Ansible) -> None:
    wish = Task(by_tsig(bind, zone, f"kms1.{zone}", refresh=True))
    with bind.watched() as received:
        first, second = ansible.tasks(wish, wish)
    assert (first["changed"], second["changed"]) == (True, False)
    assert (only(first)["updates_sent"], only(second)["updates_sent"], received.updates) == (1, 1, 2)


def test_check_mode_changes_nothing_and_predicts_what_the_run_does(bind: Bind, zone: str, ansible: Ansible) -> None:
    there = Task(by_tsig(bind, zone, {"host": f"kms1.{zone}", "priority": 5}, f"kms2.{zone}"))
    wish = by_tsig(bind, zone, f"kms1.{zone}", f"kms3.{zone}")
    with bind.watched() as received:
        _, forecast, done = ansible.tasks(there, Task(wish, {"check_mode": True, "diff": True}), Task(wish, {"diff": True}))
    # What arrived beside the two is the message without a change that tries the key, and nothing else.
    assert (only(forecast)["updates_sent"], only(forecast)["checks_sent"], received.updates) == (0, 1, 3)
    assert only(forecast)["before"] == only(done)["before"]
    assert (forecast["changed"], done["changed"]) == (True, True)
    assert only(forecast)["after"] == only(done)["after"]
    assert published(only(done)["after"]) == bind.published(zone)
    assert forecast["diff"] == done["diff"]
    assert (forecast["msg"], done["msg"]) == (
        f"{zone}: would add 2 records, remove 1 record.",
        f"{zone}: added 2 records, removed 1 record.",
    )


@pytest.mark.parametrize("kind", ["bind", "knot"])
def test_an_update_whose_answer_was_lost_counts_by_records_in_a_signed_answer(
    kind: str, zone: str, ansible: Ansible, request: pytest.FixtureRequest
) -> None:
    server: NameServer = request.getfixturevalue(kind)
    with cut_off(server) as port, server.watched() as received:
        wish = Task(by_tsig(server, zone, f"kms1.{zone}", dns_port=port))
        done, again = ansible.tasks(wish, wish, warnings=True)
    assert [(result["status"], result["changed"]) for result in (done, again)] == [("ok", True), ("ok", False)]
    assert (only(done)["confirmed_by"], only(again)["confirmed_by"]) == ("signed_records", None)
    assert "read afterwards in a signed answer" in ansible.output.replace("\n", " ")
    assert (list(server.published(zone)), received.updates) == ([f"kms1.{zone}"], 1)


def test_check_mode_finds_a_key_the_server_does_not_take_and_sends_nothing_when_there_is_nothing_to_do(
    bind: Bind, zone: str, ansible: Ansible
) -> None:
    wish = by_tsig(bind, zone, f"kms1.{zone}")
    check = {"check_mode": True}
    with bind.watched() as received:
        refused, _, nothing = ansible.tasks(Task({**wish, "key_name": "unheard-of"}, check), Task(wish), Task(wish, check))
    assert error(refused)["code"] == "BADKEY"
    assert (nothing["changed"], only(nothing)["checks_sent"]) == (False, 0)
    assert received.updates == 2


def test_the_diff_shows_the_set_before_and_after(bind: Bind, zone: str, ansible: Ansible) -> None:
    new = by_tsig(bind, zone, {"host": f"kms2.{zone}", "port": 1690})
    _, result = ansible.tasks(Task(by_tsig(bind, zone, f"kms1.{zone}")), Task(new, {"diff": True}))
    (diff,) = result["diff"]
    before, after = str(diff["before"]), str(diff["after"])
    assert f"kms1.{zone}" in before
    assert f"kms2.{zone}" not in before
    assert f"kms1.{zone}" in after
    assert f"kms2.{zone}" in after
    assert "1690" in after


def test_of_several_domains_those_that_can_be_done_are_done_and_the_result_names_the_other(bind: Bind, zone: str, ansible: Ansible) -> None:
    branch = f"branch.{zone}"
    wish = {**by_tsig(bind, zone, f"kms1.{zone}"), "domains": [branch, zone]}
    with bind.watched() as received:
        result = ansible.task(wish)
    assert result["status"] == "failed"
    assert result["changed"]
    assert branch in result["msg"]
    failed, done = result["domains"]
    assert (failed["domain"], failed["error"]["code"], failed["changed"]) == (branch, "REFUSED", False)
    assert (done["domain"], done["error"], done["changed"]) == (zone, None, True)
    assert bind.published(zone) == {f"kms1.{zone}": STANDARD}
    assert received.updates == 2


def test_render_sends_no_update_and_prints_what_an_administrator_can_run(bind: Bind, zone: str, ansible: Ansible) -> None:
    with bind.watched() as received:
        result = ansible.task(unsigned(bind, zone, f"kms1.{zone}", mode="render"))
    assert result["status"] == "ok"
    assert received.updates == 0
    rendered = only(result)["rendered"]
    assert all(f"kms1.{zone}" in "\n".join(rendered[form]) for form in ("zone_file", "dnscmd", "powershell"))


@pytest.mark.smoke
def test_an_unsigned_update_is_refused_and_changes_nothing(bind: Bind, zone: str, ansible: Ansible) -> None:
    result = ansible.task(unsigned(bind, zone, f"kms1.{zone}"))
    assert error(result)["code"] == "REFUSED"
    assert bind.published(zone) == {}
