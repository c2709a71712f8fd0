# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog of the errors of the batch activation service in Japanese. Codes, categories, and names of options are not translated.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import NamedTuple


class Translation(NamedTuple):
    """The texts of a code; the steps are in the order of the English ones."""

    meaning: str
    cause: str
    next_steps: tuple[str, ...]


_OTHER_MAK = (
    "契約の別の MAK を使用してください。MAK は Microsoft 365 管理センター ([課金情報] > [お使いの製品] > [ボリューム ライセンス]) で"
    "確認できます。mak_client でインストールし、インストール ID をもう一度収集してください。"
)
_ASK_WHY = "キーがブロックされた理由を Microsoft に確認してください。連絡先は、ライセンス認証の電話窓口またはライセンスの窓口です。"
_NOT_BLOCKED = "Microsoft によるとキーがブロックされていない場合は、後でタスクを再実行してください。"
_BY_TELEPHONE = "これらのレコードについてはライセンス認証の電話窓口に連絡し、確認 ID をファイルに入力してください。"
_ADMIN_CENTER = "Microsoft 365 管理センター ([課金情報] > [お使いの製品] > [ボリューム ライセンス]) でキーを確認してください。"
_ASK_AGAIN = (
    "確認 ID をもう一度要求するには、ask_again: true を設定してください。Microsoft が最初の要求を数えていた場合は、ライセンス認証を"
    "もう 1 回使用することがあります。"
)
_ON_THE_HOST = (
    "KMS ホスト キーは、KMS ホスト自体で kms_host を使い、activation_method: online または telephone でライセンス認証してください。"
)
_CHECK_REMAINING = "mak_activations_info で、前後の残り回数を比較してください。"
_MAYBE_COUNTED = "Microsoft がライセンス認証を 1 回数えた可能性があります。"
_ASK_THE_PROXY = "どこから応答が返ったかを、プロキシの管理者に確認してください。"
_ROUTE = "タスクを実行するコンピューターからサービスまでの経路とファイアウォールを確認するか、http_proxy を設定してください。"
_SET_PROXY = "http_proxy にネットワークのプロキシを設定してください。"
_DELEGATE = "インターネットに接続できるコンピューターにタスクを委任してください。"
_COLLECT_AGAIN = "コンピューターのインストール ID をもう一度収集するか、ファイルの完全な写しからレコードを取得してください。"
_SERVICE_URL = "service_url を修正するか、設定しないでください。"
_OTHER_PROXY = "ネットワークのプロキシがサービスの代わりに応答しています。"

