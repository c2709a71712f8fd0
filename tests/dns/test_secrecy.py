# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No TSIG secret and no password in anything a run prints or returns, however much it is asked to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kdc import write_krb5_conf
from server_process import free_port

from .harness import Ansible, Result, Task, by_kerberos, by_tsig, unsigned
from .servers.base import KEY_SECRET
from .servers.bind import Bind

WRONG_SECRET = "b25seSBhIHRlc3Qgb2Ygc2VjcmVjeSwgbm90IGEgc2VjcmV0"
PASSWORD = "password-of-the-secrecy-tests"
SECRETS = (KEY_SECRET, WRONG_SECRET, PASSWORD)


@pytest.fixture(scope="module")
def told(bind: Bind, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Result]]:
    """What runs of all kinds print at the highest verbosity, and what they return."""
    zone = "z39.test"
    lost = write_krb5_conf(tmp_path_factory.mktemp("realm") / "krb5.conf", "Z39.TEST", free_port())
    realm = {"environment": {"KRB5_CONFIG": str(lost)}}
    given = {"key_secret": "{{ key_secret }}"}
    login = {"service": "DNS/ns1@Z39.TEST", "principal": "kms@Z39.TEST", "password": "{{ password }}"}
    tasks = (
        Task(by_tsig(bind, zone, f"kms1.{zone}", **given), {"diff": True}),
        Task(by_tsig(bind, zone, f"kms2.{zone}", **given), {"check_mode": True, "diff": True}),
        Task(by_tsig(bind, zone, f"kms2.{zone}", key_secret="{{ wrong_secret }}")),
        Task(by_tsig(bind, zone, f"kms2.{zone}", key_secret="{{ wrong_secret }}", records=[{"host": "192.0.2.1"}])),
        Task(by_tsig(bind, zone, f"kms2.{zone}", key_secret="{{ password }}")),
        Task(by_kerberos(bind, zone, f"kms2.{zone}", **login), realm),
    )
    variables = {"key_secret": KEY_SECRET, "wrong_secret": WRONG_SECRET, "password": PASSWORD}
    results = ansible.tasks(*tasks, verbosity=4, variables=variables, warnings=True)
    return ansible.output, results


def test_the_runs_did_what_they_were_to_show(told: tuple[str, list[Result]]) -> None:
    assert [result["status"] for result in told[1]] == ["ok", "ok", *["failed"] * 4]


@pytest.mark.parametrize("number", range(len(SECRETS)), ids=["key", "wrong key", "password"])
def test_no_secret_is_in_the_output_or_in_a_result(number: int, told: tuple[str, list[Result]]) -> None:
    # Not by name, as the name of a failed test is printed too.
    assert SECRETS[number] not in told[0], "in the output"
    assert SECRETS[number] not in json.dumps(told[1]), "in a result"


def test_a_key_file_is_used_and_its_secret_is_told_nowhere(bind: Bind, ansible: Ansible, tmp_path: Path) -> None:
    zone = "z38.test"
    file, missing = tmp_path / "kms.key", tmp_path / "missing.key"
    file.write_text(f'key "kms-update" {{\n\talgorithm hmac-sha256;\n\tsecret "{KEY_SECRET}";\n}};\n', encoding="utf-8")
    file.chmod(0o600)
    wish = unsigned(bind, zone, f"kms1.{zone}", authentication="tsig")
    used, unusable = ansible.tasks(
        Task({**wish, "key_file": str(file)}), Task({**wish, "key_file": str(missing)}), verbosity=4, warnings=True
    )
    assert used["changed"]
    assert KEY_SECRET not in ansible.output + json.dumps([used, unusable])
    assert unusable["error"]["code"] == "invalid_key_file"
    assert str(missing) in unusable["error"]["meaning"]
