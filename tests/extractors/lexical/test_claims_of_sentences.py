"""Which sentences give the built-in reader a claim: of the product itself, rightly denied, wherever they stand."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from extractors.claims.extraction import extract
from extractors.lexical import LexicalAssessor
from extractors.lexical.cue_thresholds import cue_thresholds
from extractors.model.completion import CompletionRequest
from extractors.support.topics import topics
from scoring.assessment import assess
from scoring.claims import Extraction
from scoring.scores import AivssScore, Provenance
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact, LayerStatus, MaestroLayer, RiskFactor
from tests.examples import examples

Ask = Callable[..., CompletionRequest]
F = ExposureFact
OPENING = "Quayside serves the harbour office of a small town."


def read(ask: Ask, *sentences: str) -> Extraction:
    request = ask("# Quayside\n\n" + "\n\n".join((OPENING, *sentences)) + "\n")
    return extract(request, LexicalAssessor().answer(request))


def score(ask: Ask, text: str) -> AivssScore:
    request = ask(text)
    extraction = extract(request, LexicalAssessor().answer(request))
    made = Provenance(tool="assay 0", rubric="1", formula="aivss-0.8-listing", prompt="assess@1", model="lexical")
    return assess(extraction, "sha256:" + "1" * 64, made).headline


@pytest.mark.parametrize(
    ("sentence", "fact", "value"),
    [
        ("- Executes shell commands on the office server.", F.EXECUTES, "arbitrary_code"),
        ("Quayside creates, updates and deletes events in the calendar.", F.CHANGES, "scoped"),
        ("All tools are strictly read-only and change nothing in the harbour system.", F.CHANGES, "nothing"),
        ("Quayside runs locally on your machine.", F.RUNS_AT, "local"),
        ("Quayside is a hosted remote MCP server at https://mcp.quayside.example/mcp.", F.RUNS_AT, "hosted"),
        ("- list_bookings: List all bookings for the authenticated user.", F.READS, "limited"),
    ],
)
def test_a_sentence_about_the_product_itself_states_the_fact(
    ask: Ask, sentence: str, fact: ExposureFact, value: str
) -> None:
    claim = read(ask, sentence).fact(fact)
    assert (claim.value, claim.evidence[0].quote) == (value, sentence.removeprefix("- "))


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        # of others, of the reader, of an option, of the past, of a plan
        ("Many providers can be used, local models that run offline among them.", F.RUNS_AT),
        ("Harbourmaster is a command line tool that we recommend for backups.", F.EXECUTES),
        ("You can run the container in a sandbox.", F.ISOLATION),
        ("Optionally it asks for approval before it moves a boat.", F.APPROVAL),
        ("If you are careful, it runs scripts in a sandbox.", F.ISOLATION),
        ("Commands can be run in a sandboxed environment.", F.ISOLATION),
        ("Quayside started as a script that executed shell commands.", F.EXECUTES),
        ("As a student I built crawlers that searched the web for boats.", F.FED_BY),
        ("Please run the following command in a shell.", F.EXECUTES),
        ("Coming soon: Quayside executes shell commands.", F.EXECUTES),
        # of what is found elsewhere, of the sentence before, of its host, of data that nobody owns
        ("- Command injection: code that executes system commands with what a user types.", F.EXECUTES),
        ("This includes the documents, mails and contacts of your account.", F.READS),
        ("Quayside writes search queries by a language model.", F.READS),
        ("It gives access to the local filesystem.", F.REACHES),
        ("Quayside is integrated with your data and creates files.", F.REACHES),
        ("Transform your harbour into an AI-powered workspace with full access to its data!", F.READS),
        ("DATABASE_URL - the database (e.g. postgres://user:password@localhost:5432/quay)", F.RUNS_AT),
        ("To run the server locally:", F.RUNS_AT),
        ("Agent does not answer: check that it runs locally on your machine.", F.RUNS_AT),
        ("Delete tools require explicit confirmation.", F.APPROVAL),
        ("Quayside writes shell commands for what you describe.", F.EXECUTES),
        ("Read-only mode protects against write operations.", F.WRITES),
        ("The folder scripts/ contains read-only helpers.", F.CHANGES),
        ("Quayside does not change the weights of its model.", F.WRITES),
        ("Quayside does not change the weights of its model.", F.CHANGES),
        # of one part, of an open box, of a screen for people
        ("- Moorings — berth-check (health of moorings, tide alarms — read-only, it changes nothing)", F.CHANGES),
        ("- [ ] Offline mode - runs locally on your machine.", F.RUNS_AT),
        ("- Sensitive files: it reads files (.env, SSH keys, credentials)", F.READS),
        ("Message Quayside from your phone: the set-up walks you through a bot token and an allowlist.", F.CONTROL),
        # of what it needs, of settings
        ("Java 21+, Python 3.11+, Node.js 18+, Docker", F.RUNS_AT),
        # of whom it works with, of how to work on it
        ("Harbour Cloud is the world's most comprehensive platform, offering over 200 services.", F.REACHES),
        ("- Document everything: Code comments, README files, architecture docs", F.READS),
        # of a part of it, or unless it is told otherwise
        ("Quayside: 9/10 tools are read-only and change nothing.", F.CHANGES),
        ("All tools except move_boat are read-only.", F.CHANGES),
        ("All tools but one are read-only.", F.CHANGES),
        ("11 read-only tools and one that writes.", F.CHANGES),
        ("All query tools are read-only.", F.CHANGES),
        ("Read-only tools include the listing of moorings.", F.CHANGES),
        ("It reads, writes and edits files with care.", F.CHANGES),
        ("It runs read-only unless writing is switched on.", F.CHANGES),
        # of what attacks it, of how it is released, of its own notes, of one gate among its verbs
        ("It is a defence against rebinding: a hostile web page cannot make the browser reach the office.", F.FED_BY),
        ("It blocks cross-site attacks in which a web page reads the server.", F.FED_BY),
        ("- Create and push a release tag for the harbour files", F.CHANGES),
        ("- /quay:list - Add or update items of the backlog (.quay/backlog/)", F.CHANGES),
        ("It plans the berth, books it, asks for your approval and keeps a log.", F.APPROVAL),
        ("Quayside is open, so you can read every line that touches your data.", F.READS),
        # polarity
        ("Quayside no longer asks for approval before each action.", F.CONTROL),
        ("None of its tools executes shell commands.", F.EXECUTES),
        ("`readonly` | true/false | only reads and changes nothing", F.CHANGES),
        ("- `create_invoice`: Create a new invoice in the harbour system.", F.SPENDS),
        ("Use the payment sandbox to try a deposit.", F.ISOLATION),
        ("Add the addresses of the office to your allowlist.", F.CONTROL),
    ],
)
def test_a_sentence_that_does_not_carry_the_claim_leaves_it_unknown(
    ask: Ask, sentence: str, fact: ExposureFact
) -> None:
    assert read(ask, sentence).fact(fact).value is None


@pytest.mark.parametrize(
    ("layer", "said", "not_said"),
    [
        (
            "L1",
            "Quayside supports multiple LLM providers: OpenAI, Anthropic and Mistral.",
            "It works across multiple LLM providers.",
        ),
        (
            "L2",
            "Embeddings of your documents are stored in a Pinecone index.",
            "It lets LLMs query a vulnerability database for known flaws.",
        ),
        ("L4", "Quayside runs in a Docker container.", "You can run the server with npx by the following command."),
        ("L4", "Quayside is deployed to Kubernetes.", "Build and run with Docker:"),
        ("L2", "Quayside stores conversations in a SQLite database.", "It finds new attack vectors by LLMs."),
        ("L4", "Quayside is deployed to Kubernetes.", "The server listens on port 8931 over the SSE transport."),
        (
            "L4",
            "Quayside runs in a Docker container.",
            "See the harbour handbook for how it runs in a Docker container.",
        ),
        ("L4", "Quayside runs in a Docker container.", "For boats registered by an office running on the Docker host:"),
        (
            "L4",
            "Quayside runs in a Docker container.",
            '- Note: what is known of it, like "The tide clock runs on port 8081"',
        ),
        ("L4", "Quayside runs in a Docker container.", "Ollama runs in a Docker container."),
        (
            "L2",
            "It stores the memory of each skipper in SQLite.",
            "Quayside has a tide board, memory management and conversation views.",
        ),
        (
            "L2",
            "Embeddings of your documents are stored in a Pinecone index.",
            "It reads a project and analyzes the project files.",
        ),
        (
            "L3",
            "Quayside is an MCP server that lets assistants search, create and update bookings.",
            "The agent framework and the workflow hooks are implemented.",
        ),
        ("L6", "All calendar operations require explicit user consent.", "Send the key only over an encrypted line."),
        (
            "L6",
            "All calendar operations require explicit user consent.",
            "Provider programs run with the permissions and approval mode set there.",
        ),
        ("L6", "All calendar operations require explicit user consent.", "Users sign in by OAuth authentication."),
        (
            "L6",
            "Code runs in a Docker sandbox that protects the host from malicious attacks.",
            "The actions are executed in a sandboxed environment.",
        ),
        (
            "L7",
            "Quayside works with AI assistants like Claude Desktop and Cursor.",
            "Quayside can be reached by any MCP client, AI agents and assistants.",
        ),
    ],
)
def test_a_layer_is_mapped_by_its_own_part_and_not_by_a_start_command_a_sign_in_or_public_data(
    ask: Ask, layer: str, said: str, not_said: str
) -> None:
    """What readers who saw only the words refused most often of the built-in reader's layers."""
    for sentence, status in ((said, LayerStatus.MAPPED), (not_said, LayerStatus.NOT_CERTAIN)):
        found = {each.layer: each.status for each in read(ask, sentence).layers}
        assert found[MaestroLayer(layer)] is status, sentence


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("- list_bookings: List all bookings for the authenticated user.", F.READS),
        ("Quayside creates, updates and deletes events in the calendar.", F.CHANGES),
        ("Quayside runs locally on your machine.", F.RUNS_AT),
        ("Quayside is a web crawler that scrapes the pages of harbours.", F.FED_BY),
    ],
)
def test_how_far_it_goes_and_who_writes_what_it_reads_is_inferred(ask: Ask, sentence: str, fact: ExposureFact) -> None:
    """The words name one thing; that there is no more, and that strangers wrote it, is a step of the reader."""
    assert read(ask, sentence).fact(fact).certainty is Certainty.INFERRED


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        ("dynamic_identity", "- `quay_press_key`: simulate a keyboard key press on the focused element"),
        ("dynamic_tool_use", "- Manage boats: view all your boats in the sidebar with status updates"),
        ("contextual_awareness", "Quayside requires an API key to access the Harbour Management API."),
        (
            "multi_agent_interactions",
            "- MCP client integration: connect to Model Context Protocol servers for more tools",
        ),
        ("natural_language_interface", "It uses large language models for natural language understanding."),
        ("autonomy_of_action", "- `create_scheduled_job`: Create a new scheduled job to run a notebook"),
        ("self_modification", "Quayside is a server that exposes ticket read and write tools to Claude Code."),
        ("self_modification", "Quayside is built for code execution compatibility."),
        ("persistent_memory", "- Persistent storage: boats stored in a Postgres database"),
        ("goal_driven_planning", "The search term decides what the harbour register shows."),
        ("goal_driven_planning", "Automate multi-step harbour tasks with Quayside."),
        ("natural_language_interface", "It explains the tide table to the skipper in natural language."),
        ("dynamic_identity", "NPM_TOKEN: npm access token with the right to publish"),
        ("dynamic_identity", "- CI_TOKEN: access token with publish permissions"),
        ("multi_agent_interactions", "- /harbour-tools - List harbour plugins and MCP servers"),
        ("autonomy_of_action", "It plans the berth, books it, asks for your approval and keeps a log."),
    ],
)
def test_a_word_of_the_topic_in_another_sense_is_no_claim(ask: Ask, factor: str, sentence: str) -> None:
    """What readers who saw only the words refused of products that the reader was not tuned to."""
    known = {each.factor: each.certainty for each in read(ask, sentence).factors}
    assert known[RiskFactor(factor)] is Certainty.NOT_CERTAIN


