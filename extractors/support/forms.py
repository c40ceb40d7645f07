"""What sort of sentence it is: a statement about this product, or a heading, a question, a step, a plan, a badge.

Idea: a sentence may speak of a topic and still state nothing about the product. Each form is one short pattern
with a name that a record can print. Invariant: forms depend on the passage and the product's name alone, never on
the claim.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from extractors.lexical.words import stem
from extractors.page_text import BlockKind
from extractors.support.passage import Passage, folded, stems

_GENERIC = frozenset(
    stem(word)
    for word in "mcp server agent agents ai plugin skill official the for and tool app code api llm client a of".split()
)

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "licence": r"\blicen[sc]ed? under\b|\b(?:mit|apache|bsd|gpl\S*|mpl) (?:\S+ ){0,2}licen[sc]e\b|all rights reserved|^copyright\b|terms and conditions of",
        "plan": r"\b(?:coming soon|roadmap|to-?do\b|upcoming|planned|work in progress|wip\b|not yet|in the (?:near )?future|we(?:'re| are) (?:working on|continuing|planning|going to|excited)|aims? to|will (?:soon|be (?:added|supported|available))|stay tuned|next (?:version|release)|under development)",
        "comparison": r"^(?:unlike|compared (?:to|with)|whereas|in contrast)\b|\bunlike (?:other|most|traditional)|\bother (?:tools|frameworks|solutions|servers|agents) (?:are|do|have|can)",
        "badge": r"\b(?:join (?:our|us|the)|star (?:us|this)|follow us|report (?:a )?bug|contribut(?:e|ing|ors?)\b|discord (?:server|community)|sponsor|newsletter|stars?\b.{0,20}github)|^(?:docs|documentation|home|website|quick ?start|installation|table of contents)\b[ |•·-]",
        "conditional": r"^(?:if|when|whenever|once|after|before|unless|should) |\bif (?:you|the|it|enabled|set|needed|required)\b|\bwhen enabled\b",
        "switch": r"\boptional(?:ly)?\b|\b(?:can|may|could) be (?:enabled|configured|disabled|set|turned|restricted|limited)|\bopt-?in\b|(?:disabled|off) by default|\bif (?:enabled|configured)|\bwhen enabled|\benabl(?:e|es|ing) (?:it|this|the|read)|\bby (?:setting|passing|using|enabling)|--[a-z]|\b[a-z]+_[a-z_]+=|\bflag\b|\bconfigurable\b|\bmode (?:restricts|is)|\byou can (?:limit|also|configure|enable|restrict|set)|\bset \S+ to\b",
        "step": r"^(?:\d+[.)] |step \d+:? |- )?(?:first,? |then,? |now,? |next,? )?(?:run|install|open|click|navigate|go to|copy|paste|edit|download|clone|verify|make sure|ensure|see|visit|follow|read (?:the|more)|check (?:out|the)|restart|locate|select|export|replace|add (?:the following|this|your)|set(?:up)? (?:your|the|up)|create (?:an?|the|or|your) (?:\S+ )?(?:account|key|token|file|api|app|copy|\S+ api key|\S+\.json|\S+\.ya?ml)|start (?:the|a|your)|configure (?:your|the)|navigate|enter|use the following|update your|test the connection|build the|you (?:must|need to|will need|'ll need)|to (?:run|install|use|start|build|set up|configure|add|enable|connect|test|integrate)\b)",
        "usage note": r"^(?:description: )?(?:use (?:when|this|proactively|for)\b|this skill should be used|use it (?:when|for)|trigger(?:s|ed)? (?:on|when))|\buse when\b|should be used when",
        "advice": r"\b(?:we (?:strongly )?recommend|recommended|you should|be (?:careful|cautious|aware)|always|never|must|should|do not|don't|avoid|consider|best practices?|caution|warning|important|note that|note:|please)\b",
        "example": r'^"[^"]+"[.,!]?$|\bfor example\b|\be\.g\.|\bexample prompts?\b|^example\b|\bsuch as "|\b(?:try|ask)[^.]{0,20}: ?"',
        "tool line": r"^(?:tools?: |name: |- )?[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+ ?(?:\(\S*\) ?)?(?:[:|-]|$)",
        "option": r"\btrue/false\b|\b(?:true|false) ?\||\((?:string|str|int|integer|boolean|bool|number|array|object)[^)]*\)|\| ?(?:string|integer|boolean|number|bool) ?\||\b(?:default|defaults to):? |^--|^[a-z]+_[a-z_]+ ?(?:=|\|)|\bargument-hint\b",
        "definition": r"^(?:description: )?(?:\S+ ){0,6}(?:is|are) (?:an? |the |your )|^(?:description: )?(?:\S+ ){0,4}- (?:an? |the |your )|^(?:description: )?(?:an? |the )(?:\S+ ){0,6}(?:server|agent|framework|library|platform|tool|toolkit|plugin|app|assistant|skill|sdk|package|guide)\b|mcp server (?:for|to|that|which)",
        "description": r"^(?:description|summary|about):",
        "tool verb": r"^(?:\S+ ){0,3}?(?:creates?|gets?|lists?|updates?|deletes?|search(?:es)?|retrieves?|fetch(?:es)?|sends?|quer(?:y|ies)|executes?|generates?|manages?|reads?|writes?|submits?|returns?|builds?|adds?|converts?|automates?|deploys?|analyzes?|organizes?)\b",
        "itself": r"^(?:description: )?(?:it|this (?:\w+ ){0,2}(?:server|project|tool|plugin|agent|skill|repository|integration|command|package|sdk|framework|app|library|protocol)|the (?:\w+ ){0,3}(?:server|plugin|agent|skill|system|command|framework|toolkit|platform|sdk|app|tools?)|our|we|these (?:mcp )?(?:servers|tools))\b",
        "another": r"^(?:(?:ai |llm |autonomous |malicious |most |many |some |other |existing |traditional |misconfigured )+(?:\w+ )?(?:agents?|clients?|users?|models?|llms?|tools|frameworks|actors)\b|autonomous or |llms? |users? |developers? |attackers? |multi-agent workflows |agents? (?:that|gain|need)|as ai |in general|people |someone |mcp enables|subagents )",
        "addresses reader": r"\byou(?:r|'ll|'re)?\b",
        "negation": r"\b(?:not|no|never|none|neither|cannot|without|refuses?|only)\b|n't\b",
        "past": r"\b(?:no longer|used to|formerly|previously|deprecated|evolved from|started as|earlier versions?)\b",
        "code": r"[{}]|=>|```|->|\(\)|^import |^from \w+ import|;\s*$|\$ |\bnpx -y\b|^# ",
        "link": r"https?://",
        "modal": r"\b(?:can|may|might|could|able to|allows?|enables?|lets?|supports?|capable)\b",
        "we": r"\b(?:we|our)\b",
        "list of": r"(?:[^,]+,){3,}",
    }.items()
}
_NO_STATEMENT = re.compile(r"^[^a-z]*$")
_SENTENCE_END = re.compile(r"[.!:;]\W*$")
_VERB = re.compile(
    r"\b(?:is|are|was|has|have|can|will|does|do|uses?|runs?|lets?|allows?|enables?|provides?|supports?|offers?|keeps?|"
    r"stores?|reads?|writes?|creates?|makes?|returns?|gives?|\w+(?:izes?|ates?|ects?|ages?|ains?|ows?)|connects?|"
    r"executes?|searches?|asks?|requires?|needs?|works?|remembers?|acts?|sends?|calls?|you)\b"
)
SHORT, LONG = 5, 30
"""Words below which a sentence hardly states, and above which it says many things."""


@lru_cache(maxsize=4_096)
def forms(passage: Passage, product: str) -> frozenset[str]:
    """The names of the forms of a passage."""
    text = folded(passage.sentence)
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(text)}
    words = stems(text)
    bare = text.rstrip("\"') ")
    if bare.endswith("?"):
        found.add("question")
    if passage.kind is BlockKind.HEADING or (len(words) <= SHORT and not _VERB.search(text) and not _ended(text)):
        found.add("heading")
    if text.count("|") + text.count("•") + text.count("·") >= 2 and all(
        len(cell.split()) <= 3 for cell in re.split(r"[|•·]", text)
    ):
        found.add("menu")
    if len(words) < SHORT:
        found.add("short")
    if len(words) > LONG:
        found.add("long")
    if not _VERB.search(text):
        found.add("no verb")
    if not words or _NO_STATEMENT.match(text):
        found.add("no words")
    name = frozenset(stems(folded(product.replace("-", " ").replace("_", " ")))) - _GENERIC
    if name and name <= set(words):
        found.add("named")
        if name <= set(words[: len(name) + 4]):
            found.add("named first")
    return frozenset(found)


def _ended(text: str) -> bool:
    return bool(_SENTENCE_END.search(text))
