# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of events: complete, true to the collected facts, and never a reason to crash."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.catalog import catalog
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.events.decode import values_of

SHARED = Path(__file__).resolve().parents[6] / "shared" / "data" / "events.json"
TABLE = Path(__file__).resolve().parents[5] / "plugins" / "plugin_utils" / "_licensing" / "events" / "data" / "events.json"
SKU = "68531fb9-5511-4989-97be-d11a0f55633f"
PIECES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["0x0", "hr=0xC004F074", SKU, "", "?", "1", "2010/9/29 21:46", "AppId=;SkuId", "1: x, 1, 1 [(0 [0x", "-1", "0x"]),
    st.lists(st.sampled_from(["0x0", "5", SKU, "kms:1688", " ", "2026/02/31 25:61"]), max_size=12).map(",".join),
)

SEVERITIES = {"Information": "info", "Warning": "warning", "Error": "error"}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared facts are not next to this checkout")
def test_every_event_of_the_collected_facts_is_in_the_table_with_its_number_severity_and_log() -> None:
    facts = {fact["event_id"]: fact for fact in json.loads(SHARED.read_text(encoding="utf-8"))["events"]}
    table = json.loads(TABLE.read_text(encoding="utf-8"))["events"]
    assert set(catalog()) == set(facts)
    for number, fact in facts.items():
        kind = catalog()[number]
        assert (kind.severity, kind.log) == (SEVERITIES[fact["severity"]], fact["log"].lower().replace(" ", "_"))
        assert table[str(number)]["identifier"] == fact["message_id"]
        if "insertions" in fact and not kind.in_one_string:
            assert len(kind.fields) == len(fact["insertions"])


SEVERITIES = {"Information": "info", "Warning": "warning", "Error": "error"}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared facts are not next to this checkout")
def test_the_samples_of_the_collected_facts_in_one_string_are_decoded() -> None:
    facts = json.loads(SHARED.read_text(encoding="utf-8"))["events"]
    samples = {fact["event_id"]: fact["sample"] for fact in facts if fact["event_id"] in (12288, 12289, 12290)}
    assert set(samples) == {12288, 12289, 12290}
    assert all(values_of(number, (sample,)) for number, sample in samples.items())


def test_names_are_told_apart_and_every_event_says_what_it_means() -> None:
    kinds = catalog().values()
    assert len({kind.name for kind in kinds}) == len(kinds)
    assert all(kind.meaning.endswith(".") for kind in kinds)


@pytest.mark.parametrize("text", ["0x0", "0x00000000", "hr=0x00000000", " 00000000 "])
def test_a_code_is_read_in_each_of_its_spellings(text: str) -> None:
    assert values_of(12291, (text,)) == {"result": 0}


def test_the_request_a_host_processed_is_read_with_days_of_one_digit() -> None:
    values = values_of(12290, (f"0xC004F06C,5,client1.contoso.example,{SKU.upper()},2010/9/9 21:46,1,2,41520,{SKU}",))
    assert values is not None
    assert (values["client"], values["cmid"], values["is_virtual"]) == ("client1.contoso.example", SKU, True)
    assert values["client_time"] == datetime(2010, 9, 9, 21, 46, tzinfo=timezone.utc)


def test_the_arguments_of_an_automatic_activation_are_read_in_any_order_and_may_be_missing() -> None:
    told = values_of(8198, ("hr=0x80072EE7", f"Trigger=UserLogon;SessionId=1;SkuId={SKU.upper()};Action=AutoActivate"))
    untold = values_of(8198, ("hr=0x80072EE7",))
    assert told is not None
    assert untold is not None
    assert (told["trigger"], told["activation_id"], told["application_id"], told["action"]) == ("UserLogon", SKU, None, "AutoActivate")
    assert set(untold) == set(told)
    assert (untold["result"], untold["trigger"], untold["command_line"]) == (0x80072EE7, None, None)


def test_a_reason_in_words_is_kept_as_words() -> None:
    assert values_of(8209, ("tampered", SKU)) == {"result": None, "reason": "tampered", "application_id": SKU}


@pytest.mark.parametrize(
    ("number", "strings"),
    [
        (8212, ("0xC004D307", SKU)),
        (1016, ("no ID", "x")),
        (12294, ()),
        (12293, ("no code", "corp.example")),
        (12290, ("a,b",)),
        (1025, ("x",)),
    ],
)
def test_strings_of_another_layout_are_no_facts(number: int, strings: tuple[str, ...]) -> None:
    assert values_of(number, strings) is None


@given(st.sampled_from(sorted(catalog())), st.lists(PIECES, max_size=5))
def test_no_strings_whatever_make_it_crash(number: int, strings: list[str]) -> None:
    values = values_of(number, tuple(strings))
    assert values is None or all(isinstance(name, str) for name in values)