def test_each_action_waits_where_the_words_say_so_of_each(ask: Ask) -> None:
    assert read(ask, "It asks for your approval before each booking.").fact(F.APPROVAL).value == "each_action"


@pytest.mark.parametrize("sentence", ["Quayside no longer asks for approval before each action."])
def test_who_no_longer_asks_is_not_taken_for_asking(ask: Ask, sentence: str) -> None:
    assert read(ask, sentence).fact(F.APPROVAL).value != "each_action"


def test_the_worst_that_is_carried_is_taken(ask: Ask) -> None:
    local = "Quayside runs locally on your machine."
    hosted = "Quayside is a hosted remote MCP server at https://mcp.quayside.example/mcp."
    assert read(ask, local).fact(F.RUNS_AT).value == "local"
    for sentences in ((local, hosted), (hosted, local)):
        assert read(ask, *sentences).fact(F.RUNS_AT).value == "hosted"


def test_sample_data_and_rules_of_the_project_are_no_description(ask: Ask) -> None:
    text = "It executes shell commands on servers and sends invoices to all skippers.\n"
    for name in ("file:rules.txt", "file:samples/rules.md", "file:SECURITY.md", "file:CONTRIBUTING.md"):
        request = ask(f"# Quayside\n\n{OPENING}\n", (name, text))
        extraction = extract(request, LexicalAssessor().answer(request))
        assert extraction.fact(F.EXECUTES).value is None, name


