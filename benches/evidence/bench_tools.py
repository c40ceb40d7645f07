"""Structured readers and the tool inventory, on the given products and on the fixtures of each idiom."""

import json
import statistics
import tomllib
from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benches.figure import Figure, process_ms
from benches.shared_data import ROOT, SHARED
from extractors.canonical_json import digest
from extractors.claims.extraction import extract
from extractors.declarations import Declarations, SourceFile, read_declarations
from extractors.inventory.completeness import unread
from extractors.inventory.from_pages import declared_in
from extractors.inventory.inventory import ToolInventory, inventory
from extractors.inventory.verb_classes import classify_verb
from extractors.lexical import LexicalAssessor
from extractors.model.completion import CompletionRequest
from extractors.model.declared import DeclaringFile
from extractors.pages.text_extraction import page_text
from extractors.program_paths import is_program
from extractors.prompting.prompt_files import load
from extractors.sources.repository_files import agent_files, declaring_files
from scoring.assessment import assess
from scoring.claims import Extraction
from scoring.scores import Assessment, Provenance
from scoring.vocabulary import ExposureFact
from tests.extractors.claims.whole_repositories import REPOSITORIES

TOOLS = SHARED / "tools"
PROGRAMS = ROOT / "tests/extractors/declarations/programs"


class Product(NamedTuple):
    meta: dict[str, Any]
    truth: dict[str, Any]
    files: list[SourceFile]
    tree: list[str]
    declared: Declarations
    inventory: ToolInventory


def run() -> list[Figure]:
    figures = [*_idioms(), _whole()]
    if TOOLS.is_dir():
        products = [read_product(folder) for folder in sorted(TOOLS.iterdir()) if folder.is_dir()]
        servers = [product for product in products if product.meta["kind"] == "mcp_server"]
        figures += [*_names(servers), *_verbs(products), *_others(products), *_subjects(products), *_runs_at(servers)]
        figures += [_complete(servers), *_facts(servers), _requests(servers), *_work(products)]
    return figures


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} ({part} of {whole})" if whole else "none"


def read_product(folder: Path) -> Product:
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    files = [
        SourceFile(
            f"https://example.org/{f['path']}",
            f["path"],
            (folder / f["stored"]).read_text("utf-8"),
            bool(f.get("truncated")),
        )
        for f in meta["files"]
        if not f.get("not_stored")
    ]
    declared = read_declarations(files, "https://github.com/" + meta["repository"])
    tree = list(filter(None, (folder / "TREE.txt").read_text("utf-8").split("\n")))
    return Product(meta, truth, files, tree, declared, inventory(declared, files))


def _idioms() -> list[Figure]:
    hits = found = wanted = 0
    for folder in sorted(PROGRAMS.iterdir()):
        expected = set(tomllib.loads((folder / "expected.toml").read_text("utf-8"))["tools"])
        names = [(p, p.relative_to(folder).as_posix().removesuffix(".txt")) for p in sorted(folder.rglob("*.txt"))]
        declared = read_declarations([SourceFile(name, name, path.read_text("utf-8")) for path, name in names])
        got = {tool.name for tool in declared.tools}
        hits, found, wanted = hits + len(got & expected), found + len(got), wanted + len(expected)
    how = "tests/extractors/declarations/programs: own fixtures, in eight languages"
    return [
        Figure("tools of own fixtures: recall", _share(hits, wanted), "≥ 95 %", hits >= 0.95 * wanted, how),
        Figure("tools of own fixtures: precision", _share(hits, found), "≥ 98 %", hits >= 0.98 * found, how),
    ]


def _names(servers: list[Product]) -> list[Figure]:
    hits = found = wanted = beyond = 0
    compared: Counter[str] = Counter()
    for product in servers:
        truth = {tool["name"] for tool in product.truth["tools"]}
        got = {tool.name for tool in product.inventory.tools}
        if 3 * len(truth) >= len(got):
            compared += Counter(hits=len(got & truth), found=len(got), servers=1)
        hits, found, wanted = hits + len(got & truth), found + len(got), wanted + len(truth)
        if product.truth["made"].get("complete") == "all":
            beyond += len(got - truth)
    how = "READMEs and manifests of the 40 servers; every name beyond the truth counts as wrong"
    why = f"{found - hits} names beyond it, most of them tools behind a flag ({beyond} where the truth is whole)"
    return [
        Figure("tool names: recall", _share(hits, wanted), "≥ 55 %", hits >= 0.55 * wanted, how),
        Figure("tool names: precision, strict", _share(hits, found), "≥ 90 %", hits >= 0.9 * found, f"{how}; {why}"),
        Figure(
            "tool names: precision, where the truth holds a third of the list",
            _share(compared["hits"], compared["found"]),
            "≥ 90 %",
            compared["hits"] >= 0.9 * compared["found"],
            f"{compared['servers']} servers; the truth of the others is one run that showed 1 of 39 tools",
        ),
    ]


