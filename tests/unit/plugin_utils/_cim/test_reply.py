# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes in: every shape Windows sends, and nothing else."""

from __future__ import annotations

import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import reply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.reply import MalformedReplyError, read_reply

from . import answers

names = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,12}", fullmatch=True)
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n\r&<>\"']"), max_size=30
)
arrays = st.lists(texts, min_size=2, max_size=4).map(tuple)
instances = st.dictionaries(names, st.none() | texts | arrays, max_size=8)


@given(st.lists(instances, max_size=5), st.booleans())
def test_instances_read_back_as_they_were_written(written: list[answers.Values], first: bool) -> None:
    page = answers.first_page if first else answers.next_page
    read = read_reply(answers.envelope(page([answers.instance("Win32_Some", values) for values in written]), "uuid:1"))
    assert [dict(found.properties) for found in read.instances] == written
    assert {found.class_name for found in read.instances} <= {"Win32_Some"}
    assert read.ended
    assert read.relates_to == "uuid:1"


@given(st.lists(instances, min_size=1, max_size=3))
def test_a_projection_reads_like_an_instance_and_takes_the_name_of_the_class_asked_for(written: list[answers.Values]) -> None:
    read = read_reply(answers.envelope(answers.first_page(map(answers.fragment, written))), "Win32_Asked")
    assert [dict(found.properties) for found in read.instances] == written
    assert {found.class_name for found in read.instances} == {"Win32_Asked"}


@given(instances)
def test_method_output_reads_back_as_it_was_written(written: answers.Values) -> None:
    read = read_reply(answers.envelope(answers.output("StdRegProv", "EnumKey", written, return_value=None)))
    assert read.kind == "EnumKey_OUTPUT"
    assert read.output is not None
    assert dict(read.output.properties) == written


def test_a_subclass_instance_keeps_its_own_class_name() -> None:
    page = answers.first_page([answers.instance("Win32_Service", {"Name": "a"}), answers.instance("Win32_TerminalService", {"Name": "b"})])
    assert [found.class_name for found in read_reply(answers.envelope(page)).instances] == ["Win32_Service", "Win32_TerminalService"]


@pytest.mark.parametrize("tag", ["cim:Datetime", "Datetime", "cim:Interval", "x:Date"])
@pytest.mark.parametrize("space", ["", "\n      "])
def test_a_datetime_is_the_text_of_its_only_child(tag: str, space: str) -> None:
    field = f"<p:When>{space}<{tag} xmlns:x='x'>2013-04-15T16:28:38.376625Z</{tag}>{space}</p:When>"
    body = answers.first_page([answers.instance("C", {}).replace("></p:C>", f">{field}</p:C>")])
    assert read_reply(answers.envelope(body)).instances[0].properties == {"When": "2013-04-15T16:28:38.376625Z"}


def test_an_empty_text_is_not_null_and_a_missing_element_is_neither() -> None:
    found = read_reply(answers.envelope(answers.first_page([answers.instance("C", {"Empty": "", "Null": None})]))).instances[0]
    assert found.properties == {"Empty": "", "Null": None}
    assert found.has("Null")
    assert not found.has("Array")


def test_a_null_among_the_elements_of_an_array_is_skipped() -> None:
    body = answers.instance("C", {}).replace(
        "></p:C>", '><p:A xsi:nil="1"/><p:A>1</p:A><p:A xsi:nil="true"/><p:A>2</p:A><p:A>3</p:A></p:C>'
    )
    assert read_reply(answers.envelope(answers.first_page([body]))).instances[0].properties == {"A": ("1", "2", "3")}


def test_an_array_of_one_instance_does_not_leak_into_the_next() -> None:
    body = answers.first_page([answers.instance("C", {"A": ["1", "2"]}), answers.instance("C", {"B": "3"})])
    assert [found.properties for found in read_reply(answers.envelope(body)).instances] == [{"A": ("1", "2")}, {"B": "3"}]


def test_an_answer_may_be_indented_and_carry_comments_and_a_byte_order_mark() -> None:
    answer = answers.envelope(answers.first_page([answers.instance("C", {"A": "x"})], "uuid:9", ended=False), "uuid:1")
    loose = b"\xef\xbb\xbf" + answer.replace(b"><", b">\n\t<!-- <n:EndOfSequence/> --><")
    read = read_reply(loose)
    assert read.instances[0].properties == {"A": "x"}
    assert (read.context, read.relates_to, read.ended) == ("uuid:9", "uuid:1", False)


