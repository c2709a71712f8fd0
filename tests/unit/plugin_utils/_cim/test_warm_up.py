# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logon to nobody goes the whole way, and the network has no part in it."""

from __future__ import annotations

import importlib
import re
import socket
import sys
import warnings
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import warm_up as warming
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import ResponseLostError

pytest.importorskip("winrm.protocol")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")


def test_the_answer_in_clear_is_read() -> None:
    warming.exchange("basic", warming.BASIC)


def test_the_logon_by_ntlm_comes_to_an_encrypted_message_whose_answer_is_refused() -> None:
    """The answer was decrypted: only then its signature is wrong."""
    with pytest.raises(ResponseLostError, match="Invalid Message integrity Check"):
        warming.exchange("ntlm", warming.NTLM)


def test_workers_do_not_compile_the_expression_for_multipart_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    compiler = importlib.import_module("re._compiler" if sys.version_info >= (3, 11) else "sre_compile")
    compile_ = compiler.compile
    monkeypatch.setattr(compiler, "compile", lambda pattern, *rest: [compiled.append(pattern), compile_(pattern, *rest)][1])
    re.purge()
    warming.warm_up()
    assert any("Encrypted" in str(pattern) for pattern in compiled)
    compiled.clear()
    warming.warm_up()
    assert compiled == []


def test_nothing_is_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warming.exchange("basic", warming.BASIC)
        warming.warm_up()


def test_a_library_that_is_missing_or_fails_is_a_matter_of_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "Protocol", None)
    warming.warm_up()
    monkeypatch.setattr(warming, "Protocol", object())
    warming.warm_up()
