# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's client reads every shape that recordings of real WinRM services show, in bytes of our own."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import Room
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimInstance,
    CimPath,
    MalformedResponseError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.wmi_classes import NO_SUCH_CLASS

from . import windows_shapes as shapes

SERVICE = CimPath("SoftwareLicensingService", {"Version": "10.0.20348.1"})
WQL = "SELECT * FROM Win32_Sample"


class Player:
    """A machine that answers with given bytes, each related to the request it answers."""

    endpoint = "http://player/wsman"
    encrypted = True

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.sent: list[bytes] = []

    def share(self, room: Room) -> None:
        del room

    def send(self, message: bytes, timeout: float) -> bytes:
        assert timeout > 0
        self.sent.append(message)
        request = message.partition(b"<a:MessageID>")[2].partition(b"<")[0]
        return self.answers.pop(0).replace(shapes.REQUEST.encode(), request)

    def reset(self) -> None:
        """There is no connection."""


def sample(properties: str) -> CimInstance:
    """One instance with these properties, read through the session."""
    (found,) = Session(Player(shapes.only_page(shapes.instance("Win32_Sample", properties)))).query(WQL)
    return found


def outputs(parameters: str) -> CimInstance:
    """Output parameters of a method, read through the session."""
    return Session(Player(shapes.output("SoftwareLicensingService", "Look", parameters))).invoke(SERVICE, "Look", {}).outputs


def failure_of_query(answer: bytes) -> CimError:
    with pytest.raises(CimError) as failed:
        Session(Player(answer)).query(WQL)
    return failed.value


def failure_of_method(answer: bytes) -> CimError:
    with pytest.raises(CimError) as failed:
        Session(Player(answer)).invoke(SERVICE, "Activate", {})
    return failed.value


def test_never_is_a_datetime_of_1601_and_reads_as_no_moment() -> None:
    never = sample(
        "<p:After><cim:Datetime>2026-10-01T08:30:00Z</cim:Datetime></p:After>"
        "<p:Never><cim:Datetime>1601-01-01T00:00:00Z</cim:Datetime></p:Never>"
    )
    assert never.has("Never")
    assert never.moment("Never") is None
    assert never.moment("After") == datetime(2026, 10, 1, 8, 30, tzinfo=timezone.utc)


def test_the_local_time_has_a_fraction_of_a_second() -> None:
    local = sample("<p:LocalDateTime><cim:Datetime>2026-10-01T17:30:05.123+09:00</cim:Datetime></p:LocalDateTime>")
    assert local.moment("LocalDateTime") == datetime(2026, 10, 1, 8, 30, 5, 123000, tzinfo=timezone.utc)


def test_an_interval_is_kept_as_text_and_is_neither_a_moment_nor_a_number() -> None:
    interval = sample("<p:Took><cim:Interval>P0DT0H0M1.00417S</cim:Interval></p:Took><p:Tries>2</p:Tries>")
    assert interval.text("Took") == "P0DT0H0M1.00417S"
    assert interval.integer("Tries") == 2
    with pytest.raises(MalformedResponseError, match=r"Win32_Sample\.Took, which must be a date with a time"):
        interval.moment("Took")
    with pytest.raises(MalformedResponseError, match=r"Win32_Sample\.Took, which must be a whole number"):
        interval.integer("Took")


def test_null_empty_text_and_a_property_that_was_not_sent_are_three_things() -> None:
    found = sample('<p:Empty></p:Empty><p:Nothing xsi:nil="true"/>')
    assert found.properties == {"Empty": "", "Nothing": None}
    assert found.text("Empty") is None
    assert not found.has("Missing")


def test_an_array_is_repeated_siblings_and_one_element_looks_like_a_scalar() -> None:
    found = sample("<p:Languages>ja-JP</p:Languages><p:Languages>en-US</p:Languages><p:One>ja-JP</p:One>")
    assert found.texts("Languages") == ("ja-JP", "en-US")
    assert found.texts("One") == ("ja-JP",)


def test_method_output_has_its_parameters_in_any_order_and_null_ones_too() -> None:
    found = outputs('<p:Version>2</p:Version><p:Job xsi:nil="true"/><p:Disks>c</p:Disks><p:Disks>d</p:Disks><p:Comment></p:Comment>')
    assert found.properties == {"Version": "2", "Job": None, "Disks": ("c", "d"), "Comment": "", "ReturnValue": "0"}
    assert found.has("Job")


def test_a_reference_within_a_parameter_disturbs_no_other_parameter() -> None:
    reference = shapes.reference("Win32_Job", "InstanceID", "{7}")
    found = outputs(f"<p:Before>1</p:Before><p:Job>{reference}</p:Job><p:After>2</p:After>")
    assert set(found.properties) == {"Before", "Job", "After", "ReturnValue"}
    assert (found.integer("Before"), found.integer("After")) == (1, 2)
    assert str(found.text("Job")).endswith("{7}")


def test_an_answer_with_a_context_only_is_followed_by_a_pull() -> None:
    player = Player(shapes.context_only(), shapes.last_page(shapes.instance("Win32_Sample", "<p:ID>1</p:ID>")))
    assert [found.text("ID") for found in Session(player).query(WQL)] == ["1"]
    assert b"<n:EnumerationContext>uuid:0A1B2C3D-0000-4000-8000-00000000000A</n:EnumerationContext>" in player.sent[1]


