# ruff: noqa: E501
"""How text tries to take over the model that reads it, in the languages in which it has been seen.

Idea: five moves. Drop your instructions; show them; be someone without rules; write this reply; act with your
tools before you answer. And one trick: the end of the quoted page is faked. Shown as an example none counts.
"""

from __future__ import annotations

from extractors.hostile_cues import START, Cue, Needs, cue

_DROPPED = r"(?:ignore|disregard|forget|override|discard|drop|bypass|abandon|stop following|do not follow|don't follow|pay no attention to|set aside)"
_ORDERS = r"(?:instructions?|prompts?|rules|directions?|directives?|guidelines?|commands?|orders?|programming|training|constraints|guardrails|polic(?:y|ies)|messages?|context|safeguards)"
_OWN = r"(?:system|initial|original|hidden|secret|own|operating|internal|developer|exact|full|confidential|private|underlying|first)"
_REPLY = r"(?:repl(?:y|ies)|responses?|answers?|outputs?|summar(?:y|ies)|reviews?|reports?|completions?|messages?|analys[ei]s|assessments?|evaluations?)"
_SAY = (
    r"(?:reveal|show|print|output|repeat|tell|display|leak|dump|disclose|expose|share|includ(?:e|ing)|list|quote|restate"
    r"|recite|give|send|return|append|summari[sz]e|write|add|echo|copy|read)"
)


def _cue(says: str, pattern: str, needs: Needs = Needs.NO_EXAMPLE) -> Cue:
    return cue(says, pattern, needs)


_TAKES_OVER = "tells the reading model to drop its instructions"
_EXTRACTS = "asks the reading model for its instructions"
_FREES = "tells the reading model that it has no rules"
_WRITES = "dictates the reading model's reply"
_ACTS = "tells the reading model to act with its tools"
_FAKES = "fakes the end of the quoted page or another speaker"