def test_a_property_called_like_an_element_of_the_protocol_is_a_property() -> None:
    values = {"EndOfSequence": "a", "EnumerationContext": "b", "Items": "c", "Fault": "d", "RelatesTo": "e"}
    read = read_reply(answers.envelope(answers.first_page([answers.instance("Items", values)], "uuid:1", ended=False), "uuid:2"))
    assert (read.ended, read.context, read.relates_to, read.fault) == (False, "uuid:1", "uuid:2", None)
    assert read.instances[0].properties == values


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE s:Envelope [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE s:Envelope [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE s:Envelope SYSTEM "http://127.41.9.9/evil.dtd">',
        '<!DOCTYPE s:Envelope [<!ENTITY % c SYSTEM "file:///etc/passwd"> %c;]>',
        "<!DOCTYPE s:Envelope []>",
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(declaration: str) -> None:
    answer = answers.envelope(answers.first_page([answers.instance("C", {"A": "x"})])).decode()
    bomb = (declaration + answer).replace(">x<", ">&c;<")
    for data in (bomb.encode(), ('<?xml version="1.0" encoding="UTF-8"?>' + bomb).encode()):
        with pytest.raises(MalformedReplyError, match="declares a document type"):
            read_reply(data)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):  # no other encoding may hide one
        with pytest.raises(MalformedReplyError):
            read_reply(bomb.encode(encoding))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "not well-formed"),
        (b"<html><body>login</body></html>", "it is a <html> and not a SOAP envelope"),
        (b"\xff\xfe\x00", "not well-formed"),
        (b"<s:Envelope>", "not well-formed"),
        (b"<Envelope>&undefined;</Envelope>", "not well-formed"),
        (b'<?xml version="1.0" encoding="no-such-thing"?><a/>', "it is a <a>"),
        (answers.envelope("<x>" * 200 + "</x>" * 200), "nested too deeply"),
        (answers.envelope(answers.first_page(["<x>" * 200 + "</x>" * 200])), "nested too deeply"),
        (answers.envelope("<s:Fault>" + "<x>" * 200 + "</x>" * 200 + "</s:Fault>"), "nested too deeply"),
    ],
)
def test_what_is_no_soap_is_called_so(answer: bytes, reason: str) -> None:
    with pytest.raises(MalformedReplyError, match=reason):
        read_reply(answer)


def test_an_answer_larger_than_any_honest_one_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = answers.envelope(answers.first_page([]))
    monkeypatch.setattr(reply, "MAX_RESPONSE", len(answer) - 1)
    with pytest.raises(MalformedReplyError, match=f"{len(answer)} bytes long"):
        read_reply(answer)


def test_an_answer_of_more_elements_than_any_honest_one_is_not_even_parsed() -> None:
    with pytest.raises(MalformedReplyError, match=r"5000\d elements"):
        read_reply(answers.envelope(answers.first_page(["<a/>" * reply.MAX_ELEMENTS])))


@pytest.mark.parametrize("text", ["plain", "é", "日本語", "😀"])
def test_instances_never_weigh_less_than_python_takes_for_them(text: str) -> None:
    body = answers.first_page(
        ["<a/>" * 500, *(answers.instance("C", {f"Name{number}": text + "x" * 50 for number in range(40)}) for _ in range(50))]
    )
    answer = answers.envelope(body)
    tracemalloc.start()
    read = read_reply(answer)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < read.weight < 10 * taken


def problem_of(data: bytes) -> str:
    """Why the bytes were refused; "" when they were read. Any other exception is a failure of the test."""
    try:
        read_reply(data)
    except MalformedReplyError as refused:
        return str(refused)
    return ""


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert "\n" not in problem_of(data)


@given(st.data())
def test_a_damaged_answer_is_read_or_refused(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from(
            [
                answers.envelope(answers.first_page([answers.instance("C", {"A": "x", "B": None, "D": ["1", "2"]})], "uuid:1")),
                answers.envelope(answers.output("C", "M", {"A": "x"})),
                answers.envelope(answers.fault_winrm3(0xC004F074, "no")),
                answers.envelope(answers.fault_winrm2(2150858778, "no", inner=0xC004F074)),
            ]
        )
    )
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + data.draw(st.integers(0, 5)) :]
    assert "\n" not in problem_of(damaged)


def test_the_work_of_reading_grows_as_the_answer_does() -> None:
    def calls(count: int) -> int:
        answer = answers.envelope(answers.next_page([answers.instance("C", {"A": "x", "B": None, "D": ["1", "2"]})] * count))
        counted = 0

        def count_call(_frame: object, event: str, _argument: object) -> None:
            nonlocal counted
            counted += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count_call)
        try:
            read_reply(answer)
        finally:
            sys.setprofile(before)
        return counted

    assert calls(2000) < calls(500) * 4.05
