# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server of the simulated controller: addresses, filters, pages, tokens, and the launch of workflows."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import rules
from .kinds import KINDS
from .store import Item, RefusedError, Store

VERSION = "24.6.1"
PAGE_SIZE = 25
_ADDRESS = re.compile(r"/api/v2/(?P<list>\w+)/(?:(?P<number>\d+)/)?(?:(?P<part>\w+)/)?")
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass
class Controller:
    """A controller with its objects, its tokens, and the requests that it got."""

    store: Store
    token: str = "a-token-that-writes"
    read_token: str = "a-token-that-reads"
    outcomes: list[str] = field(default_factory=lambda: ["successful"])
    """Status of each workflow that is launched, one after the other. The last one is used again."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that could change something."""
        return [request for request in self.requests if request[0] in _WRITES]

    def names(self, endpoint: str) -> list[str]:
        """The names of the objects of a list."""
        return [str(item.get("name") or item.get("identifier")) for item in self.store.listed(endpoint)]

    def named(self, endpoint: str, name: str) -> Item:
        """The object with this name."""
        (found,) = [item for item in self.store.listed(endpoint) if item["name"] == name]
        return found

    def answer(self, method: str, address: str, authorization: str, given: Mapping[str, Any]) -> tuple[int, Any]:
        """Return the status and the body of the answer to a request."""
        self.requests.append((method, address))
        parts = urlsplit(address)
        try:
            self._authorize(method, authorization)
            match = _ADDRESS.fullmatch(parts.path)
            if not match or match["list"] not in {*KINDS, "unified_job_templates"}:
                raise RefusedError(404, {"detail": "The requested resource could not be found."})
            if match["number"] is None:
                return self._of_list(method, match["list"], dict(parse_qsl(parts.query, keep_blank_values=True)), given, parts.path)
            if match["part"] is None:
                return self._of_item(method, match["list"], int(match["number"]), given)
            return self._of_part(method, match["list"], int(match["number"]), match["part"], given, parts)
        except RefusedError as refused:
            return refused.status, refused.body

    def _authorize(self, method: str, authorization: str) -> None:
        if authorization not in (f"Bearer {self.token}", f"Bearer {self.read_token}"):
            raise RefusedError(
                401, {"detail": "Authentication credentials were not provided. To establish a login session, visit /api/login/."}
            )
        if method in _WRITES and authorization != f"Bearer {self.token}":
            raise RefusedError(403, {"detail": "You do not have permission to perform this action."})

    def _of_list(self, method: str, endpoint: str, query: dict[str, str], given: Mapping[str, Any], path: str) -> tuple[int, Any]:
        if method == "POST" and endpoint in KINDS and endpoint not in ("roles", "workflow_jobs", "workflow_approval_templates"):
            return 201, self._shown(endpoint, self.store.create(endpoint, given))
        if method != "GET":
            raise RefusedError(405, {"detail": f'Method "{method}" not allowed.'})
        return 200, self._page(endpoint, self.store.listed(endpoint), query, path)

    def _page(self, endpoint: str, items: list[Item], query: dict[str, str], path: str) -> Item:
        page = int(query.pop("page", "1"))
        found = [item for item in items if self._matches(endpoint, item, query)]
        last = page * PAGE_SIZE
        following = "&".join([f"page={page + 1}", *(f"{name}={value}" for name, value in query.items())])
        results = [self._shown(self._list_of(endpoint, item), item) for item in found[last - PAGE_SIZE : last]]
        return {"count": len(found), "next": f"{path}?{following}" if len(found) > last else None, "previous": None, "results": results}

    def _matches(self, endpoint: str, item: Item, query: Mapping[str, str]) -> bool:
        known = {"id", "type", *(KINDS[endpoint].fields if endpoint in KINDS else ("name", "organization"))}
        unknown = {name.removeprefix("or__") for name in query} - known
        if unknown:
            raise RefusedError(400, {"detail": f"{endpoint} has no field named '{min(unknown)}'"})
        either = {name.removeprefix("or__"): value for name, value in query.items() if name.startswith("or__")}
        every = {name: value for name, value in query.items() if not name.startswith("or__")}
        said = {name: "" if item.get(name) is None else str(item.get(name)) for name in known}
        return all(said[name] == value for name, value in every.items()) and (
            not either or any(said[name] == value for name, value in either.items())
        )

    @staticmethod
    def _list_of(endpoint: str, item: Item) -> str:
        return (
            next(kind.endpoint for kind in KINDS.values() if kind.type == item["type"]) if endpoint == "unified_job_templates" else endpoint
        )

    def _of_item(self, method: str, endpoint: str, number: int, given: Mapping[str, Any]) -> tuple[int, Any]:
        item = self.store.found(endpoint, number)
        if method in ("PATCH", "PUT"):
            item = self.store.change(endpoint, number, given)
        elif method == "DELETE":
            self.store.delete(endpoint, number)
            return (202 if endpoint == "inventories" else 204), None
        elif method != "GET":
            raise RefusedError(405, {"detail": f'Method "{method}" not allowed.'})
        if endpoint == "workflow_jobs":
            self._advance(item)
        return 200, self._shown(endpoint, item)

    def _of_part(self, method: str, endpoint: str, number: int, part: str, given: Mapping[str, Any], parts: Any) -> tuple[int, Any]:
        item = self.store.found(endpoint, number)
        if part == "survey_spec" and KINDS[endpoint].has_survey:
            return self._survey(method, (endpoint, number), given)
        if part == "create_approval_template" and endpoint == "workflow_job_template_nodes" and method == "POST":
            approval = self.store.create("workflow_approval_templates", given)
            item["unified_job_template"] = approval["id"]
            return 201, self._shown("workflow_approval_templates", approval)
        if part == "launch" and endpoint == "workflow_job_templates" and method == "POST":
            return 201, self._launched(item, given)
        if method == "POST":
            self.store.associate(endpoint, number, part, given)
            return 204, None
        linked = [self.store.found(KINDS[endpoint].associations[part], each) for each in self.store.associated(endpoint, number, part)]
        return 200, self._page(KINDS[endpoint].associations[part], linked, dict(parse_qsl(parts.query)), parts.path)

    def _survey(self, method: str, key: tuple[str, int], given: Mapping[str, Any]) -> tuple[int, Any]:
        if method == "POST":
            error = rules.survey_error(given)
            if error:
                raise RefusedError(400, {"error": error})
            self.store.surveys[key] = given
        elif method == "DELETE":
            self.store.surveys.pop(key, None)
        return 200, self.store.surveys.get(key, {}) if method == "GET" else {}

    def _launched(self, template: Item, given: Mapping[str, Any]) -> Item:
        answers = given.get("extra_vars") or {}
        answers = json.loads(answers) if isinstance(answers, str) else answers
        spec = self.store.surveys.get(("workflow_job_templates", template["id"]), {}) if template["survey_enabled"] else {}
        wrong = rules.answer_errors(spec, answers)
        if wrong:
            raise RefusedError(400, {"variables_needed_to_start": wrong})
        job = self.store.create("workflow_jobs", {"name": template["name"], "extra_vars": json.dumps(answers)})
        return {**self._shown("workflow_jobs", job), "workflow_job": job["id"], "ignored_fields": {}}

    def _advance(self, job: Item) -> None:
        """A job is pending, then running, then finished, each time that somebody looks at it."""
        if job["status"] == "pending":
            job["status"] = "running"
        elif job["status"] == "running":
            job["status"] = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
            job["failed"] = job["status"] != "successful"
            job["finished"] = "2026-11-30T12:00:00Z"

    def _shown(self, endpoint: str, item: Item) -> Item:
        kind, url = KINDS[endpoint], f"/api/v2/{endpoint}/{item['id']}/"
        related = {name: f"{url}{name}/" for name in kind.associations}
        if kind.has_survey:
            related |= {"survey_spec": f"{url}survey_spec/", "launch": f"{url}launch/"}
        if item.get("unified_job_template"):
            started = self.store.found("unified_job_templates", item["unified_job_template"])
            related["unified_job_template"] = f"/api/v2/{self._list_of('unified_job_templates', started)}/{started['id']}/"
        roles = [role for role in self.store.items["roles"].values() if role["object"] == f"{endpoint}/{item['id']}"] if kind.roles else []
        summary: Item = {"object_roles": {role["name"]: {"id": role["id"], "name": role["name"]} for role in roles}} if roles else {}
        return {**item, "url": url, "related": related, "summary_fields": summary}


class _Handler(BaseHTTPRequestHandler):
    controller: Controller
    protocol_version = "HTTP/1.1"

    def _respond(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = json.loads(text) if text else {}
        status, body = self.controller.answer(self.command, self.path, self.headers.get("Authorization", ""), given)
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", VERSION)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _respond  # noqa: N815

    def log_message(self, *_parts: Any) -> None:
        """Nothing: the requests are in the controller."""


@contextmanager
def serving(playbooks: Iterable[str], address: str = "127.0.0.1") -> Iterator[Controller]:
    """Serve a new controller on a free port until the end of the block."""
    controller = Controller(Store(playbooks))
    handler = type("Handler", (_Handler,), {"controller": controller})
    server = ThreadingHTTPServer((address, 0), handler)
    controller.url = f"http://{address}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield controller
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
