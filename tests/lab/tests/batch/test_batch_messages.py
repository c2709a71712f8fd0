# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch activation service takes exactly the message of the facts, and says what it does not like."""

from __future__ import annotations

import base64
import http.client
import ssl

import pytest

from .batch_lab import (
    ACTION,
    BLOCKED,
    CONSTANT,
    HEADERS,
    MAK,
    OFFICE,
    REQUEST,
    SERVICE,
    SOAP,
    BatchLab,
    Reply,
    envelope,
    question,
    signed,
    text_of,
)

PID, IID = "03612-00206-271-298329-03-1033-17763.0000-3242026", "0" * 63
TEXT = text_of(1, question(PID, IID))


def test_a_confirmation_id_comes_with_the_ids_of_the_question(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("srv")
    reply = batch_lab.ask(pid, iid)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    entry = reply.entry()
    assert {name: value for name, value in entry.items() if name != "CID"} == {"PID": pid, "ActivationRemaining": "-1", "IID": iid}
    assert entry["CID"] == batch_lab.client.phone(iid)


@pytest.mark.parametrize(("name", "title"), [("srv", ""), ("pc", "ESU"), ("pc", "Office")])
def test_the_activations_left_are_those_of_the_book(batch_lab: BatchLab, name: str, title: str) -> None:
    pid, _ = batch_lab.shown(name, title)
    key = batch_lab.key(str(batch_lab.product(name, title)["PartialProductKey"]))
    assert batch_lab.ask(pid).entry() == {"PID": pid, "ActivationRemaining": str(key["remaining"])}
    after = batch_lab.key(key["partial_key"])
    assert (after["used"], after["remaining_asked"]) == (key["used"], key["remaining_asked"] + 1)


def test_an_error_code_stands_in_the_entry_of_the_question(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("blocked")
    assert batch_lab.ask(pid, iid).entry() == {"PID": pid, "IID": iid, "ErrorCode": "0x67"}
    assert batch_lab.ask(pid).entry() == {"PID": pid, "ErrorCode": "0x67"}
    assert batch_lab.key(BLOCKED)["questions"] == {iid: {"asked": 1, "answered": 0}}


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({**HEADERS, "Content-Type": "text/xml; charset=utf-8"}, None, 415),
        ({**HEADERS, "Content-Type": "application/soap+xml"}, None, 415),
        (HEADERS, "/batchactivation/batchactivation.asmx", 404),
        (HEADERS, "/BatchActivation/BatchActivation.asmx?wsdl", 404),
    ],
)
def test_what_is_no_question_is_an_error_of_http(batch_lab: BatchLab, headers: dict[str, str], path: str | None, status: int) -> None:
    reply = batch_lab.post(envelope(*signed(TEXT)), headers, **({} if path is None else {"path": path}))
    assert (reply.status, reply.headers["Content-Type"]) == (status, "text/html; charset=us-ascii")
    assert batch_lab.client.batch_requests()[-1]["outcome"] == f"HTTP {status}"


def test_only_post_is_answered_and_only_up_to_one_megabyte(batch_lab: BatchLab) -> None:
    connection = batch_lab.connect()
    connection.request("GET", "/BatchActivation/BatchActivation.asmx", headers=HEADERS)
    assert connection.getresponse().status == http.client.METHOD_NOT_ALLOWED
    connection.close()
    assert batch_lab.post(b" " * ((1 << 20) + 1)).status == http.client.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("action", [f'"{ACTION}"', SERVICE, ""])
def test_the_action_counts_letter_by_letter(batch_lab: BatchLab, action: str) -> None:
    reply = batch_lab.post(envelope(*signed(TEXT)), {**HEADERS, "SOAPAction": action})
    assert reply.status == http.client.INTERNAL_SERVER_ERROR
    assert reply.fault() == f"soap:Client Server did not recognize the value of HTTP Header SOAPAction: {action}."


def message(text: str = TEXT, *, encoding: str = "utf-16-le", key: bytes = CONSTANT) -> bytes:
    return envelope(*signed(text, encoding=encoding, key=key))