def test_every_bar_belongs_to_a_cue_of_the_topic_table() -> None:
    for claim, cues in cue_thresholds().bars.items():
        assert set(cues) <= {cue.name for cue in topics()[claim]}, claim


SAID = (
    "Quayside executes shell commands on the office server.",
    "Quayside creates, updates and deletes events in the calendar.",
    "All tools are strictly read-only and change nothing in the harbour system.",
    "Quayside runs locally on your machine.",
    "Quayside is an autonomous agent that plans the day of a marina.",
    "Quayside remembers conversations across sessions.",
    "Quayside generates Python code and runs it in a code interpreter.",
    "Quayside signs in through OAuth with the scopes that its user grants.",
)
NEUTRAL = "The sea is calm and the quay is quiet on day {}."


@pytest.mark.slow
@given(
    st.lists(st.sampled_from(SAID), min_size=1, unique=True),
    st.lists(st.sampled_from(["Features", "Roadmap", "Updates", "Contributing", "License", "News"]), min_size=2),
    st.integers(1, 80),
    st.booleans(),
)
@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_neutral_sentences_nor_another_heading_lower_a_score(
    ask: Ask, said: list[str], headings: list[str], days: int, before: bool
) -> None:
    def page(heading: str, *further: str) -> str:
        lines = (*further, *said) if before else (*said, *further)
        return f"# Quayside\n\n{OPENING}\n\n## {heading}\n\n" + "\n\n".join(lines) + "\n"

    plain = score(ask, page("Features"))
    for text in (
        page("Features", *(NEUTRAL.format(day) for day in range(days))),
        *(page(heading) for heading in headings),
    ):
        changed = score(ask, text)
        assert changed.high >= plain.high
        if plain.score is not None and changed.score is not None:
            assert changed.score >= plain.score


