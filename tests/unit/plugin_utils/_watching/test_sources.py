# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event sources as ansible-rulebook starts them, by the path of their file, with real sockets and files."""

from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.files import RecordWriter
from ansible_collections.winops.volume_activation.plugins.plugin_utils._records.model import Record
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching import records as watched
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching.endpoints import EndpointSource
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching.loop import watch
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching.records import RecordsSource

from ...module_utils._dns import faults
from ...module_utils._kms import answers
from ...module_utils._kms.listeners import ADDRESS, listening, nobody_listening

SOURCES = Path(__file__).resolve().parents[4] / "extensions" / "eda" / "plugins" / "event_source"
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
KEY = "MMMMM-KKKKK-MMMMM-22222-33333"


def events_of(name: str, args: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The first events of a source that is loaded and started as ansible-rulebook does."""
    main = runpy.run_path(str(SOURCES / f"{name}.py"))["main"]

    async def collect() -> list[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1)
        task = asyncio.create_task(main(queue, args))
        found = [await asyncio.wait_for(queue.get(), 60) for _number in range(count)]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return found

    return asyncio.run(collect())


def test_kms_endpoints_tells_a_kms_host_from_a_closed_port() -> None:
    with listening(answers.bind_ack()) as host, nobody_listening() as closed:
        args = {"endpoints": [f"{ADDRESS}:{host.port}", f"{ADDRESS}:{closed}"], "silent_after": "1"}
        found = [event["kms_endpoint"] for event in events_of("kms_endpoints", args, 2)]
    assert host.received == [answers.BIND]
    assert [(event["host"], event["port"], event["status"], event["change"]) for event in found] == [
        (ADDRESS, host.port, "available", "found"),
        (ADDRESS, closed, "connection_refused", "silent"),
    ]
    assert found[0]["response_time_ms"] >= 0
    assert found[1]["next_steps"]


def test_kms_endpoints_reports_the_outage_of_a_host_and_its_end() -> None:
    with nobody_listening() as port:
        source = EndpointSource({"endpoints": [f"{ADDRESS}:{port}"], "silent_after": 2})
        changes = [[event["kms_endpoint"]["change"] for event in source.round()] for _round in range(3)]
    with listening(answers.bind_ack(), port=port):
        (event,) = source.round()
        assert source.round() == []
    assert changes == [["found"], ["silent"], []]
    assert (event["kms_endpoint"]["change"], event["kms_endpoint"]["previous_status"]) == ("responds", "connection_refused")


def test_hosts_of_a_domain_stay_in_view_while_its_name_server_fails() -> None:
    with faults.faulty_server() as server, listening(answers.bind_ack()) as host:
        server.address = ADDRESS
        server.records[f"0 0 {host.port} kms1.corp.test."] = 300
        args = {"domains": "corp.test", "dns_server": "127.0.0.1", "dns_port": server.port, "probe_networks": f"{ADDRESS}/32"}
        source = EndpointSource(args)
        told = [source.round()]
        server.query_fault = faults.hang_up
        told += [source.round(), source.round()]
        server.query_fault = None
        server.records.clear()
        told += [source.round()]
    assert [[(name, fields["change"]) for event in events for name, fields in event.items()] for events in told] == [
        [("kms_endpoint", "found")],
        [("kms_dns", "failed")],
        [],
        [("kms_dns", "recovered"), ("kms_endpoint", "gone")],
    ]
    endpoint, problem = told[0][0]["kms_endpoint"], told[1][0]["kms_dns"]
    assert (endpoint["endpoint"], endpoint["status"], endpoint["domains"]) == (f"kms1.corp.test:{host.port}", "available", ["corp.test"])
    assert len(host.received) == 3
    assert problem["domain"] == "corp.test"
    assert problem["next_steps"]


def test_host_that_dns_names_at_a_loopback_address_is_not_probed() -> None:
    with faults.faulty_server() as server, listening(answers.bind_ack()) as host:
        server.address = ADDRESS
        server.records[f"0 0 {host.port} kms1.corp.test."] = 300
        (event,) = EndpointSource({"domains": ["corp.test"], "dns_server": "127.0.0.1", "dns_port": server.port}).round()
    assert (event["kms_endpoint"]["status"], event["kms_endpoint"]["is_silent"]) == ("not_allowed", False)
    assert host.received == []


def test_targets_that_are_no_host_names_reach_no_command_and_many_hosts_are_limited() -> None:
    with faults.faulty_server() as server:
        server.address = "192.0.2.1"
        server.records[r"0 0 1688 \$\(reboot\).corp.test."] = 300
        server.records |= {f"0 0 1688 kms{number}.corp.test.": 300 for number in range(70)}
        source = EndpointSource({"domains": ["corp.test"], "dns_server": "127.0.0.1", "dns_port": server.port, "probe_timeout": 1})
        found = [event["kms_endpoint"] for event in source.round()]
    assert len(found) == 70
    assert not [event for event in found if "reboot" in event["host"]]
    assert len([event for event in found if event["status"] == "not_asked"]) == 6


@pytest.mark.parametrize("name", ["kms_endpoints", "activation_records"])
def test_invalid_arguments_end_the_source_with_one_sentence(name: str) -> None:
    main = runpy.run_path(str(SOURCES / f"{name}.py"))["main"]
    with pytest.raises(Exception, match=f"{name}: intervall is not an option .did you mean interval.*Nothing was read or sent."):
        asyncio.run(main(asyncio.Queue(), {"intervall": 5}))


def test_source_file_imports_the_copy_of_the_collection_that_it_belongs_to_and_leaves_the_path_alone() -> None:
    program = (
        "import runpy, sys\n"
        "before = list(sys.path)\n"
        f"found = runpy.run_path({str(SOURCES / 'activation_records.py')!r})\n"
        "module = found['_collection_module']('records')\n"
        "assert sys.path == before\n"
        "assert not [name for name in sys.modules if name.startswith('ansible_collections')]\n"
        "print(module.__file__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd="/")
    assert Path(done.stdout.strip()) == SOURCES.parents[3] / "plugins" / "plugin_utils" / "_watching" / "records.py"


def test_a_reading_that_takes_long_does_not_block_the_event_loop() -> None:
    release = threading.Event()

    def read() -> list[dict[str, Any]]:
        # Ends only if the loop runs meanwhile.
        return [{"released": release.wait(60)}]

    async def run() -> dict[str, Any]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        task = asyncio.create_task(watch(queue, 60, read))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, release.set)
        found = await queue.get()
        task.cancel()
        return found

    assert asyncio.run(run()) == {"released": True}


def result(status: str = "licensed", **others: Any) -> dict[str, Any]:
    """The result of a machine with Windows, as activation_check returns it."""
    product = {
        "application": "windows", "channel": "gvlk", "status": status, "name": "Windows(R), Enterprise edition", "primary": True,
        "partial_product_key": "2YT43", "grace_minutes": others.pop("minutes", 180 * 1440), "activated_by": "kms", "is_addon": False,
    }  # fmt: skip
    return {"licensed": status == "licensed", "products": [product], "findings": others.pop("findings", []), **others}


def kms_host(count: int, required: int = 25) -> dict[str, Any]:
    """The result of a KMS host."""
    found = result(service={"is_kms_host": True, "current_count": count, "required_count": required})
    found["products"][0] |= {"channel": "csvlk", "host_role": {"current_count": count}}
    return found


Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes a record file, whose records are `days` old."""

    def write_records(results: dict[str, dict[str, Any]], name: str = "fleet.jsonl", days: int = 0) -> None:
        with RecordWriter(tmp_path / name) as file:
            for machine, found in results.items():
                file.add(Record(machine, NOON - timedelta(days=days), found))

    return write_records


def briefly(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The kind of each event, with its machine or file, and its change."""
    return [
        (name, fields.get("machine") or Path(fields["path"]).name, fields["change"]) for event in events for name, fields in event.items()
    ]


FINDING = {"id": "renewal_overdue", "severity": "warning", "message": f"It has {KEY}.\u202e", "next_steps": ["Look."]}


def test_activation_records_tells_what_needs_action_once_and_its_end_once(tmp_path: Path, write: Write) -> None:
    source = RecordsSource({"paths": [str(tmp_path / "*.jsonl")]})
    assert source.round() == []
    write({"pc1": result(), "pc2": result("notification"), "pc3": result(minutes=5 * 1440, findings=[FINDING]), "kms1": kms_host(3)})
    assert briefly(source.round()) == [
        ("activation_machine", "pc2", "changed"),
        ("activation_finding", "pc3", "found"),
        ("license_expiry", "pc3", "ending"),
        ("kms_count", "kms1", "below"),
    ]
    assert source.round() == []
    write({"pc1": result(), "pc2": result("notification"), "pc3": result(minutes=4 * 1440, findings=[FINDING]), "kms1": kms_host(4)})
    assert source.round() == []
    write({"pc1": result("notification"), "pc2": result(), "pc3": result(), "kms1": kms_host(25)})
    assert briefly(source.round()) == [
        ("activation_machine", "pc1", "changed"),
        ("activation_machine", "pc2", "changed"),
        ("kms_count", "kms1", "recovered"),
        ("activation_finding", "pc3", "gone"),
        ("license_expiry", "pc3", "renewed"),
    ]


def test_activation_records_events_have_the_details(tmp_path: Path, write: Write) -> None:
    write({"pc 1": result(minutes=5 * 1440 + 7, findings=[FINDING]), "kms1": kms_host(30)})
    args = {"paths": str(tmp_path / "fleet.jsonl"), "minimum_count": 50, "expiring_within_days": 6}
    finding, license_, count = (next(iter(event.values())) for event in events_of("activation_records", args, 3))
    assert finding == {
        "machine": "pc 1", "quoted_machine": "'pc 1'", "change": "found", "record_time": "2026-11-30T12:00:00Z", "id": "renewal_overdue",
        "severity": "warning", "message": "It has XXXXX-XXXXX-XXXXX-XXXXX-33333.\ufffd", "next_steps": ["Look."],
    }  # fmt: skip
    assert (license_["days_left"], license_["channel"], license_["expiring_within_days"]) == (5, "gvlk", 6)
    assert (count["current_count"], count["minimum_count"], count["application"]) == (30, 50, "windows")


def test_kms_host_that_no_client_has_asked_is_compared_with_the_lowest_threshold(tmp_path: Path, write: Write) -> None:
    unasked = {name: kms_host(count) for name, count in (("kms1", 4), ("kms2", 5))}
    for found in unasked.values():
        found["service"]["required_count"] = None
    write(unasked)
    (event,) = RecordsSource({"paths": [str(tmp_path / "fleet.jsonl")]}).round()
    assert (event["kms_count"]["machine"], event["kms_count"]["minimum_count"]) == ("kms1", 5)


def test_license_that_ends_later_than_the_limit_is_no_event(tmp_path: Path, write: Write) -> None:
    write({"pc1": result(minutes=6 * 1440)})
    assert RecordsSource({"paths": [str(tmp_path / "fleet.jsonl")], "expiring_within_days": 6}).round() == []


def test_machine_that_could_not_be_read_keeps_its_findings(tmp_path: Path, write: Write) -> None:
    source = RecordsSource({"paths": [str(tmp_path / "fleet.jsonl")]})
    write({"pc1": result(findings=[FINDING])})
    assert briefly(source.round()) == [("activation_finding", "pc1", "found")]
    write({"pc1": {"unreachable": True, "msg": "no route"}})
    (event,) = source.round()
    assert (event["activation_machine"]["status"], event["activation_machine"]["reason"]) == ("unreachable", "no route")
    write({"pc1": result(findings=[FINDING])})
    assert briefly(source.round()) == [("activation_machine", "pc1", "changed")]


def test_newest_record_of_several_files_counts(tmp_path: Path, write: Write) -> None:
    write({"pc1": result()}, "b.jsonl", days=0)
    write({"pc1": result("notification")}, "c.jsonl", days=1)
    assert RecordsSource({"paths": [str(tmp_path / "*.jsonl")]}).round() == []


def test_file_that_cannot_be_used_is_one_event_and_its_records_stay(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "fleet.jsonl"
    source = RecordsSource({"paths": [str(path)]})
    assert briefly(source.round()) == [("activation_records_file", "fleet.jsonl", "failed")]
    write({"pc2": result("notification")})
    assert briefly(source.round()) == [("activation_machine", "pc2", "changed"), ("activation_records_file", "fleet.jsonl", "readable")]
    path.write_text("{", encoding="utf-8")
    (event,) = source.round()
    assert "line 1" in event["activation_records_file"]["message"]
    assert source.round() == []
    path.unlink()
    (event,) = source.round()
    assert "cannot be read" in event["activation_records_file"]["message"]


def test_machine_without_record_is_gone_only_if_it_needed_action(tmp_path: Path, write: Write) -> None:
    source = RecordsSource({"paths": [str(tmp_path / "fleet.jsonl")]})
    write({"pc1": result(), "pc2": result("notification")})
    source.round()
    write({"pc3": result()})
    (event,) = source.round()
    assert (event["activation_machine"]["machine"], event["activation_machine"]["status"]) == ("pc2", "gone")


def test_many_changes_are_spread_over_readings_and_none_is_lost(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "MOST_EVENTS", 7)
    write({f"pc{number}": result("notification") for number in range(20)})
    source = RecordsSource({"paths": [str(tmp_path / "fleet.jsonl")]})
    readings = [source.round() for _reading in range(4)]
    assert [len(reading) for reading in readings] == [7, 7, 6, 0]
    assert {event["activation_machine"]["machine"] for reading in readings for event in reading} == {f"pc{number}" for number in range(20)}


def test_file_that_did_not_change_is_not_read_again(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    honest = watched.read_records
    monkeypatch.setattr(watched, "read_records", lambda path: opened.append(path) or honest(path))
    write({"pc1": result()})
    source = RecordsSource({"paths": [str(tmp_path / "fleet.jsonl")]})
    for _reading in range(3):
        source.round()
    write({"pc1": result()})
    source.round()
    assert len(opened) == 2
