"""What a program's own code could do forbids a *nothing*, whatever its tools are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.declarations import SourceFile, read_declarations
from extractors.inventory.completeness import unread
from extractors.inventory.from_pages import declared_in
from extractors.model.declared import Declared, DeclaringFile
from extractors.pages.text_extraction import page_text
from scoring.vocabulary import ExposureFact
from tests.extractors.declarations.acting_programs import ACTING, READING, WRITING, python, script

FACTS = (ExposureFact.EXECUTES, ExposureFact.CHANGES, ExposureFact.SPENDS)


def declared(files: dict[str, str]) -> Declared:
    rows = [DeclaringFile(path, text, page_text(text.encode(), url=f"file:{path}")) for path, text in files.items()]
    return declared_in(rows, "", unread(list(files), list(files))) or Declared()


def closed(files: dict[str, str]) -> set[ExposureFact]:
    claims = {claim.claim: claim.value for claim in declared(files).claims}
    return {fact for fact in FACTS if claims.get(fact) == "nothing"}


@pytest.mark.parametrize("name", READING)
def test_a_program_that_only_reads_does_nothing_else(name: str) -> None:
    made = declared(READING[name])
    assert made.inventory is not None and made.inventory.complete, made.inventory
    assert closed(READING[name]) == set(FACTS), made.inventory.open_ends


@pytest.mark.parametrize("name", ACTING)
def test_nothing_is_denied_of_a_program_that_could_run_something(name: str) -> None:
    made = declared(ACTING[name])
    assert made.inventory is not None and [tool.name for tool in made.inventory.tools] == ["get_status"]
    assert not closed(ACTING[name]) and made.inventory.open_ends
    assert not any(claim.claim == "dynamic_tool_use" for claim in made.claims), "it may do more than read"


@pytest.mark.parametrize("name", WRITING)
def test_no_change_is_denied_of_a_program_that_writes_or_sends(name: str) -> None:
    assert closed(WRITING[name]) <= {ExposureFact.EXECUTES}


def test_the_reason_names_the_line() -> None:
    made = declared(ACTING["a command"])
    assert made.inventory is not None
    assert made.inventory.open_ends == ("it could run commands or code: `subprocess` (server.py, line 2)",)
    assert made.inventory.complete and "`subprocess` (server.py, line 2)" in made.inventory.why


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("A.java", 'class A { @Tool(name = "get_it", description = "Gets it") String a() { return x; } }', "java"),
        (
            "A.kt",
            'fun a() { server.addTool(name = "get_it", description = "Gets it") { ProcessBuilder(it) } }',
            "ProcessB",
        ),
        ("A.cs", 'class A { [McpServerTool(Name = "get_it")] string A() { Process.Start("a"); } }', "Process"),
    ],
)
def test_of_a_language_without_known_modules_nothing_is_denied(path: str, text: str, reason: str) -> None:
    found = read_declarations([SourceFile("u", path, text)])
    assert found.tools and found.powers[0].executes and any(reason in power.why for power in found.powers)


@given(st.sampled_from(sorted(READING)), st.sampled_from(sorted({**ACTING, **WRITING})))
def test_a_further_file_closes_nothing(reading: str, acting: str) -> None:
    """Whatever is added to a program that acts, what it could do stays."""
    other = {**ACTING, **WRITING}[acting]
    assert closed({**READING[reading], **{f"more/{path}": text for path, text in other.items()}}) <= closed(other)


@pytest.mark.slow
@given(st.from_regex(r"[a-z]{4,9}_[a-z]{1,5}", fullmatch=True))
def test_a_module_that_nobody_knows_is_never_harmless(module: str) -> None:
    assert not closed(python(f"import {module}", "return ''"))
    assert not closed(script(f"import {{ a }} from '{module}';", "return a;"))


@pytest.mark.parametrize("text", ["import subprocess # os.system", "eval(x)", "it runs `subprocess`"])
def test_what_a_comment_or_a_literal_says_is_not_code(text: str) -> None:
    assert closed(python(f"# {text}", f"return {text!r}")) == set(FACTS)
    assert closed(script(f"// {text}", f"return {text!r};")) == set(FACTS)
