# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook with the installed tarball, the lab, and a controller that launches nothing."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import Any

import pytest
import yaml

import rulebook
from project import BIN, FQCN, ROOT, environment
from winlab.client import LabClient, running_lab

ESTATE = Path(__file__).with_name("estate.yml")
PATIENCE = 60.0
"""Seconds until a test gives up waiting for a line: a guard against a hang."""


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which only the tarball is installed, below `collections`."""
    missing = rulebook.why_missing()
    if missing:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("eda")
    env = environment()
    subprocess.run([BIN / "ansible-galaxy", "collection", "build", "--output-path", folder, ROOT], check=True, capture_output=True, env=env)
    (tarball,) = folder.glob("*.tar.gz")
    install = [rulebook.BIN / "ansible-galaxy", "collection", "install", "--offline", "--collections-path", folder / "collections", tarball]
    subprocess.run(install, check=True, capture_output=True, env=isolated(folder), cwd=folder)
    return folder


def isolated(place: Path) -> dict[str, str]:
    """An environment with the programs of build/eda, in which the checkout and its .venv cannot be found."""
    found = environment(
        ANSIBLE_HOME=str(place / "home"),
        ANSIBLE_COLLECTIONS_PATH=str(place / "collections"),
        VIRTUAL_ENV=str(rulebook.VENV),
    )
    found["PATH"] = found["PATH"].replace(str(BIN), str(rulebook.BIN))
    del found["ANSIBLE_CONFIG"]
    return found


@dataclass
class Watcher:
    """A running ansible-rulebook, and the lines of its output."""

    process: subprocess.Popen[str]
    lines: Queue[str] = field(default_factory=Queue)
    seen: list[str] = field(default_factory=list)
    thread: threading.Thread | None = None

    def follow(self) -> None:
        """Read the output in a thread, so that the process never waits for a reader."""
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self) -> None:
        assert self.process.stdout
        with self.process.stdout as stream:
            for line in stream:
                self.lines.put(line.rstrip("\n"))

    def wait_for(self, *words: str) -> str:
        """Return the first line, from the last one that was returned, that contains all of the words."""
        end = monotonic() + PATIENCE
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - monotonic()))
            except Empty:
                pytest.fail(f"no line with {words} in:\n" + "\n".join(self.seen))
            self.seen.append(line)
            if all(word in line for word in words):
                return line

    def stop(self) -> str:
        """End the process, and return its whole output."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.thread:
            self.thread.join()
        while not self.lines.empty():
            self.seen.append(self.lines.get())
        return "\n".join(self.seen)


class Rulebooks:
    """Starts rulebooks of the collection by their full names."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._running: list[Watcher] = []

    def start(self, name: str, variables: dict[str, Any], *options: str) -> Watcher:
        """Start a rulebook with variables."""
        number = len(self._running)
        given, inventory = self.place / f"vars-{number}.yml", self.place / "empty.yml"
        given.write_text(yaml.safe_dump(variables), encoding="utf-8")
        inventory.write_text("all: {}\n", encoding="utf-8")
        command = [rulebook.BIN / "ansible-rulebook", "--rulebook", name, "-i", inventory, "--vars", given, *options]
        process = subprocess.Popen(
            command, cwd=self.place, env=isolated(self.place), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        watcher = Watcher(process)
        watcher.follow()
        self._running.append(watcher)
        return watcher

    def stop(self) -> None:
        """End all of them."""
        for watcher in self._running:
            watcher.stop()


@pytest.fixture(scope="session")
def rulebooks(place: Path) -> Iterator[Rulebooks]:
    found = Rulebooks(place)
    yield found
    found.stop()


@pytest.fixture(scope="session")
def lab() -> Iterator[tuple[LabClient, Path]]:
    with running_lab(ESTATE) as running:
        yield running


@pytest.fixture(scope="session")
def records(place: Path, lab: tuple[LabClient, Path]) -> Path:
    """The record file of the lab, written by the module of the installed tarball with the packages of build/eda."""
    path = place / "fleet.jsonl"
    task = {f"{FQCN}.activation_fleet_info": {"record_path": str(path)}, "delegate_to": "localhost", "run_once": True}
    book = place / "read.yml"
    book.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    command = [rulebook.BIN / "ansible-playbook", "-i", lab[1], book]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=isolated(place), cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    return path


@dataclass
class Controller:
    """What was launched at the controller: the path of the template, and the body of the request."""

    url: str
    launched: Queue[tuple[str, dict[str, Any]]] = field(default_factory=Queue)


TEMPLATES = {
    "workflow_job_template": "/api/v2/workflow_job_templates/7/launch/",
    "job_template": "/api/v2/job_templates/8/launch/",
}


def _reply(path: str) -> dict[str, Any]:
    if path.startswith("/api/v2/config/"):
        return {"version": "4.6.0"}
    asks = dict.fromkeys((f"ask_{name}_on_launch" for name in ("limit", "labels", "inventory", "variables")), True)
    templates = [
        {"id": number, "type": kind, "name": "Replace a KMS host", "related": {"launch": launch}, **asks, "ask_labels_on_launch": False}
        for number, (kind, launch) in enumerate(TEMPLATES.items())
    ]
    return {"count": len(templates), "next": None, "results": templates if "unified_job_templates" in path else []}


@pytest.fixture
def controller() -> Iterator[Controller]:
    """The endpoints of AWX that ansible-rulebook needs to launch a template. Its token is "secret"."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(_reply(self.path))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Authorization"] == "Bearer secret"
            found.launched.put((self.path, body))
            self._send({"id": 1, "url": "/api/v2/jobs/1/", "status": "pending"})

        def _send(self, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ExitStack() as stack:
        server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        found = Controller(f"http://127.0.0.1:{server.server_address[1]}/")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield found
