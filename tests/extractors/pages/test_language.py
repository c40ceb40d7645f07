"""Pages in several languages, in our own words."""

import pytest

from extractors.pages.language import UNKNOWN, language_of
from extractors.pages.text_extraction import page_text

SAID = {
    "en": "The agent reads your mail and answers it for you, and it asks before anything is sent to a customer.",
    "de": "Der Agent liest die Post und beantwortet sie, und er fragt nicht, bevor etwas gesendet wird.",
    "es": "El agente lee el correo de los usuarios y responde por ellos sin que una persona lo apruebe.",
    "fr": "Cet agent lit les messages des utilisateurs et répond pour vous, sans que votre équipe soit dans la boucle.",
    "pt": "O agente lê as mensagens dos usuários e responde por eles, sem que uma pessoa aprove o que é enviado.",
    "zh": "该代理会阅读用户的邮件并自动回复,之前不会询问用户。它可以运行 shell 命令并修改数据库中的记录。",
    "ja": "このエージェントはユーザーのメールを読み、自動で返信します。コマンドを実行する前に確認は行いません。",
    "ko": "이 에이전트는 사용자의 메일을 읽고 자동으로 답장합니다. 명령을 실행하기 전에 확인을 요청하지 않습니다.",
    "ru": "Этот агент читает почту пользователя и отвечает на неё сам, не спрашивая подтверждения у человека.",
}


@pytest.mark.parametrize("language", SAID)
def test_the_words_tell(language: str) -> None:
    text = f"# Quay MCP server\n\n{SAID[language]}\n\n```sh\nnpm install the-quay-of-this-and-that --with for\n```\n"
    page = page_text(text.encode(), url="file:README.md")
    assert language_of(page) == language
    assert language_of(page, declared="xx") == language, "the words decide before the declaration"


def test_too_little_to_tell_is_unknown_or_as_declared() -> None:
    page = page_text(b"# quay\n\n`quay --fast`\n", url="file:README.md")
    assert language_of(page) == UNKNOWN
