"""The language of a page: by its script, else by its function words, else as declared, else unknown.

Idea: a reader that knows one language must say which pages it could not read; the words of a page decide before what
the page says of itself. Code, names and facts do not count, since they look alike in every language. Invariant: the
same text gives the same answer; `other` is not English, whatever it is, and text too short or too mixed to tell is
`unknown`, values like any other.
"""

import re
from collections import Counter

from extractors.pages.page_text import BlockKind, PageText

UNKNOWN = "unknown"
OTHER = "other"
FEWEST_LETTERS = 40
"""Letters of prose below which the words decide nothing."""
FOREIGN_SHARE = 0.25
"""Share of letters in another script from which that script decides: English terms are in every technical page."""
BEYOND_SHARE = 0.05
"""Share of words with letters that English has not, from which a page without English function words is not English."""
FUNCTION_SHARE = 0.12
"""Share of function words of one language from which it is recognised."""
MOST_LOOKED_AT = 60_000

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
"""Script to the language that is meant by it here. Kana and Hangul come before Han, which Japanese writes too."""
_LETTER = re.compile(r"[^\W\d_]")
_NOT_LATIN = re.compile("[^\\W\\d_\u0000-\u036f\u1e00-\u1eff]")
_BEYOND_ENGLISH = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"(?<![A-Za-z0-9-])[A-Za-z0-9-]++(?:[_./][A-Za-z0-9-]+)+")
"""`create_invoice`, `example.org/quay`."""
_FUNCTION_WORDS = {
    "en": "the of and to a in is for with that on your you it as are be this from or by can an not when which",
    "de": "der die das und ist nicht ein eine mit für auf zu den von im dem des sich auch werden wird oder sind kann "
    "aus",
    "es": "el la los las de y que en un una con por para es del se su al como más o no sus puede esta este cualquier",
    "fr": "le la les des et est une un pour dans avec que qui sur pas vous votre par du au aux ou ce cette sont",
    "pt": "o a os as de e que em um uma com por para é do da dos das no na se ou não seu sua mais como",
    "it": "il lo la i gli le di e che in un una con per è del della dei delle al non si come più o da sono nel",
    "nl": "de het een en van is niet met voor op te dat in zijn die aan door of bij naar wordt kan ook je om",
    "pl": "i w na z do nie się jest to że dla przez lub oraz jak od po może są który która za ze",
    "sv": "och att det en ett är som för på av med den till inte om kan eller från har de din",
    "tr": "ve bir bu için ile da de olarak veya en çok gibi olan daha sonra her ne değil",
    "id": "dan yang untuk di dengan ini dari pada adalah ke atau dapat tidak anda oleh akan sebagai dalam",
    "vi": "và của là có cho các được với không trong một để này khi từ bạn trên những hoặc theo",
}
_OF = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}


def language_of(page: PageText, declared: str = "") -> str:
    """ISO 639-1 code of the language of the page's prose, `other` or `unknown`. `declared` is the page's own `lang`."""
    blocks = (block for block in page.blocks if block.kind not in (BlockKind.CODE, BlockKind.FACT))
    prose = _NAME.sub(" ", " ".join(page.text[block.start : block.end] for block in blocks)[:MOST_LOOKED_AT])
    letters, foreign = len(_LETTER.findall(prose)), len(_NOT_LATIN.findall(prose))
    if foreign >= FOREIGN_SHARE * max(letters, FEWEST_LETTERS):
        scripts = {language: len(script.findall(prose)) for language, script in _SCRIPTS}
        if scripts["ja"] * 10 >= scripts["zh"] and scripts["ja"]:  # Han with kana between is Japanese
            scripts["ja"] += scripts["zh"]
        return max(scripts, key=lambda language: scripts[language]) if any(scripts.values()) else OTHER
    if letters < FEWEST_LETTERS:
        return UNKNOWN
    words = [word.lower() for word in _WORD.findall(prose)]
    counts = Counter({language: sum(word in known for word in words) for language, known in _OF.items()})
    (first, most), (_, second) = counts.most_common(2)
    rival = second if first == "en" else counts["en"]
    if most >= FUNCTION_SHARE * len(words) and most >= 1.3 * rival:
        return first
    beyond = sum(_BEYOND_ENGLISH.search(word) is not None for word in words)
    if beyond >= BEYOND_SHARE * len(words) and not counts["en"]:
        return OTHER
    return declared.lower().partition("-")[0] or UNKNOWN