@pytest.mark.parametrize("code", [0xC004F074, 0x80070020, 0x8004106C, 0x80041033])
def test_a_code_of_a_provider_that_winrm_does_not_know_survives_in_any_language(code: int) -> None:
    failure = failure_of_method(shapes.unknown_error(code))
    assert failure.code == code
    assert failure.text.endswith(f"HRESULT 0x{code:08x}")
    assert str(failure).startswith(f"SoftwareLicensingService.Activate failed with 0x{code:08X}: ")


@pytest.mark.parametrize(
    ("message_id", "kind", "number", "status", "code"),
    [
        ("MI RESULT 6", "MI", 6, 6, 0x80041002),
        ("MI RESULT 5", "MI", 5, 5, 0x80041010),
        ("Windows System Error 5", "WIN32", 5, 2, 0x80070005),
        ("WIN32 32", "WIN32", 32, 1, 0x80070020),
        ("StorageWMI 5", "StorageWMI", 5, 1, 0x80041001),
        ("StorageWMI 40001", "StorageWMI", 40001, 2, 0x80041003),
    ],
)
def test_a_number_beside_another_message_id_is_no_hresult(message_id: str, kind: str, number: int, status: int, code: int) -> None:
    answer = shapes.wmi_error(message_id, number, "失敗しました。", kind=kind, status=status)
    assert failure_of_method(answer).code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (shapes.nested(0x8033801A, "クラスがありません。", subcode="n:CannotProcessFilter"), 0x8033801A),
        (shapes.wmi_error("HRESULT 0x80338000", 0x80338000, "ありません。", status=6, subcode="a:DestinationUnreachable"), 0x80338000),
        (shapes.wmi_error("HRESULT 0x80041010", 0x80041010, "ありません。", status=5), 0x80041010),
        (shapes.wmi_error("HRESULT 0x80041002", 0x80041002, "ありません。", status=6), 0x80041002),
        (shapes.wmi_error("HRESULT 0x8004100e", 0x8004100E, "ありません。", status=3), 0x8004100E),
        (shapes.wmi_error("MI RESULT 5", 5, "ありません。", kind="MI", status=5), 0x80041010),
        (shapes.wmi_error("MI RESULT 3", 3, "ありません。", kind="MI", status=3), 0x8004100E),
    ],
)
def test_every_code_for_a_missing_class_or_namespace_counts_as_one(answer: bytes, code: int) -> None:
    failure = failure_of_query(answer)
    assert failure.code == code
    assert failure.code in NO_SUCH_CLASS


def test_a_missing_column_is_an_unspecified_failure_and_no_missing_class() -> None:
    failure = failure_of_query(shapes.wmi_error("HRESULT 0x80004005", 0x80004005, "WQL クエリが無効です。"))
    assert failure.code == 0x80004005
    assert failure.text == "WQL クエリが無効です。"
    assert failure.code not in NO_SUCH_CLASS


def test_a_datetime_of_asterisks_fails_the_query_with_the_code_of_the_schema() -> None:
    failure = failure_of_query(shapes.refusal(0x80338041, "XML がスキーマと一致しません。", "w:SchemaValidationError"))
    assert failure.code == 0x80338041
    assert failure.code not in NO_SUCH_CLASS


def test_a_later_page_that_fails_fails_the_query_and_returns_no_half_of_it() -> None:
    player = Player(shapes.context_only(), shapes.refusal(0x80338041, "XML がスキーマと一致しません。", "w:SchemaValidationError"))
    with pytest.raises(CimError) as failed:
        Session(player).query(WQL)
    assert failed.value.code == 0x80338041


def test_a_page_that_a_restarted_service_does_not_know_starts_the_query_again() -> None:
    forgotten = shapes.refusal(0x8033801B, "列挙コンテキストが無効です。", "n:InvalidEnumerationContext")
    found = shapes.instance("Win32_Sample", "<p:ID>1</p:ID>")
    player = Player(shapes.context_only(), forgotten, shapes.only_page(found))
    assert [instance.text("ID") for instance in Session(player).query(WQL)] == ["1"]
    assert [b"/Enumerate<" in message for message in player.sent] == [True, False, True]


def test_a_page_that_is_forgotten_twice_fails_the_query() -> None:
    forgotten = shapes.refusal(0x8033801B, "列挙コンテキストが無効です。", "n:InvalidEnumerationContext")
    player = Player(shapes.context_only(), forgotten, shapes.context_only(), forgotten)
    with pytest.raises(CimError) as failed:
        Session(player).query(WQL)
    assert failed.value.code == 0x8033801B
    assert len(player.sent) == 4


def test_a_2012_r2_machine_asked_with_a_dmtf_uri_nests_its_fault() -> None:
    detail = "<w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/InvalidResourceURI</w:FaultDetail>"
    failure = failure_of_method(shapes.nested(0x80338000, "リソースが見つかりません。", detail=detail))
    assert failure.code == 0x80338000
    assert failure.text == "リソースが見つかりません。"