ENGLISH = (
    "Quayside is an autonomous agent that runs without asking for approval. It executes shell commands on the server. "
    "It creates, updates and deletes events in the calendar. It remembers conversations across sessions."
)
TRANSLATIONS = {
    "de": "Quayside ist ein autonomer Agent, der ohne Rückfrage arbeitet. Er führt auf dem Server Befehle in einer "
    "Shell aus. Er legt Termine im Kalender an, ändert und löscht sie. Er merkt sich die "
    "Gespräche über die Sitzung hinaus.",
    "es": "Quayside es un agente autónomo que trabaja sin pedir permiso a nadie. Ejecuta órdenes de la consola en el "
    "servidor. Crea, cambia y borra los eventos del calendario. Recuerda las conversaciones de una sesión a la otra.",
    "zh": "Quayside 是一个自主运行的智能体，不需要任何人批准就会行动。它在服务器上执行命令。"
    "它会创建、修改和删除日历中的日程。它会在多次会话之间记住以前的对话内容，并且每天晚上自动运行，直到所有任务全部完成为止。",
}


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_page_in_another_language_has_no_lower_headline_and_says_that_it_was_not_read(
    ask: Ask, language: str
) -> None:
    english, other = (score(ask, f"# Quayside\n\n{text}\n") for text in (ENGLISH, TRANSLATIONS[language]))
    assert english.score is not None
    assert other.score is None and "too little is known" in str(other.withheld)
    assert other.high >= english.high
    request = ask(f"# Quayside\n\n{TRANSLATIONS[language]}\n")
    extraction = extract(request, LexicalAssessor().answer(request))
    assert {claim.detail for claim in extraction.exposure} == {"language_not_read"}


def test_the_values_that_facts_take_are_legal(ask: Ask) -> None:
    extraction = read(ask, *SAID)
    known = {claim.fact: claim.value for claim in extraction.exposure if claim.value}
    assert len(known) >= 2
    assert all(value in EXPOSURE_VALUES[fact] for fact, value in known.items())
    assert extraction.factor(RiskFactor.SELF_MODIFICATION).value == Decimal("0.3")