UNKNOWN = Translation(
    "Microsoft が、このコレクションのカタログにないエラー コードを返しました。",
    "このコードは文書化されていません。Microsoft がライセンス認証を数えたかどうかは分かりません。",
    (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
)

TRANSLATIONS = {
    "0x7F": Translation(
        "MAK のライセンス認証の回数が残っていません。",
        "契約のライセンス認証の回数を使い切りました。",
        (
            (
                "MAK のライセンス認証の回数を増やすよう Microsoft に依頼してください。連絡先は、"
                "ライセンス認証の電話窓口またはライセンスの窓口です。"
            ),
            "別の MAK を使用するか、KMS ホストに到達できるコンピューターを KMS でライセンス認証してください。",
        ),
    ),
    "0x67": Translation(
        "Microsoft がプロダクト キーをブロックしています。",
        "キーが不正使用または交換済みとして報告されました。サービスの一時的な障害でこのコードが返ったという利用者の報告もあります。",
        (_OTHER_MAK, _ASK_WHY, _NOT_BLOCKED),
    ),
    "0x68": Translation(
        "拡張 PID が、有効なプロダクト キーのものではありません。",
        "拡張 PID が変更されたか、インストール ID とは別の製品のものです。",
        ("activation_info でコンピューターの拡張 PID をもう一度読み取り、レコードを修正してください。", _ADMIN_CENTER),
    ),
    "0x86": Translation(
        "拡張 PID が、MAK ではないキーのものです。",
        "Microsoft がこの方法で確認 ID を発行するのは MAK だけです。コンピューターのキーは、製品版のキー、"
        "クライアント セットアップ キー (GVLK)、"
        "または KMS ホスト キーです。",
        ("mak_client で MAK をインストールし、インストール ID をもう一度収集してください。", _ON_THE_HOST, _BY_TELEPHONE),
    ),
    "0x90": Translation(
        "Microsoft がインストール ID を受け付けません。",
        "インストール ID が変更されたか、拡張 PID とは別のプロダクト キーのものです。",
        ("コンピューターからインストール ID と拡張 PID をもう一度収集し、タスクを再実行してください。",),
    ),
    "kms_host_key": Translation(
        "レコードは KMS ホスト キーのものです。サービスは KMS ホスト キーの確認 ID を発行しません。"
        "モジュールはこのレコードについて何も送信していません。",
        "レコードが手作業で書かれたか、別のツールから取り込まれました。Microsoft がこの方法で確認 ID を発行するのは MAK だけです。",
        (_ON_THE_HOST,),
    ),
    "invalid_installation_id": Translation(
        "レコードに有効なインストール ID がありません。モジュールはこのレコードについて何も送信していません。",
        "レコードをコピーしたときに、数字が変わったか失われました。",
        (_COLLECT_AGAIN,),
    ),
    "no_extended_pid": Translation(
        "レコードに、Microsoft が必要とする拡張 PID がありません。モジュールはこのレコードについて何も送信していません。",
        "レコードが古いか手作業で書かれたものです。または、コンピューターが拡張 PID を示さない Windows Server 2003 です。",
        ("コンピューターのインストール ID をもう一度収集してください。拡張 PID が追加されます。", _BY_TELEPHONE),
    ),
    "invalid_extended_pid": Translation(
        "レコードに有効な拡張 PID がありません。モジュールはこのレコードについて何も送信していません。",
        "レコードをコピーしたときに、拡張 PID が変わりました。",
        (_COLLECT_AGAIN,),
    ),
    "service_unresolved": Translation(
        "サービスの名前解決ができませんでした。",
        "タスクを実行するコンピューターがインターネットに接続できません。または、その DNS が公開された名前を解決せず、プロキシが必要です。",
        (_SET_PROXY, _DELEGATE),
    ),
    "service_unreachable": Translation(
        "サービスに到達できませんでした。",
        "ファイアウォールが接続をブロックしているか、ネットワークにプロキシが必要です。",
        (_ROUTE, _DELEGATE),
    ),
    "service_untrusted": Translation(
        "サービスの証明書が信頼されていません。モジュールは何も送信していません。",
        "ネットワークのプロキシが TLS を復号し、その証明機関がここでは知られていません。または、"
        "このコンピューターの証明書がないか古くなっています。",
        (
            "ca_path に、プロキシの証明機関の証明書を含むファイルを設定してください。",
            "公開された証明機関の証明書のパッケージ (ca-certificates など) を更新してください。",
        ),
    ),
    "service_no_tls": Translation(
        "サービスへの TLS 接続を確立できませんでした。",
        "ファイアウォールがこの名前への TLS 接続を切断しているか、相手が TLS 1.2 に対応していません。",
        (_ROUTE, "タスクを実行するコンピューターの時刻が正しいことを確認してください。"),
    ),
    "proxy_unresolved": Translation(
        "プロキシの名前解決ができませんでした。",
        "名前が誤っているか、タスクを実行するコンピューターが別の DNS を使用しています。",
        ("http_proxy を修正してください。",),
    ),
    "proxy_unreachable": Translation(
        "プロキシに到達できませんでした。",
        "プロキシがこのポートで待ち受けていないか、ファイアウォールが接続をブロックしています。",
        (
            "http_proxy のホストとポートを修正してください。",
            "タスクを実行するコンピューターからプロキシまでのファイアウォールを確認してください。",
        ),
    ),
    "proxy_untrusted": Translation(
        "プロキシの証明書が信頼されていません。モジュールは何も送信していません。",
        "プロキシの証明機関がここでは知られていないか、http_proxy の名前が証明書の名前と異なります。",
        ("ca_path に、プロキシとサービスの証明機関の証明書を含むファイルを設定してください。", "http_proxy の名前を修正してください。"),
    ),
    "proxy_no_tls": Translation(
        "プロキシへの TLS 接続を確立できませんでした。",
        "プロキシが、プロキシ自体への接続に TLS を使用しないか、TLS 1.2 に対応していません。",
        ("http_proxy に、http:// で始まるプロキシの URL を設定してください。サービスへの接続は、どの場合も暗号化されます。",),
    ),
    "proxy_authentication": Translation(
        "プロキシがユーザー名とパスワードを要求しているか、拒否しました (407)。",
        "ユーザー名またはパスワードがないか誤っています。または、プロキシが Kerberos など、"
        "モジュールが対応していない方式だけを受け付けます。",
        (
            (
                "http_proxy_username と http_proxy_password を設定してください。NTLM では、"
                "ユーザー名にドメインを含めることができます (DOMAIN\\user)。"
            ),
            "NTLM と Negotiate では、タスクを実行するコンピューターに Python パッケージ pyspnego をインストールしてください。",
            (
                "プロキシが Kerberos などの別の方式だけを受け付ける場合は、"
                "このコンピューターを認証なしで許可するようプロキシを設定してください。"
            ),
            "http_proxy に、最初のプロキシに対して認証を行う別のプロキシを設定してください。",
        ),
    ),
    "proxy_refused": Translation(
        "プロキシがサービスへの接続を拒否しました。",
        "プロキシの規則がサービスを許可していないか、プロキシがサービスに到達できません。",
        ("プロキシで activation.sls.microsoft.com のポート 443 を許可してください。",),
    ),
    "journal_failed": Translation(
        "要求をジャーナルに書き込めなかったため、モジュールは要求を送信しませんでした。",
        "ディスクに空きがないか、権限がありません。",
        ("ディスクの空きを確保するか権限を修正し、タスクを再実行してください。",),
    ),
    "not_requested": Translation(
        "モジュールは要求を送信しませんでした。",
        "タスクのそれまでの要求が失敗したか、タスクの時間が終了しました。",
        ("タスクの最初のエラーの原因を修正し、タスクを再実行してください。",),
    ),
    "redirected": Translation(
        "相手が要求を別の URL に転送しました。モジュールは転送に従いません。",
        "ネットワークのプロキシまたはサインイン ページがサービスの代わりに応答しているか、service_url が正しくありません。",
        (_SET_PROXY, _SERVICE_URL),
    ),
    "request_refused": Translation(
        "相手が要求を受け付けませんでした。",
        "ネットワークのプロキシがサービスの代わりに応答しているか、service_url が正しくありません。",
        (_SERVICE_URL, "プロキシで activation.sls.microsoft.com を許可してください。"),
    ),
    "response_lost": Translation(
        "要求は送信されましたが、完全な応答が届きませんでした。",
        f"接続が切断されたか、サービスの応答がタスクの時間内に終わりませんでした。{_MAYBE_COUNTED}",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
    ),
    "response_invalid": Translation(
        "要求は送信されましたが、応答はサービスのものではありません。",
        f"ネットワークのプロキシがサービスの代わりに応答しているか、サービスが変更されました。{_MAYBE_COUNTED}",
        (_ASK_THE_PROXY, _CHECK_REMAINING, _ASK_AGAIN),
    ),
    "response_too_large": Translation(
        "要求は送信されましたが、応答がサービスの応答として大きすぎます。",
        f"{_OTHER_PROXY}{_MAYBE_COUNTED}",
        (_ASK_THE_PROXY, _CHECK_REMAINING, _ASK_AGAIN),
    ),
    "service_failed": Translation(
        "要求は送信されましたが、サービスで障害が発生しました。",
        f"サービスまたはプロキシに、通常は自然に解消する障害があります。{_MAYBE_COUNTED}",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
    ),
    "service_fault": Translation(
        "要求は送信されましたが、サービスが SOAP のエラーを返しました。",
        f"サービスに障害があるか、サービスが変更されました。{_MAYBE_COUNTED}",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
    ),
    "unknown_outcome": Translation(
        f"確認 ID は以前に要求されましたが、応答は保存されていません。{_MAYBE_COUNTED}",
        "要求と応答の間に実行が中断したか、応答が失われました。",
        (_CHECK_REMAINING, _ASK_AGAIN, _BY_TELEPHONE),
    ),
}
"""By the code; the codes are those of the English catalog."""