def _verbs(products: list[Product]) -> list[Figure]:
    counts: Counter[tuple[str, str]] = Counter()
    for product in products:
        rows = {tool.name: tool for tool in product.inventory.tools}
        for tool in product.truth["tools"]:
            if tool.get("verb"):
                row = rows.get(tool["name"])
                counts[tool["verb"], (row.verb if row else classify_verb(tool["name"]).verb).value] += 1
    how = "by name and, where a document has one, description; not graded for read and write"
    figures = []
    for verb in ("execute", "spend", "send", "write", "read"):
        right = counts[verb, verb]
        wanted = sum(n for (truth, _), n in counts.items() if truth == verb)
        claimed = sum(n for (_, given), n in counts.items() if given == verb)
        met = verb in ("read", "write") or right >= 0.9 * max(wanted, claimed)
        value = f"recall {_share(right, wanted)}, precision {_share(right, claimed)}"
        figures.append(Figure(f"class {verb}", value, "≥ 90 / ≥ 90 %", met, how))
    return figures


def _others(products: list[Product]) -> list[Figure]:
    hits = wanted = extra = 0
    for product in products:
        if product.meta["kind"] in ("plugin", "skill", "oasf_record", "a2a_agent"):
            stored = product.meta["kind"] != "a2a_agent" or product.meta["slug"] == "currency-agent"
            truth = Counter(t["name"] for t in product.truth["tools"] if t.get("stored", stored))
            got = Counter(tool.name for tool in product.inventory.tools if tool.origin != "document")
            hits, wanted, extra = hits + (truth & got).total(), wanted + truth.total(), extra + (got - truth).total()
    how = "plugins, skills, cards and records; what stands in files that are not stored is left out"
    name, value = "tools, hooks and skills of plugins and cards", f"{_share(hits, wanted)}, {extra} beyond"
    return [Figure(name, value, "≥ 95 %", hits >= 0.95 * wanted, how)]


def _subjects(products: list[Product]) -> list[Figure]:
    hits = wanted = guessed = 0
    for product in products:
        subject = product.meta["subject"]
        values = {each.value for each in product.declared.subjects} | {each.name for each in product.declared.subjects}
        values |= {launch.url for launch in product.declared.launches}
        truth = (
            [p["purl"] for p in subject["packages"] if p.get("purl")] + subject["registry_names"] + subject["endpoints"]
        )
        hits, wanted = hits + sum(each in values for each in truth), wanted + len(truth)
        texts = " ".join(file.text for file in product.files).lower()
        guessed += sum(
            each.name.rpartition("/")[2].partition(":")[0].lower() not in texts for each in product.declared.subjects
        )
    how = "package URLs, registry names and endpoints that the files state; guessed: its name stands in no file"
    return [
        Figure("subjects found", _share(hits, wanted), "≥ 95 %", hits >= 0.95 * wanted, how),
        Figure("subjects guessed", str(guessed), "0", guessed == 0, how),
    ]


def _runs_at(servers: list[Product]) -> list[Figure]:
    known = right = 0
    for product in servers:
        claimed = {launch.runs_at for launch in product.declared.launches if launch.runs_at}
        known += bool(claimed)
        right += bool(claimed) and set(product.truth["facts"]["runs_at"]) <= claimed
    how = "a start command, transport or address gives at least the places of the truth"
    every = len(servers)
    return [
        Figure("servers whose start is stated", _share(known, every), "≥ 70 %", known >= 0.7 * every, how),
        Figure("of these, no place of the truth missing", _share(right, known), "≥ 95 %", right >= 0.95 * known, how),
    ]


def _complete(servers: list[Product]) -> Figure:
    wrong = sum(
        product.inventory.complete
        and bool({t["name"] for t in product.truth["tools"]} - {t.name for t in product.inventory.tools})
        for product in servers
    )
    claimed = sum(product.inventory.complete for product in servers)
    how = f"{claimed} are called complete: their program text is not in the set"
    return Figure("inventories called complete that lack a tool", str(wrong), "0", wrong == 0, how)


def extraction_of(product: Product) -> tuple[Extraction, Assessment]:
    """The whole chain with the built-in reader, over the stored files."""
    meta = product.meta
    files = [DeclaringFile(file.path, file.text, page_text(file.text.encode(), url=file.url)) for file in product.files]
    return _chain(meta["slug"], meta["name"], files, product.tree, "https://github.com/" + meta["repository"])


def _chain(
    slug: str, name: str, files: list[DeclaringFile], tree: list[str], repository: str
) -> tuple[Extraction, Assessment]:
    left = unread(tree, [file.path for file in files])
    declared = declared_in(files, repository, left)
    documents = tuple(file.page for file in files if not is_program(file.path))
    request = CompletionRequest(prompt=load("assess"), slug=slug, name=name, documents=documents, declared=declared)
    extraction = extract(request, LexicalAssessor().answer(request))
    versions = Provenance(tool="bench", rubric="", formula="", prompt="", model="lexical")
    return extraction, assess(extraction, digest(extraction), versions)


