# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-lint reports of the options of a task: what is wrong in any case, and nothing that templates or defaults could set right."""

from __future__ import annotations

import importlib
import io
import json
from typing import Any

import pytest
import yaml

from project import FQCN, ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
COLLECTION = f"ansible_collections.{FQCN}.plugins"
KEY = "MMMMM-KKKKK-MMMMM-HVTHP-2BCDF"
SECRET = "bGFiIHNlY3JldCBmb3Iga21zLXVwZGF0ZSByZWNvcmRz"


class Lint:
    """Calls `main` of an action plugin as ansible-lint does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, module: str, **options: Any) -> str | None:
        """Return the message about the options, or None if they are right."""
        self.monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"ANSIBLE_MODULE_ARGS": options})))
        try:
            importlib.import_module(f"{COLLECTION}.action.{module}").main()
        except SystemExit:
            return str(json.loads(self.capsys.readouterr().out)["msg"])
        return None


@pytest.fixture
def lint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lint:
    return Lint(monkeypatch, capsys)


@pytest.mark.parametrize("module", MODULES)
def test_misspelled_option_is_reported_for_every_module(lint: Lint, module: str) -> None:
    assert str(lint(module, such_option=1)).startswith(f"{module}: unknown option such_option; ")


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_every_module_are_right(lint: Lint, module: str) -> None:
    tasks = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{module}").EXAMPLES)
    own = [(name.rpartition(".")[2], task[name] or {}) for task in tasks for name in task if name.startswith(FQCN)]
    assert module in dict(own)
    for name, options in own:
        assert lint(name, **options) is None, options


def test_similar_option_is_named(lint: Lint) -> None:
    assert lint("kms_client", kms_hots="kms01.example.com") == "kms_client: unknown option kms_hots; did you mean kms_host or kms_port?"


def test_misspelled_suboption_is_reported_also_beside_a_template(lint: Lint) -> None:
    message = lint("kms_host", host_keys=[{"product_key": "{{ csvlk }}"}, {"product_kye": "{{ csvlk }}"}])
    assert message == "kms_host: host_keys: item 2: unknown option product_kye; did you mean product_key or product_name?"


def test_misspelled_suboption_of_a_module_on_the_host_of_the_task_is_reported(lint: Lint) -> None:
    message = lint("kms_srv_record", records=[{"host": "kms01", "priorty": 1}])
    assert message == "kms_srv_record: records: item 1: unknown option priorty; did you mean priority or port?"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"application": "word"}, "kms_client: application: 'word' is not one of windows, office, all"),
        ({"kms_port": "http"}, "kms_client: kms_port: 'http' is not a whole number"),
        ({"kms_port": 70000}, "kms_client: kms_port: 70000 is not a TCP port from 1 to 65535"),
        ({"kms_host": "kms01", "discovery": True}, "kms_client: kms_host cannot be combined with discovery"),
    ],
)
def test_wrong_literal_value_is_reported(lint: Lint, options: dict[str, Any], message: str) -> None:
    assert lint("kms_client", **options) == message


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("kms_client", {"application": "{{ app }}", "kms_port": "{{ port }}"}),
        ("kms_client", {"products": "{{ products }}", "application": "{{ app }}"}),
        ("kms_client", {"kms_host": "{{ host | default(omit) }}", "discovery": True}),
        ("kms_host", {"host_keys": "{{ keys }}"}),
        ("mak_client", {"product_key": "$ANSIBLE_VAULT;1.1;AES256\n6238"}),
        ("mak_client", {"product_key": "{% if new %}{{ a }}{% else %}{{ b }}{% endif %}"}),
        ("kms_srv_record", {"records": [{"host": "{{ item }}", "port": "{{ port }}"}]}),
    ],
)
def test_value_with_a_template_is_not_checked(lint: Lint, module: str, options: dict[str, Any]) -> None:
    assert lint(module, **options) is None


@pytest.mark.parametrize("module", MODULES)
def test_missing_option_is_not_reported_because_module_defaults_could_have_it(lint: Lint, module: str) -> None:
    assert lint(module) is None


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("mak_client", {"product_kye": KEY}),
        ("mak_client", {"activation_method": KEY}),
        ("kms_srv_record", {"key_secrt": SECRET, "state": "gone"}),
        ("kms_srv_record", {"key_secret": SECRET, "state": "gone"}),
        ("kms_srv_record", {"key_secret": [SECRET], "dns_port": SECRET}),
    ],
)
def test_message_has_no_secret(lint: Lint, module: str, options: dict[str, Any]) -> None:
    message = lint(module, **options)
    assert message is not None
    assert KEY not in message
    assert SECRET not in message