DIGEST, REQUEST_XML = signed(TEXT)
RIGHT = message().decode()
REFUSED = {
    "another constant": (message(key=CONSTANT[:-1]), "soap:Server The digest does not fit RequestXml."),
    "a digest of UTF-8": (envelope(signed(TEXT, encoding="utf-8")[0], REQUEST_XML), "soap:Server The digest does not fit RequestXml."),
    "one byte changed": (
        envelope(DIGEST, base64.b64encode(TEXT.replace("0", "1", 1).encode("utf-16-le")).decode()),
        "soap:Server The digest does not fit RequestXml.",
    ),
    "UTF-8": (message(encoding="utf-8"), "RequestXml "),
    "UTF-16BE": (message(encoding="utf-16-be"), "RequestXml does not begin with ActivationRequest in UTF-16LE."),
    "a byte order mark": (message(encoding="utf-16"), "RequestXml does not begin with ActivationRequest in UTF-16LE."),
    "half a character": (envelope(*signed(TEXT + "x", encoding="utf-8")), "RequestXml "),
    "a declaration": (message('<?xml version="1.0"?>' + TEXT), "RequestXml does not begin with ActivationRequest in UTF-16LE."),
    "no base64": (envelope(DIGEST, "%%%"), "RequestXml is not base64."),
    "base64 with line ends": (envelope(DIGEST, REQUEST_XML[:76] + "\n" + REQUEST_XML[76:]), "RequestXml is not base64."),
    "a digest that is no base64": (envelope("***", REQUEST_XML), "Digest is not base64."),
    "SOAP 1.2": (envelope(DIGEST, REQUEST_XML, soap="http://www.w3.org/2003/05/soap-envelope"), "soap:VersionMismatch "),
    "another service": (envelope(DIGEST, REQUEST_XML, service=SERVICE + "/"), "must contain exactly"),
    "no XML": (b"<soap:Envelope", "There is an error in XML document"),
    "Latin-1": (RIGHT.replace("<Digest>", "<Digest>\u00e9").encode("latin-1"), "Invalid character in the given encoding."),
    "a document type": (f"<!DOCTYPE a [<!ENTITY b 'c'>]>{RIGHT}".encode(), "DTD is prohibited"),
    "a document type inside": (message(TEXT.replace("<Ver", "<!DOCTYPE a><Ver", 1)), "DTD is prohibited"),
    "a header": (RIGHT.replace("<soap:Body>", "<soap:Header/><soap:Body>").encode(), "must contain exactly"),
    "another order": (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><BatchActivate xmlns="{SERVICE}"><request><RequestXml>{REQUEST_XML}</RequestXml>'
        f"<Digest>{DIGEST}</Digest></request></BatchActivate></soap:Body></soap:Envelope>".encode(),
        "must contain exactly",
    ),
    "one field more": (RIGHT.replace("</request>", "<Name>srv</Name></request>").encode(), "must contain exactly"),
    "an attribute": (RIGHT.replace("<Digest>", '<Digest a="b">').encode(), "must contain exactly"),
    "another namespace": (message(text_of(1, question(PID, IID), space=SERVICE)), f"ActivationRequest in namespace {REQUEST}."),
    "another version": (message(text_of(1, question(PID, IID), version="1.0")), "VersionNumber must be 2.0."),
    "another type": (message(text_of(3, question(PID, IID))), "RequestType must be 1 or 2."),
    "no question": (message(text_of(1)), "Requests must contain one Request, not 0."),
    "two questions": (message(text_of(1, question(PID, IID), question(PID, IID))), "Requests must contain one Request, not 2."),
    "no installation ID": (message(text_of(1, question(PID))), "must contain exactly"),
    "an installation ID too many": (message(text_of(2, question(PID, IID))), "must contain exactly"),
    "the name of a machine": (message(text_of(1, question(PID, IID) + "<Name>srv</Name>")), "must contain exactly"),
    "an element in the place of text": (message(text_of(1, f"<PID><PID/></PID><IID>{IID}</IID>")), "must contain text."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_message_that_differs_from_the_facts_is_a_soap_fault(batch_lab: BatchLab, case: str) -> None:
    body, text = REFUSED[case]
    reply = batch_lab.post(body)
    assert (reply.status, reply.headers["Content-Type"]) == (500, "text/xml; charset=utf-8")
    assert text in reply.fault()
    assert batch_lab.client.batch_requests()[-1]["outcome"] == reply.fault()


def test_blanks_between_elements_change_nothing(batch_lab: BatchLab) -> None:
    pid, _ = batch_lab.shown("srv")
    assert batch_lab.post(message(text_of(2, question(pid)).replace("><", ">\r\n  <"))).entry()["PID"] == pid


def test_the_log_shows_what_was_asked_letter_by_letter(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("srv")
    batch_lab.ask(pid, iid)
    batch_lab.ask(pid)
    first, second = batch_lab.client.batch_requests()
    assert (first["method"], first["path"], first["client"]) == ("POST", "/BatchActivation/BatchActivation.asmx", "127.0.0.1")
    assert (first["through_proxy"], first["has_key"], first["request_type"]) == (False, False, 1)
    assert {name: first["headers"][name] for name in HEADERS} == HEADERS
    assert first["request_xml"] == text_of(1, question(pid, iid))
    assert first["body"].encode() == envelope(*signed(first["request_xml"]))
    assert first["questions"] == [{"extended_pid": pid, "installation_id": iid, "machine": "srv"}]
    assert (first["outcome"], second["outcome"]) == ("confirmation ID", f"remaining {batch_lab.key(MAK)['remaining']}")
    assert second["questions"] == [{"extended_pid": pid, "installation_id": None, "machine": "srv"}]


@pytest.mark.parametrize("entry", [question(PID, MAK), question(MAK.replace("-", ""), IID)])
def test_a_product_key_in_a_question_is_noted_and_never_shown(batch_lab: BatchLab, entry: str) -> None:
    batch_lab.post(message(text_of(1, entry)))
    batch_lab.post(message(), {**HEADERS, "X-Key": MAK})
    for logged in batch_lab.client.batch_requests():
        assert logged["has_key"]
        assert "MMMMM" not in str(logged)
        assert [logged[name] for name in ("path", "headers", "body", "request_xml", "questions")] == [None] * 5


def test_the_certificate_is_of_the_labs_authority_alone(batch_lab: BatchLab) -> None:
    connection = http.client.HTTPSConnection(batch_lab.address, 8443, timeout=30, context=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("POST", "/")


def test_an_office_key_is_in_the_book_with_its_product(batch_lab: BatchLab) -> None:
    key = batch_lab.key(str(batch_lab.product("pc", "Office")["PartialProductKey"]))
    assert (key["channel"], key["fits"]) == ("mak", [OFFICE])


def test_an_answer_can_be_read_as_it_is_documented(batch_lab: BatchLab) -> None:
    reply: Reply = batch_lab.ask(batch_lab.shown("srv")[0])
    text = reply.body.decode()
    assert '<ResponseXml>&lt;?xml version="1.0" encoding="utf-16"?&gt;' in text
    assert "&lt;VersionNumber&gt;1.0&lt;/VersionNumber&gt;" in text
    assert "&lt;ResponseType&gt;2&lt;/ResponseType&gt;" in text
