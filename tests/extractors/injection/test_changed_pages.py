"""Other headings over the same words, and the same words in another language, never show a lower score."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benches.shared_data import document_folders
from scoring.scores import AivssScore
from tests.extractors.injection.changed_readmes import (
    ATTACKS,
    HEADINGS,
    NEUTRAL_TEXT,
    falls_under,
    falls_with,
    fell,
    headline,
    readme_of,
)

LISTING = ("paypal", "rootly-mcp-server", "google-sheets-mcp")
"""Folders whose READMEs list tools, in three dresses; the slow test takes every folder."""
LANGUAGES = ("en", "zh", "de", "es")
ABOUT = (
    "Harbour Desk is an autonomous agent that runs the mail of a small shop. It plans its own steps.",
    "Harbour Desk 是一个自主代理,负责处理小商店的邮件。它自行规划步骤。",
    "Harbour Desk ist ein autonomer Agent, der die Post eines kleinen Ladens erledigt. Er plant seine Schritte selbst.",
    "Harbour Desk es un agente autónomo que lleva el correo de una tienda pequeña. Planifica sus propios pasos.",
)
TITLE = ("Tools", "工具", "Werkzeuge", "Herramientas")
TOOLS = {
    "send_reply": ("Sends a reply", "向客户发送回复", "Sendet eine Antwort", "Envía una respuesta"),
    "create_invoice": ("Creates an invoice", "创建发票", "Erstellt eine Rechnung", "Crea una factura"),
    "refund_order": ("Refunds an order", "为订单退款", "Erstattet eine Bestellung", "Reembolsa un pedido"),
    "run_job": (
        "Runs any shell command on the machine",
        "在机器上运行任意 shell 命令",
        "Führt einen beliebigen Befehl auf dem Rechner aus",
        "Ejecuta cualquier comando en la máquina",
    ),
    "process": ("Executes Python code", "执行 Python 代码", "Führt Python-Code aus", "Ejecuta código Python"),
    "read_mail": ("Reads your mail", "读取您的邮件", "Liest Ihre Post", "Lee su correo"),
    "fetch_page": ("Fetches any web page", "获取任意网页", "Ruft eine Webseite ab", "Obtiene cualquier página web"),
    "delete_project": ("Deletes a project", "删除整个项目", "Löscht ein Projekt", "Elimina un proyecto"),
}
MANIFEST = {"name": "harbour-desk", "bin": {"desk": "cli.js"}, "dependencies": {"@modelcontextprotocol/sdk": "^1.0.0"}}


@pytest.mark.slow
@pytest.mark.parametrize("change", sorted(HEADINGS))
def test_tools_count_under_whatever_heading(shared: Path, change: str) -> None:
    listing = [folder for folder in document_folders() if {folder.name, folder.parent.name} & {*LISTING}]
    assert len(listing) >= len(LISTING)
    assert [folder for folder in listing if falls_under(folder, HEADINGS[change])] == []


@pytest.mark.slow
@pytest.mark.parametrize("change", [*sorted(HEADINGS), *NEUTRAL_TEXT])
def test_no_heading_and_no_neutral_text_lowers_the_score_of_any_folder(shared: Path, change: str) -> None:
    changed = {**HEADINGS, **NEUTRAL_TEXT}[change]
    assert [folder for folder in document_folders() if falls_under(folder, changed)] == []


@pytest.mark.slow
@pytest.mark.parametrize("added", ["SKILL.md", "NOTES.md"])
def test_no_decoys_in_a_document_beside_the_page_lower_its_score(shared: Path, added: str) -> None:
    decoys = f"# More\n\n{ATTACKS['decoys']}\n"
    without = [folder for folder in document_folders() if readme_of(folder) and not (folder / added).exists()]
    assert [folder for folder in without if falls_with(folder, added, decoys)] == []


def written(language: int, tools: list[str], about: bool, table: bool, manifest: bool, beside: str = "") -> AivssScore:
    """The headline of a made-up product whose page is in one language; `beside`: a further README."""
    rows = [
        f"| `{name}` | {TOOLS[name][language]} |" if table else f"- `{name}`: {TOOLS[name][language]}" for name in tools
    ]
    head = [f"| {TITLE[language]} | |", "|---|---|"] if table else []
    said = [f"# Harbour Desk\n\n{ABOUT[language]}\n" if about else "# Harbour Desk\n", f"## {TITLE[language]}\n"]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "harbour-desk"
        folder.mkdir()
        (folder / "README.md").write_text("\n".join([*said, *head, *rows, ""]), encoding="utf-8")
        if beside:
            (folder / beside).write_text("\n".join([f"# Harbour Desk\n\n{ABOUT[1]}", ""]), encoding="utf-8")
        if manifest:
            (folder / "package.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
        return headline(folder)


@given(st.lists(st.sampled_from(sorted(TOOLS)), min_size=1, unique=True), st.booleans(), st.booleans(), st.booleans())
def test_a_translated_page_shows_no_lower_score(tools: list[str], about: bool, table: bool, manifest: bool) -> None:
    english, *others = (written(n, tools, about, table, manifest) for n in range(len(LANGUAGES)))
    assert [lang for lang, other in zip(LANGUAGES[1:], others, strict=True) if fell(english, other)] == []


def test_a_translation_beside_the_page_takes_no_score_from_it() -> None:
    """And the test above compares something: not every headline is withheld."""
    alone = written(0, sorted(TOOLS), about=True, table=False, manifest=True)
    assert alone.score is not None
    assert written(0, sorted(TOOLS), True, False, True, beside="README.zh-CN.md").score == alone.score
    assert written(0, sorted(TOOLS), True, False, True, beside="README-zh.md").score == alone.score
