# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options, requirements, and notes of the modules that ask the batch activation service of Microsoft."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach the service, and the limits in time."""

    DOCUMENTATION = r"""
options:
  service_url:
    description:
      - URL of the batch activation service. Set it for a cloud with a service of its own, or for a test.
      - Must begin with C(https://). The module always verifies the certificate.
    type: str
    default: https://activation.sls.microsoft.com/BatchActivation/BatchActivation.asmx
  http_proxy:
    description:
      - URL of the HTTP proxy through which the module connects to the service, such as V(http://proxy.corp.example.com:3128). The default
        port is 3128.
      - If the URL begins with C(https://), the connection to the proxy itself uses TLS, and the module verifies the certificate of the
        proxy. The default port is 443.
      - Must not contain a user name or a password.
      - If not specified, the module uses the environment variables C(https_proxy) and C(no_proxy) of the machine that runs the task.
      - Requires O(use_proxy=true).
    type: str
  http_proxy_username:
    description:
      - User name for the proxy, with or without a domain, such as V(CORP\\ansible).
      - The module authenticates with NTLM if the proxy accepts NTLM or Negotiate, and with Basic otherwise. It does not use Kerberos. NTLM
        requires the Python package C(pyspnego) where the module runs.
      - Requires a proxy.
    type: str
  http_proxy_password:
    description:
      - Password for the proxy. With Basic, the password can be read on the way to the proxy, unless O(http_proxy) begins with C(https://).
      - Requires O(http_proxy_username).
    type: str
  use_proxy:
    description:
      - Whether to use a proxy. If V(false), the module ignores the environment variables and connects directly.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a file on the machine that runs the task, with certificates of certification authorities in PEM format. The module then
        trusts these certification authorities only.
      - Specify an absolute path, because a relative path is relative to the directory in which Ansible runs the module, on the
        controller the directory of the playbook.
      - Set it if a proxy of your network decrypts TLS. If O(http_proxy) begins with C(https://), the file must also contain the
        certification authority of the proxy.
      - If not specified, the module trusts the certification authorities of the machine that runs the task.
    type: path
  timeout:
    description:
      - Time in seconds for each request, from the connection to the end of the response.
      - Must be between 1 and 600.
    type: int
    default: 60
  deadline:
    description:
      - Time in seconds for all requests of the task. After that, the module does not send another request.
      - Must be between 1 and 86400.
    type: int
    default: 1800
  parallel_requests:
    description:
      - Maximum number of requests at the same time. The module sends the first request alone.
      - Must be between 1 and 16.
    type: int
    default: 4
attributes:
  action_group:
    description: "Use C(group/winops.volume_activation.batch_activation) in C(module_defaults) to set the options of the connection to
      Microsoft, such as O(http_proxy), for all modules of the group."
    support: full
    membership:
      - winops.volume_activation.batch_activation
  async:
    description: Can be run in the background with C(async).
    support: full
  platform:
    description: Operating systems that the module can run on. Delegate the task to the controller or to another Unix machine.
    platforms: posix
    support: full
requirements:
  - Python 3.10 or newer where the module runs.
notes:
  - The module runs on the target of the task, which cannot be a Windows machine. Use C(delegate_to) to name a machine that reaches
    the internet, directly or through a proxy.
  - The module sends extended product IDs and installation IDs, and nothing else about your machines. It never sends a product key or the
    name of a machine.
  - The service has no public description. The source of everything about it is the source code of public clients. The module was tested
    with a simulation of the service, and not with the service of Microsoft.
  - The module does not follow redirects, and does not accept a response of more than 1 MiB. If three requests in a row fail, or if the
    first request cannot be sent, the module does not send the other requests.
"""
