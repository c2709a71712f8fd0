# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file host that answers something else than the program does is refused with one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible import constants

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.file_host.channel import FileHost, FileHostError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.file_host.staging import Staging, Wanted

# Takes the place of the interpreter: finds the marker of the request, and answers with the text of the test. A shell starts it, because the
# first line of a program cannot name a path with a blank; Python reads the line of the shell as a text.
ANSWERS = """#!/bin/sh
'''exec' "{python}" "$0" # '''
import re, sys
sent = sys.stdin.buffer.read()
marker = re.findall(rb'"marker": "([0-9a-f]+)"', sent)[-1]
operation = re.findall(rb'"operation": "(\\w+)"', sent)[-1].decode()
sys.stdout.buffer.write(b"\\n" + marker + b"\\n" + {answers!r}[operation])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path


def host(folder: Path, **answers: bytes) -> FileHost:
    """A host on this machine whose interpreter gives these answers, by operation."""
    program = folder / "interpreter"
    program.write_text(ANSWERS.format(python=sys.executable, answers=answers), encoding="utf-8")
    program.chmod(0o700)
    own = {"ansible_connection": "local", "ansible_python_interpreter": str(program)}
    return FileHost("files01", {"hostvars": {"files01": own}, "inventory_hostname": "pc1"})


@pytest.mark.parametrize("answer", [b"", b"{", b"Last login: yesterday\n", b"\xff\n"])
def test_a_reply_of_another_form_is_refused(folder: Path, answer: bytes) -> None:
    with pytest.raises(FileHostError, match="The reply of the file host files01 is damaged"):
        host(folder, survey=answer).request("survey", read=(), write=(), folders=())


def test_contents_that_cannot_be_unpacked_are_refused(folder: Path) -> None:
    surveyed = b'{"read": [{"path": "/a", "size": 3, "mode": 384}], "write": [], "folders": []}\n'
    answers = {"survey": surveyed, "read": b'{"files": [{"size": 3, "digest": "0"}]}\nnot packed'}
    with pytest.raises(FileHostError, match="The reply of the file host files01 is damaged"):
        Staging(host(folder, **answers)).stage(Wanted(read=("/a",)))


def test_contents_with_another_digest_are_refused(folder: Path) -> None:
    surveyed = b'{"read": [{"path": "/a", "size": 0, "mode": 384}], "write": [], "folders": []}\n'
    answers = {"survey": surveyed, "read": b'{"files": [{"size": 0, "digest": "0"}]}\n'}
    with pytest.raises(FileHostError, match="was changed while it was read"):
        Staging(host(folder, **answers)).stage(Wanted(read=("/a",)))
