"""Phrases of a description that decide what a tool does: runs code, spends, sends, changes, only reads.

Invariant: each is a phrase with its object; a word alone decides nothing.
"""

from __future__ import annotations

import re

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
NOISE = re.compile(r"(?:v|v?\d+|mcp|tool|api)", re.IGNORECASE)
LEAD = re.compile(
    r"^(?:\W+|(?:this|the) (?:tool|function|action|endpoint)(?: (?:is used to|can be used to|allows? (?:you"
    r"|users?|agents?|the (?:user|agent|model)) to|lets you|will))?\s"
    r"|(?:a |an )?(?:tool|function|utility|helper|command)s? (?:to|for|that|which)\s|allows? (?:you|users?"
    r"|agents?|the \w+|for)?\s*(?:to\s)?|(?:can be )?used to\s"
    r"|use this (?:tool )?(?:to|when you (?:need|want) to|for)\s|(?:enables?|lets?|helps?) (?:you|users?"
    r"|agents?)? ?(?:to\s)?|\[[^\]]{0,40}\]\s|\([^)]{0,40}\)\s"
    r"|(?:asynchronously|safely|quickly|easily|directly|automatically|programmatically|simply|bulk|batch)\s)+",
    re.IGNORECASE,
)
CODE = (
    r"(?:sql|code|commands?|scripts?|javascript|typescript|python|shell|bash|powershell|kubectl|cypher"
    r"|programs?|luau?|applescript|expressions?|ruby|php|perl|vba|gdscript"
    r"|jxa|cli commands?|terminal|statements?|ddl|dml|gremlin|groovy)"
)
EXECUTES = re.compile(
    rf"\b(?:execut(?:e|es|ing)|run(?:s|ning)?|evaluat(?:e|es|ing)|eval|interpret(?:s)?)\s+(?:(?!and\b|or\b"
    rf"|to\b|on\b|in\b|against\b|math|arithmetic|regex|cron|xpath|numeric)[\w'`*/(),.-]+\s+){{0,5}}?[`'\"]?{CODE}\b"
    r"|\bexecut(?:e|es|ing) (?:[\w-]+,? ){0,4}?(?:insert|update|delete|merge|drop)\b"
    r"|\b(?:call|invoke|execute|run)s? (?:an? |any |the )?(?:[\w-]+ ){0,2}?tools? (?:of|on|from|by|exposed)\b"
    rf"|\barbitrary\s+{CODE}\b|\b{CODE} execution\b|\b(?:trigger|start|launch|kick off|re-?run|retrigger"
    rf"|dispatch)(?:s|ing)?\s+(?:(?!and\b|or\b|to\b|on\b|in\b|of\b|for\b)[\w'`*-]+\s+){{0,4}}?"
    r"(?:workflow|pipeline|build|job|dag|playbook|ci run|workflow run|deployment run|test suite)s?\b",
    re.IGNORECASE,
)
SPENDS = re.compile(
    r"\b(?:(?:purchas(?:e|es|ing)|buy(?:s|ing)?|refund(?:s|ing)?) (?:an?|the|new|items?|domains?|credits?"
    r"|products?|or|stocks?|tokens?|more)\b|pay(?:s|ing)? (?:for|an?|the|with|out)|charg(?:e|es|ing) (?:a|the"
    r"|an|your) (?:card|customer|account|payment|credit)"
    r"|(?:plac|creat|submit)(?:e|es|ing|s)? (?:an?|the|new|market|limit|a new)? ?(?:[\w-]+ )?(?:orders?"
    r"|payments?|payment links?|refunds?|charges?|payouts?|bookings?|trades?|checkout sessions?)\b"
    r"|(?:send|transfer)(?:s|ring|ing)? (?:funds|money|tokens|eth|sol|usdc|btc|crypto\w*|native|erc-?20)\b"
    r"|swap(?:s|ping)? (?:tokens?|crypto)"
    r"|incurs? (?:a )?(?:cost|charge|fee)s?|will be (?:billed|charged)|costs? money|complet(?:e|es"
    r"|ing) (?:the |a )?(?:purchase|payment|checkout)|book(?:s|ing)? (?:a|an|the) (?:flight|hotel|room|table"
    r"|ride|stay))\b",
    re.IGNORECASE,
)
SENDS = re.compile(
    r"\b(?:send(?:s|ing)?|deliver(?:s|ing)?|broadcast(?:s|ing)?|forward(?:s|ing)?)\s+(?:(?!and\b|or\b|request"
    r"|quer|to\b|in\b)[\w'`*-]+\s+){0,4}?"
    r"(?:e-?mails?|mails?|messages?|sms|notifications?|tweets?|dms?|alerts? to|invitations?|texts?|replies"
    r"|reply|newsletter|faxe?s?)\b"
    r"|\bpost(?:s|ing)?\s+(?:(?!request)[\w'`*-]+\s+){0,3}?(?:messages?|tweets?|repl(?:y|ies)"
    r"|to (?:slack|twitter|x|linkedin|a channel|the channel|discord|teams|mastodon|bluesky))\b"
    r"|\b(?:creat|publish)(?:e|es|ing)?\s+(?:a |an |the |new )*(?:public )?(?:status page post|tweet"
    r"|social media post|linkedin post|announcement)\b"
    r"|\bnotif(?:y|ies|ying)\s+(?:the |a |an |all |your )?(?:users?|people|team|channel|subscribers|customers"
    r"|owner)\b|\b(?:e-?mail|text|dm|tweet)s? (?:a|an|the|someone|people|users?)\b"
    r"|\bsend(?:s|ing)? (?:an? )?(?:connection|friend|contact|meeting) requests?\b"
    r"|\bplay(?:s)? (?:(?:a|it as) )?(?:sound|speech)|\bspeaks?\s+(?:the |a |some )?(?:given |provided )?(?:text"
    r"|message)|\bmake(?:s)? (?:a )?phone calls?\b",
    re.IGNORECASE,
)
_ALTERS = r"(?:creat|updat|delet|renam|edit|remov|modify)(?:e|ing|es)?\b"
OPERATIONS = re.compile(
    rf"\b{_ALTERS}(?:,? (?:and |or )?|/)(?:[\w-]{{1,20}}(?:, |/)){{0,3}}(?:and |or )?{_ALTERS}"
    r"|\b(?:POST|PUT|PATCH|DELETE)(?:,? and|,? or|,)? (?:POST|PUT|PATCH|DELETE|(?:HTTP |API )?requests?)\b",
    re.IGNORECASE,
)
"""What one tool does that does many things: `create, update, complete, delete`."""
CHANGES = re.compile(
    r"\b(?:insert|update|delete|drop|alter)\b(?:,| and | or |/)\s*(?:insert|update|delete|drop|alter|create)\b"
    r"|\b(?:saves?|writes?|stores?) (?:it |them |the (?:result|output|image|file)s? )?(?:to|into|in) (?:a "
    r"|the )?(?:disk|file|path|local|database|output|specified|given|directory|workspace|memory)",
    re.IGNORECASE,
)
ONLY_READS = re.compile(
    r"(?i)\b(?:execut(?:e|es|ing)|runs?) (?:an? |any )?"
    r"(?:(?:select|with|explain|show|describe)(?:,? or |,? and |, | |/)){1,6}(?:sql )?(?:statement|quer)"
    r"|\bread[- ]?only (?:sql|quer|cypher|select|access|operation|transaction|command|statement|database"
    r"|mode|tool)|\bselect(?:[- ]only)? (?:quer|statement)|\bonly (?:select|read|supports select|allows select"
    r"|read-only)"
    r"|\bwithout (?:executing|running|sending|changing|modifying)|\bdoes not (?:execute|run|modify|change|send"
    r"|write)|\bdoesn't (?:execute|run|modify|send)|\bdry[- ]run (?:only|of)|^preview\b|\bquer\w+ \(?read[- ]only"
    r"|\b(?:promql|logql|traceql|kusto|kql)\b"
    r"|\b(?:instant|range|analytics?|search|metrics?|logs?|traces?) quer(?:y|ies)\b"
    r"|\bin (?:a )?read-only (?:mode|transaction)\b|\(read[- ]only\)|^read[- ]only\b"
)
CONDITIONAL = re.compile(
    r"(?i)\b(?:when|if|unless|depending|in restricted mode|may be|limitations|can be (?:set|configured))\b"
)
PLAIN_CHANGES = {
    "creates",
    "create",
    "deletes",
    "delete",
    "removes",
    "remove",
    "updates",
    "update",
    "modifies",
    "modify",
    "inserts",
    "insert",
    "overwrites",
    "overwrite",
    "drops",
    "drop",
    "destroys",
    "destroy",
    "uploads",
    "upload",
    "deploys",
    "deploy",
    "writes",
    "write",
    "edits",
    "edit",
    "purges",
    "resets",
    "sends",
    "send",
    "buys",
    "buy",
    "pays",
    "pay",
    "purchases",
    "purchase",
    "revokes",
    "grants",
    "installs",
    "install",
    "kills",
    "terminates",
}
"""First words of a description that change something, whatever the name says."""
COSTS = re.compile(
    r"(?i)confirm_?cost|\bpayment_?method|\bmax_?price|\bcost_?id|\bbilling_?period"
    r"|\bamount\b[^}]{0,200}\bcurrency|\bcurrency\b[^}]{0,200}\bamount"
)
