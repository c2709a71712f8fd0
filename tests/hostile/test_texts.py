# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a machine says reaches output, log and results as visible text of one line, and a key it sends back is in none of them."""

from __future__ import annotations

import base64
import html
import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from playbook import Run, run_playbook
from winlab.client import LabClient

from . import behaviors, between
from .listeners import ADDRESS, NETWORK, Behavior, Listener, Request, read_request

ESTATE = "texts.yml"
SPEAKER = f"127.{NETWORK}.34.10"
FQCN = "winops.volume_activation"
KEY = "MMMMM-KKKKK-MMMMM-22222-66666"

HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""What must not be printed; line feeds are Ansible's own."""
EVIL = "evil\u009b2J\u009b31mRED\u202eabc\u0085[ERROR]: forged\u2028next\nTASK [forged] ok=1\rX\u200b\ufeff\u2066y"
LEGITIMATE = "Windows(R) 運用 ボリューム® ويندوز"
SEPARATORS = ("", " ", "  ", "\n", ", ", "/", ":", "+", ";", "|", "_", "--", " - ", "\u200b", "%2D", "&#45;")
ECHOES = [
    KEY,
    KEY.lower(),
    KEY.swapcase(),
    *(KEY.replace("-", separator) for separator in SEPARATORS),
    html.escape(KEY.replace("-", "&#x2D;")),
    f"x{KEY.replace('-', '')}x",
    " ".join(KEY),
    KEY[::-1],
    KEY[:24],
    *(base64.b64encode(b"\0" * shift + KEY.encode(encoding)).decode() for shift in range(3) for encoding in ("utf-8", "utf-16-le")),
    KEY.encode().hex(),
    KEY.encode("utf-16-le").hex(),
    "".join(chr(ord(character) + 0xFEE0) for character in KEY),
]

Change = Callable[[str], str]


def passing_on(change: Change) -> Behavior:
    """Hand requests on to the machine, and its answers back with other texts."""

    def behavior(request: Request) -> Iterator[bytes]:
        with socket.create_connection((SPEAKER, 5985)) as machine:
            machine.sendall(request.head + b"\r\n\r\n" + request.body)
            answer = read_request(machine)
        assert answer is not None
        yield between.as_bytes(answer, change(answer.body.decode()).encode())

    return behavior


def saying(text: str, *properties: str) -> Change:
    """Put a text into some properties of every instance."""
    found = re.compile(rf"<((?:\w+:)?(?:{'|'.join(properties)}))(?: [^>]*)?(?:/>|>.*?</\1>)", re.DOTALL)
    return lambda body: found.sub(lambda match: f"<{match[1]}>{html.escape(text)}</{match[1]}>", body)


def refusing(text: str) -> Behavior:
    """Answer every request with a fault of this text."""
    fault = between.FAULT.replace("<f:Message>no<", f"<f:Message>{html.escape(text)}<").replace("2147942405", "2147749889")
    return lambda request: [behaviors.whole(500, behaviors.envelope(request, fault))]


SPEAKERS: dict[str, Behavior] = {
    "captions": passing_on(saying(EVIL, "Name", "Description", "Caption", "CSName", "LicenseFamily", "ProductKeyID")),
    "legitimate": passing_on(saying(LEGITIMATE, "Caption")),
    "fault": refusing(EVIL),
    "status": lambda _: [b"\x1b]0;owned\x07\x1b[2J\x1b[31mHELLO evil\r\n\r\n"],
    "reason": lambda _: [b"HTTP/1.1 500 \x1b[2J\xc2\x9breason\r\nContent-Type: text/\x1b[31mevil\r\nContent-Length: 5\r\n\r\nhello"],
    "echo": refusing(f"refused: {' | '.join(ECHOES)} (end)"),
    "names": passing_on(saying(f"Product with key {KEY.replace('-', '/')}", "Name", "Description")),
}


@dataclass(frozen=True)
class Said:
    """What came of it: results by machine and module, and every text that was written."""

    info: Mapping[str, Mapping[str, Any]]
    key: Mapping[str, Mapping[str, Any]]
    run: Run
    texts: Mapping[str, str]


