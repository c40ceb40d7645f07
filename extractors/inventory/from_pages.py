"""All that the files of one product declare, made of its pages: the tools, and claims by rule with their evidence.

Idea: a pure function of files and of what the list of all files shows to be missing, so that a record can be made again
from a bundle. Invariants: the same files give the same bytes; without tools and facts there is nothing, and an agent
without such files is asked about as before.
"""

from collections.abc import Sequence
from functools import cache

from extractors.declarations import Place, SourceFile, read_declarations
from extractors.injection import addresses_assessor
from extractors.inventory import client_config_rules, declaration_rules, tool_rules
from extractors.inventory.inventory import ToolInventory, inventory
from extractors.inventory.page_places import PagePlaces
from extractors.inventory.rule_claims import Find, Product
from extractors.inventory.tool_descriptions import hostile_descriptions
from extractors.model.declared import Declared, DeclaringFile, read_from
from scoring.claims import Evidence, SourceRead
from scoring.tools.inventory import Inventory, ListedTool

LONGEST = 400_000
"""Characters of one file that are read."""
MOST_TOOLS = 1_000
"""Of one record."""
RULES = (
    tool_rules.of_tools,
    tool_rules.closed_world,
    client_config_rules.of_starts,
    client_config_rules.of_openings,
    client_config_rules.of_wiring,
    declaration_rules.of_statements,
    declaration_rules.of_credentials,
    declaration_rules.of_layers,
)
"""All claims are in their order."""
_LISTED = tuple(name for name in ListedTool.model_fields if name != "evidence")


def declared_in(
    files: Sequence[DeclaringFile],
    repository: str = "",
    unread: Sequence[str] | None = None,
    missing: Sequence[str] = (),
) -> Declared | None:
    """`unread`: reasons from the list of all files; `missing`: manifests that there are and that were not read. None
    where nothing is declared."""
    pages = {file.page.url: file for file in files}
    sources = [
        SourceFile(file.page.url, file.path, file.text[:LONGEST], len(file.text) > LONGEST) for file in pages.values()
    ]
    facts = read_declarations(sources, repository)
    tools = inventory(facts, sources, unread)

    @cache
    def places_on(url: str) -> PagePlaces:
        return PagePlaces(pages[url].page, len(pages[url].text))

    @cache
    def find(place: Place, words: str) -> Evidence | None:
        line = places_on(place.url).find(place, words)
        return None if line and addresses_assessor(line, pages[place.url].page) else line

    product = Product(facts, tools, find, missing)
    claims = tuple(claim for rule in RULES for claim in rule(product))
    listed = _listed(tools, find) if tools.tools else None
    if listed is None and not claims:
        return None
    findings = hostile_descriptions(facts.tools, places_on)
    cited = {evidence.url for claim in claims for evidence in claim.evidence}
    cited |= {tool.evidence.url for tool in (listed.tools if listed else ()) if tool.evidence}
    cited |= {finding.url for finding in findings}
    read = tuple(
        SourceRead(url=url, text_digest=file.page.digest, page_digest=file.page.page_digest)
        for url, file in pages.items()
        if url in cited
    )
    made_from = read_from(tuple(pages.values()), repository, unread, missing)
    return Declared(inventory=listed, claims=claims, findings=findings, read=read, made_from=made_from)


def _listed(tools: ToolInventory, find: Find) -> Inventory:
    """As a record prints it."""
    rows = [
        ListedTool(**{name: getattr(tool, name) for name in _LISTED}, evidence=find(tool.place, tool.name))
        for tool in tools.tools[:MOST_TOOLS]
    ]
    over = len(tools.tools) - len(rows)
    return Inventory(
        tools=tuple(rows),
        counts=tools.counts(),
        complete=tools.complete and not over,
        why=tools.why,
        open_ends=tools.open_ends,
        digest=tools.digest,
    )