def _facts(servers: list[Product]) -> list[Figure]:
    made = [(product, *extraction_of(product)) for product in servers]
    figures = []
    for name in ("executes", "changes", "spends"):
        fact = ExposureFact(name)
        verbs = {"executes": ("execute",), "spends": ("spend",), "changes": ("write", "send", "spend", "execute")}[name]
        shown = claimed = wrong = 0
        for product, extraction, _ in made:
            says = extraction.fact(fact).value not in (None, "nothing")
            truth = product.truth["facts"][name]
            tools = any(tool.verb in verbs for tool in product.inventory.tools)
            shown += truth and tools
            claimed += truth and tools and says
            wrong += says and not truth
        how = f"of the servers whose listed tools show it; said wrongly {wrong} of {len(made)}"
        met = claimed >= 0.9 * shown and wrong <= 0.03 * len(made)
        figures.append(Figure(f"{name} said", _share(claimed, shown), "≥ 90 %, wrongly ≤ 3 %", met, how))
    known = [sum(claim.value is not None for claim in extraction.exposure) for _, extraction, _ in made]
    middle = statistics.median(known)
    how = "built-in reader, documents and manifests of the 40 servers; graded by the truth: see executes to runs_at"
    figures.append(Figure("facts known, median", f"{middle:g} of 14", "≥ 7", middle >= 7, how))
    values = [(p.truth["facts"]["runs_at"], e.fact(ExposureFact.RUNS_AT).value) for p, e, _ in made]
    stated = [(truth, value) for truth, value in values if value]
    right = sum(value in truth for truth, value in stated)
    value = f"{_share(len(stated), len(values))} known, {_share(right, len(stated))} right"
    met = len(stated) >= 0.7 * len(values) and right >= 0.95 * len(stated)
    figures.append(Figure("runs_at", value, "≥ 70 %, ≥ 95 % right", met, "one of the places of the truth"))
    widths = [assessed.headline.high - assessed.headline.low for _, _, assessed in made]
    whole = sum(bool(e.inventory and e.inventory.complete) for _, e, _ in made)
    width = statistics.median(widths)
    how = f"{whole} of {len(made)} lists count as whole: no program text is in the set, so that no list closes a range"
    figures.append(Figure("possible range, median width", f"{width}", "≤ 4.5", width <= Decimal("4.5"), how))
    return figures


def _whole() -> Figure:
    """The possible range of small repositories of our own, whose tree is read whole."""
    widths: dict[bool, list[Decimal]] = {True: [], False: []}
    for name, texts in REPOSITORIES.items():
        pages = [DeclaringFile(path, text, page_text(text.encode(), url=path)) for path, text in texts.items()]
        for whole in (True, False):
            files = [file for file in pages if whole or not is_program(file.path)]
            headline = _chain(name, name.title(), files, list(texts), "")[1].headline
            widths[whole].append(headline.high - headline.low)
    width = statistics.median(widths[True])
    how = f"{len(REPOSITORIES)} own repositories with a whole tree; without their program text "
    how += f"{statistics.median(widths[False])}; narrowest {min(widths[True])}"
    return Figure("possible range of whole trees, median width", f"{width}", "≤ 4.5", width <= Decimal("4.5"), how)


def _requests(servers: list[Product]) -> Figure:
    """Files that a first night asks for, by each repository's tree."""
    counts = []
    for product in servers:
        sizes = dict.fromkeys(product.tree, 6_000) | {f["path"]: f.get("bytes", 6_000) for f in product.meta["files"]}
        first = agent_files(product.tree, product.meta["root"]).first
        counts.append(len(first) + len(declaring_files(sizes, first, product.meta["root"])))
    mean = statistics.mean(counts)
    how = f"raw files, mean; median {statistics.median(counts):g}; one call for the tree beside them"
    return Figure("requests an agent, first night", f"{mean:.1f}", "≤ 8", mean <= 8, how)


def _work(products: list[Product]) -> list[Figure]:
    times = [process_ms(lambda files=product.files: inventory(read_declarations(files), files)) for product in products]
    program = "\n".join(path.read_text("utf-8") for path in sorted((PROGRAMS / "typescript_calls").rglob("*.txt")))
    files = {count: [SourceFile("u", "src/a.ts", program * count)] for count in (8, 32)}
    sizes = [process_ms(partial(read_declarations, files[count])) / count for count in files]
    how = f"{len(products)} products, documents and manifests; slowest {max(times):.0f} ms"
    growth, usual = sizes[1] / sizes[0], statistics.median(times)
    repeated, what = "work per character, four times the program", "TypeScript fixture, repeated"
    work = Figure("own work a product", f"median {usual:.1f} ms", "≤ 20 ms", usual <= 20, how)
    return [work, Figure(repeated, f"{growth:.2f} ×", "≤ 2 ×", growth <= 2, what)]