@pytest.fixture(scope="module")
def said(lab: LabClient, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """One run with everything switched on that writes something down."""
    del lab
    folder = tmp_path_factory.mktemp("texts")
    hosts = {}
    with ExitStack() as stack:
        for name, behavior in SPEAKERS.items():
            listener = Listener(behavior)
            stack.callback(listener.close)
            hosts[name] = {"ansible_host": ADDRESS, "ansible_port": listener.port}
        login = {"ansible_user": "LabAdmin", "ansible_password": "Lab-Passw0rd!", "ansible_connection": "winrm"}
        basic = {"ansible_winrm_scheme": "http", "ansible_winrm_transport": "basic", "ansible_become": False, "key": KEY}
        inventory, book, log = folder / "inventory.yml", folder / "book.yml", folder / "log"
        inventory.write_text(yaml.safe_dump({"all": {"vars": {**login, **basic}, "hosts": hosts}}), encoding="utf-8")
        tasks = [
            # What the machine sends back is known only to a task that gives it.
            {"name": "Read", f"{FQCN}.activation_info": {}, "register": "read", "when": "inventory_hostname != 'echo'"},
            {"name": "Install", f"{FQCN}.product_key": {"product_key": "{{ key }}"}},
            {"name": "Show", "ansible.builtin.debug": {"msg": "{{ read }}"}},
        ]
        play = {"name": "Ask", "hosts": "all", "gather_facts": False, "ignore_errors": True, "ignore_unreachable": True, "tasks": tasks}
        book.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
        with (folder / "output").open("w", encoding="utf-8") as output:
            env = {"ANSIBLE_VERBOSITY": "4", "ANSIBLE_LOG_PATH": str(log), "ANSIBLE_DIFF_ALWAYS": "1"}
            run = run_playbook(book, inventory, folder / "record.json", output=output, options=("--forks", "8"), env=env)
    texts = {path.name: path.read_text(encoding="utf-8", errors="surrogateescape") for path in (folder / "output", log)}
    results = json.dumps([task.hosts for task in run.tasks], ensure_ascii=False)
    return Said(run.results(f"{FQCN}.activation_info"), run.results(f"{FQCN}.product_key"), run, {**texts, "results": results})


def test_nothing_of_what_a_machine_says_moves_the_cursor_breaks_a_line_or_hides(said: Said) -> None:
    for place, text in said.texts.items():
        found = HARMFUL.search(text)
        assert found is None, f"{place}: {text[max(0, found.start() - 80) : found.end() + 40]!r}"
        assert not re.search(r"^(TASK \[forged\]|\[ERROR\]: forged)", text, re.MULTILINE), place
    for task in said.run.tasks:
        assert [text for text in strings(task.hosts) if HARMFUL.search(text)] == []


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield str(name)
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)
    elif isinstance(value, str):
        yield value


def test_what_was_there_is_visible(said: Said) -> None:
    expected = "evil\ufffd2J\ufffd31mRED\ufffdabc\ufffd[ERROR]: forged\ufffdnext"
    assert expected in said.info["captions"]["products"][0]["name"]
    assert "evil\ufffd2J\ufffd31mRED" in said.key["fault"]["msg"]
    assert said.key["fault"]["status"] == "failed"
    assert {said.info[name]["status"] for name in ("status", "reason")} <= {"unreachable", "failed"}


def test_text_in_any_script_stays_whole(said: Said) -> None:
    assert said.info["legitimate"]["machine"]["caption"] == LEGITIMATE


def test_a_key_that_a_machine_sends_back_shows_in_no_form(said: Said) -> None:
    assert said.key["echo"]["status"] == "failed"
    assert "refused:" in said.key["echo"]["msg"]
    assert "(end)" in said.key["echo"]["msg"]
    for place, text in said.texts.items():
        kept = [echo for echo in ECHOES if any(form in text for form in (echo, json.dumps(echo)[1:-1], echo.replace("\n", "\ufffd")))]
        assert kept == [], f"{place}: {kept}"
        row = "".join(filter(str.isalnum, text)).lower()
        assert re.search("mmmmmkkkkk|kkkkkmmmmm|mmmmm22222|66666222|4d4d4d4d4d2d4b|4d004d004d00", row) is None, place


def test_a_key_in_the_name_of_a_product_is_masked_too(said: Said) -> None:
    assert "XXXXX-XXXXX-XXXXX-XXXXX-66666" in said.info["names"]["products"][0]["name"]