OVERRIDES: tuple[Cue, ...] = (
    _cue(
        _TAKES_OVER,
        rf"{START}{_DROPPED}(?:ing)?\s+(?:(?:all|any|every|the|your|of|these|those|everything|previous|prior|earlier|above|preceding|foregoing"
        rf"|existing|other|original|initial|developer|and|current|system|safety|user'?s?|content|my|default|given|last)[ ,]+){{1,6}}(?:\w+ )?{_ORDERS}\b"
        r"(?! (?:if|when|unless|for|that|which|file|in case|below|section|you (?:don|do not))\b)",
    ),
    _cue(
        _TAKES_OVER,
        rf"{START}{_DROPPED}\s+(?:(?:everything|all|any|anything|the|that|what|of|it|text|passage|content|passages|words|question|request|task|summari[sz]ation"
        rf"|was|came|is|written|said|user'?s?|my|original|preceding|previous|prior|you|were|told|entirely|directions?|instructions?)\s+){{0,6}}"
        r"(?:above|before(?: this)?|previously|so far|preceding text|passage|question|request|entirely|told|directions|instructions?)\b[^.!?\n]{0,30}?"
        r"[.,;:]?\s*(?:and |instead|then |just |simply |from now|from here|only )",
    ),
    _cue(
        _TAKES_OVER,
        rf"{START}(?:{_DROPPED}|don't evaluate|do not evaluate)\b[^.!?\n]{{0,60}}?(?:,| and| but|;|\.)(?: (?:then|just|simply|only|instead|now|immediately))*"
        r" (?:print|output|say|translate|respond|reply|write|focus|follow|return|report|answer|state|confirm|do)\b",
    ),
    _cue(
        _TAKES_OVER,
        r"\bignore (?:them|it|that|this|everything)\b[^.!?\n]{0,20}\binstead (?:focus|follow|use|print|reply|respond|do)\b",
    ),
    _cue(
        _TAKES_OVER,
        r"\b(?:new|updated|real|actual|true|only|next) (?:instructions?|directives?|task|orders?|objective|goal|mission)(?: (?:from|for) (?:the )?\w+)?\s*(?::|is (?:to|now)\b|supersedes?)\s*\S",
    ),
    _cue(
        _TAKES_OVER,
        r"\b(?:prior|previous|current|original|earlier) task (?:is|has been|was) (?:now )?(?:cancel|complete|over|finish|void|replac|supersed)\w*",
    ),
    _cue(
        _TAKES_OVER,
        r"\b(?:your|all|the) (?:new )?(?:rules|directive|instructions|guidelines|safety protocols?)\b[^.!?\n]{0,30}\b(?:have changed|has changed|supersedes?|(?:are|is) (?:now )?(?:disabled|void|suspended|lifted)|disabled)",
    ),
    _cue(_TAKES_OVER, r"\bstop answering\b[^.!?\n]{0,60}\b(?:output|instead|reply|respond)\b"),
    _cue(
        _TAKES_OVER,
        r"\b(?:shift|change|switch|redirect) your (?:focus|attention|role|task|goal)\b[^.!?]{0,120}\byour (?:own )?(?:instruct|prompt|rules)",
    ),
    _cue(
        _EXTRACTS,
        rf"{START}{_SAY}\b[^.!?\n]{{0,50}}?\b(?:your|the)\s+(?:(?:full|own|exact|complete|entire)\s+)?(?:{_OWN}\s+)+(?:prompt|instructions?|instructs?|messages?|rules|directives?|configuration)\b",
    ),
    _cue(
        _EXTRACTS,
        rf"\b{_SAY}\b[^.!?\n]{{0,60}}\b(?:instructions?|everything|documents?|words|tools?|functions?|text|chunks?|credentials?|secrets?)\b[^.!?\n]{{0,40}}\b(?:you (?:were|have been|are|can|'ve been) (?:given|told|passed|shown|access)|(?:available|passed|given) to you|in your context|you have access to|above starting)",
    ),
    _cue(
        _EXTRACTS,
        rf"{START}{_SAY}\b[^.!?\n]{{0,40}}\b(?:everything (?:the user|in your|you)|hidden prompt|context window|words above|earlier in this conversation|confidential data|all environment variables|api keys? (?:from your|in your|sk-|you ))",
    ),
    _cue(
        _FREES,
        r"\byou (?:are|will be|become)(?: now| no longer| hereby|,? from now on,?)+ (?:an? |in )?(?:\w+ ){0,2}?(?:dan\b|unrestricted|uncensored|unfiltered|jailbroken|free (?:of|from)|developer mode|god mode|root|support bot|bound by|limited by|evil|an ai (?:with|without))",
    ),
    _cue(
        _FREES,
        r"\b(?:you|dan|ai|model|assistant)\b[^.!?\n]{0,40}\b(?:have|has|with|without|had) (?:no|any|absolutely no) (?:\w+ ){0,2}?(?:restrictions?|limits?|rules|filters?|content polic(?:y|ies)|guidelines|censorship)\b",
    ),
    _cue(
        _FREES,
        r"(?:^|[.!:\n]\s*)(?:from now on|henceforth|from this point|from here on)\b[^.!?\n]{0,40}\b(?:you (?:must|will|are|have|shall|should)|always|never|respond|reply|answer|ignore)\b",
    ),
    _cue(
        _FREES,
        r"\b(?:disregard|ignore|skip|exempt from|not (?:meant|apply|apply here) for|bypass|without)\b[^.!?\n]{0,30}\b(?:content polic(?:y|ies)|safety (?:guidelines?|rules|checks|protocols?)|the usual restrictions|restricted content)\b",
    ),
    _cue(
        _FREES,
        r"(?:^|[.!:\n]\s*)(?:act|respond|behave|pretend|answer)(?: as)? (?:if |though |like )?(?:an? |you (?:are|have|had|were) (?:an? )?)(?:\w+ ){0,3}?(?:uncensored|unrestricted|unfiltered|no (?:filters|rules|limits|restrictions|content))",
    ),
    _cue(
        _WRITES,
        rf"\b(?:include|append|add|insert|mention|repeat|state|write|put|place|begin|start|end|finish|prefix|conclude|quote|cite|contain|present)\b[^.!?\n]{{0,90}}?"
        r"\b(?:your|every|each)\s+(?:(?:next|future|entire|whole|final|very next|subsequent|following|single|normal) )*(?:repl(?:y|ies)|answers?|summar(?:y|ies)|completions?)\b",
    ),
    _cue(
        _WRITES,
        r"\b(?:include|append|add|begin|start|end|finish|prefix)\b[^.!?\n]{0,90}?\b(?:in|of|to|with|begin|start|end|finish) (?:your (?:\w+ )?|every |each )response\b",
    ),
    _cue(
        _WRITES,
        r"\b(?:begin|start|end|finish|prefix) (?:your|every|each|all) (?:\w+ )?(?:responses?|outputs?|messages?|repl(?:y|ies)|answers?)\b",
    ),
    _cue(
        _WRITES,
        r"\b(?:decode|decrypt|de-?cipher|translate)\b[^.!?\n]{0,60}[.,]?[^.!?\n]{0,40}\b(?:follow|execute|obey|run|do (?:exactly )?what)\b(?=[^.!?\n]{0,30}(?:\bit\b|inside|instruction|command|says|:))",
    ),
    _cue(_WRITES, r"\b(?:decode|decrypt) and (?:follow|execute|obey|run|do)\b"),
    _cue(
        _WRITES,
        rf"\b(?:at|to) the (?:very )?(?:end|beginning|start|top) of (?:your|every|each|all|any|the) (?:\w+ )?{_REPLY}\b",
    ),
    _cue(_WRITES, rf"\byour (?:entire |whole |next |final )*{_REPLY}\b[^.!?\n]{{0,30}}\b(?:must|should|has to)\b"),
    _cue(
        _WRITES,
        rf"{START}(?:always |only |you (?:must|should) )?(?:reply|respond|answer)\s+(?:only |exactly |just |simply |back |verbatim )*(?:to [^.!?\n]{{0,60}}?)?(?:with|by)\b[^.!?\n]{{0,12}}?"
        r"(?:\b(?:only|exactly|just|nothing|(?:saying|outputting|replying|printing|confirming))\b|\bthe (?:exact|following|code|token|phrase|words?|string)\b|[\"'“]|\b\w+-\w+-\w+|\S+_\S+)",
    ),
    _cue(
        _WRITES,
        rf"{START}(?:reply|respond|answer|output|say|print|write|confirm)\b[^.!?\n]{{0,40}}?\b(?:and nothing else|verbatim|only the (?:following|exact|word|phrase|string)|the exact (?:token|code|string|phrase|words?|sentence|text)"
        r"|by outputting|exactly (?:as|the following|[\"'“]))",
    ),
    _cue(
        _WRITES,
        r"\b(?:include|append|add|insert|mention|repeat|output|cite|say|contain|embed)\b[^.!?\n]{0,40}?\b(?:(?:exact |following |canary |verification |confirmation |reference |secret )+(?:token|code|string|phrase|sentence|words?|marker|tag|id)s?|sentence|token \S+)\b[^.!?\n]{0,60}?(?:\b(?:verbatim|exactly|naturally|at the end|in (?:your|the|every) (?:summary|reply|response|answer|output|review)|to (?:your|the end of))\b)",
    ),
    _cue(
        _WRITES,
        rf"\b(?:every|any|each|your) {_REPLY}\b[^.!?\n]{{0,60}}\b(?:must|should|has to|will always)\b[^.!?\n]{{0,30}}\b(?:include|end|begin|start|cite|contain|be exactly|be phrased|mention)\b",
    ),
    _cue(
        _WRITES,
        r"\b(?:output|reply|respond|print)\b[^.!?\n]{0,60}\binstead of (?:answering|a normal|the usual|the (?:answer|summary))",
    ),
    _cue(
        _WRITES,
        rf"\b(?:to|in|of) (?:your|a) (?:long-term )?memory\b[^.!?\n]{{0,80}}\b(?:future|every|always)\b[^.!?\n]{{0,30}}\b(?:{_REPLY}|task)",
    ),
    _cue(
        _ACTS,
        r"\b(?:before|prior to) (?:you )?(?:reply(?:ing)?|respond(?:ing)?|answer(?:ing)?|summari[sz](?:e|ing))\b[^.!?\n]{0,30}?[,:;]\s*(?:please |first |also )*"
        r"(?:call|run|invoke|execute|post|fetch|delete|e-?mail|send|print|output|restate|list|visit|open|use)\b"
        r"|\b(?:call|run|invoke|execute|post|fetch|delete|e-?mail|send|print|output|restate|visit)\b[^.!?\n]{0,100}\bbefore (?:you )?(?:reply|respond|answer|summari[sz])(?:e|ing)?\b",
    ),
    _cue(
        _ACTS,
        r"\b(?:call|invoke|use) (?:the )?(?:send|delete|http|fetch|post|write|exec|execute|run|upload|drop|transfer|create|update|read|get|list)_[a-z_]+(?: tool)?\b"
        r"(?=[^\n]{0,90}(?:https?://|@\w|[./]\w*/\w+|\bbefore\b|api key|\bsummary\b))",
    ),
    _cue(
        _ACTS,
        rf"{START}(?:also |secretly |quietly )*(?:e-?mail|send|forward|exfiltrate|leak|collect)\b[^.!?\n]{{0,60}}?\b(?:customer|credential|secret|api key|password|conversation|environment variable|order data|personal data|chat history)"
        r"[^.!?\n]{0,60}?(?:[\w.]+@\w+|https?://|\bexternal(?:ly)?\b)",
    ),
    _cue(_FAKES, r"<\|(?:im_start|im_end|system|endoftext|start_header_id)\|>\s*(?:system|user|assistant|developer)?"),
    _cue(
        _FAKES,
        r"</(?:untrusted\w*|document|documents|context|page|data|user_?input|input|source|instructions?|system|tool_result)>\s*(?:\S[^\n]*\n\s*)?(?:#+ *|- )?(?:system|user|assistant|developer|new|you|<)",
    ),
    _cue(
        _FAKES,
        r"\[/?(?:system|inst|admin|developer)\][ :]*\w|\[system (?:instruction|override|message|prompt|notice)[^\]]*\]",
    ),
    _cue(
        _FAKES,
        r"(?:^|\n)[\W_]*(?:system|hidden|secret|override|admin(?:istrator)?|(?:important )?system) ?(?:note|notice|override|update|alert|command|directive|instruction|message from \w+)?:\s*\S?[^\n]{0,140}"
        r"\b(?:your (?:reply|response|answer|instructions?|rules|task|prior|directive|guidelines)|ignore|disregard|token|append|previous|prior|the user(?:'s)? (?:task|is an? admin|has)|reveal|new instruction"
        r"|you (?:are now|may now|must now|now)|the block above|call \w+_\w+|safety protocols?|when (?:summari|describ|review|evaluat)\w+|grant)\b",
    ),
    _cue(
        _FAKES,
        r"(?:^|\n)[\W_]*end of (?:the )?(?:document|user input|untrusted|page|context|input|data|file|external)\b[\s\S]{0,40}\b(?:system|user|assistant|new|instruction|admin)\b",
    ),
    _cue(
        _FAKES,
        r"\b(?:hidden|secret|most important|top priority|priority|assistant[- ]only|embedded|standing) (?:instructions?|directives?|prompt|overrides?)\b(?: for [\w ]{2,30})?\W{0,3}[:#*(]",
    ),
    _cue(
        _FAKES,
        r"\b(?:assistant|ai|llm|model|agent|bot)[-_ ](?:only )?(?:instructions?|directives?|note|notice|message)\b\W{0,3}:",
    ),
    # The same moves elsewhere
    _cue(
        _TAKES_OVER,
        r"\b(?:ignorier\w*|vergiss|vergesst|vergessen sie|missachte\w*)\b[^.!?\n]{0,50}\b(?:anweisung\w*|instruktion\w*|regeln|richtlinien|vorgaben|alles, was)",
    ),
    _cue(
        _TAKES_OVER,
        r"\b(?:ignore[zr]?|oublie[zr]?|ne tiens pas compte)\b[^.!?\n]{0,50}\b(?:instructions|consignes|directives|règles)\b[^.!?\n]{0,20}\b(?:précédentes|ci-dessus|antérieures|et\b)|\boubliez toutes les (?:instructions|consignes)",
    ),
    _cue(
        _TAKES_OVER,
        r"\b(?:ignora|ignore|ignorad|olvida|olvide|dimentica|esqueça|desconsidere)\b[^.!?\n]{0,30}\b(?:instrucciones|istruzioni|instruções|reglas|regole|regras)\b",
    ),
    _cue(_TAKES_OVER, r"(?:игнорируй\w*|забудь\w*|не обращай\w*)[^.!?\n]{0,50}(?:инструкци|указани|правил|команд)"),
    _cue(
        _TAKES_OVER,
        r"(?:忽略|无视|無視し?|忘记|忘掉)[^。！？\n]{0,20}(?:指令|指示|说明|說明|提示|规则|規則|命令)|(?:指示|命令|ルール|プロンプト)[^。！？\n]{0,14}(?:無視|忘れ)|(?:지시|명령|규칙)[^.!?\n]{0,12}(?:무시|잊)|تجاهل[^.!؟\n]{0,30}(?:التعليمات|الأوامر)",
    ),
    _cue(
        _EXTRACTS,
        r"\b(?:rivela\w*|revela\w*|muestra\w*|mostra\w*|révèle\w*|montre\w*|verrate\w*|zeige?\w*|preisgeben|gib)\b[^.!?\n]{0,40}(?:prompt|instrucciones del sistema|istruzioni di sistema|instructions système|systemanweisung\w*|interne\w* daten)",
    ),
    _cue(
        _FREES,
        r"\b(?:sin (?:restricciones|filtros?)|senza restrizioni|sans restrictions|ohne einschr(?:ä|ae)nkungen|sem restrições|uneingeschränkt|keine regeln|без ограничений)\b",
    ),
    _cue(
        _WRITES,
        r"\b(?:am ende|à la fin|al final|alla fine|в конце|no final)\b[^.!?\n]{0,20}\b(?:jeder|jede|toute|cualquier|cada|ogni|de toda|каждого)\b[^.!?\n]{0,20}\b(?:antwort|réponse|respuesta|risposta|ответ|resposta)",
    ),
    _cue(
        _WRITES,
        r"(?:返答|回答|回复|回覆|답변|отве[тч]\w*|أجب|respond[ea]\w*)[^。.!?\n]{0,30}[\"“「『][^\"”」』\n]{2,60}[\"”」』]|回复[^。\n]{0,20}(?:必须|末尾)",
    ),
    _cue(
        "speaks to an AI as the reader of this page",
        r"(?:如果你是|若你是|作为)(?:一个|一名)?(?:ai|llm|大语言模型|大模型|人工智能|智能体)|あなたが(?:ai|llm|人工知能)|당신이 (?:ai|인공지능)"
        r"|\bwenn (?:du|sie) (?:ein\w* )?(?:ki\b|sprachmodell|ai\b|llm)|\bsi (?:tu es|vous êtes|eres|usted es) (?:une?|una?) (?:ia|ai|llm|mod[eè]l\w+|agent\w* (?:ia|ai))"
        r"|\bse (?:sei|você é|é) (?:una?|um|uma)\W?(?:ia|ai|llm|modell?o)|если (?:ты|вы)[^.!?\n]{0,12}(?:ии\b|языков\w+ модел|нейросет)"
        r"|(?:ai|llm|人工智能)\s?(?:助手|代理|智能体|评审|エージェント|アシスタント)[^。\n]{0,16}(?:请|必须|应|してください|推荐|推薦)|ki-(?:assistent\w*|agent\w*|modell\w*)[^.!?\n]{0,30}(?:müssen|sollen|bitte)",
    ),
    _cue(
        "dictates how this listing is summarised, rated or recommended",
        r"(?:总结|總結|评价|评估|描述|介绍|审查)(?:本|此|这个|該|该)(?:项目|仓库|文档|工具|产品)[^。\n]{0,8}(?:时|時)[^。\n]{0,4}(?:请|必须|务必|应|不要)"
        r"|\b(?:beim|bei der) (?:zusammenfass|bewert|beschreib)\w+ dies\w+ (?:projekt|repositor|seite|tool)\w*[^.!?\n]{0,30}\b(?:muss|bitte|immer|soll)\w*"
        r"|\b(?:en résumant|lorsque vous (?:résumez|évaluez)|al resumir|al evaluar|nel riassumere|quando riassumi|ao resumir|при (?:обобщении|оценке|описании))\b[^.!?\n]{0,40}(?:ce |este |questo |этого )",
    ),
)
