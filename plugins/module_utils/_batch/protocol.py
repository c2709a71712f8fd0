# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts about the batch activation service of Microsoft: its address, names, and constants.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Source: ActivationWs of a Microsoft engineer (MIT license, https://github.com/dadorner-msft/ActivationWs), which agrees with other public
clients. The service itself has no public description. Nothing here is a secret: the key of the digest is the same in every client, and
identifies nobody.
"""

from __future__ import annotations

SERVICE_URL = "https://activation.sls.microsoft.com/BatchActivation/BatchActivation.asmx"
SOAP_ACTION = "http://www.microsoft.com/BatchActivationService/BatchActivate"

SOAP_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE_NAMESPACE = "http://www.microsoft.com/BatchActivationService"
REQUEST_NAMESPACE = "http://www.microsoft.com/DRM/SL/BatchActivationRequest/1.0"
RESPONSE_NAMESPACE = "http://www.microsoft.com/DRM/SL/BatchActivationResponse/1.0"

VERSION = "2.0"
CONFIRMATION_ID_REQUEST, REMAINING_REQUEST = 1, 2
"""Values of RequestType: a confirmation ID for an installation ID, and the number of remaining activations of a MAK."""

DIGEST_KEY = bytes.fromhex("fe319875fb4884869cf3f1ce99a89064ab571fca470450583024e214628779a0") + bytes(32)
"""Key of the HMAC-SHA256 over the request in UTF-16LE. It authenticates nobody."""

SOURCE = "ActivationWs (MIT license)"
"""Name of the source in explanations of errors."""
