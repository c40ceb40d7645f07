"""What may be shown of a configuration: names and addresses, with everything that looks like a secret masked.

Invariant: a word that has the form of a key or token never passes; a credential is known by its name, not its value.
"""

import re
from collections.abc import Iterable

MASK = "***"

_PREFIX = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abposr]|lin_api|tvly|shpat|dop_v1|eyJ|ya29)[-_.]?"
    r"|AKIA|ASIA|AIza)(?=[A-Za-z0-9_\-.=]*\d)[A-Za-z0-9_\-.=]{8,}"
)
_RUN = re.compile(r"[A-Za-z0-9=+~]{20,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ADDRESS = re.compile(r"(://)(?:[^\s/?#@]{0,2000}@)?([^\s?#]*)(?:[?#]\S*)?")
"""An address without its user information, query and fragment."""
_WORD = re.compile(r"[^/\\:@?&=\s]+")

_CREDENTIAL = re.compile(
    r"""(?:^|[_\-.]|(?<=[a-z])(?=[A-Z]))
    (?:api[_-]?key|app[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|auth[_-]?key|license[_-]?key|key|secret
      |token|password|passwd|pwd|pass|pat|credentials?|auth|authorization|cookie|database[_-]?url|dsn|connection[_-]?string)
    (?:$|[_\-.](?:id|value|json|base64|file)$)""",
    re.VERBOSE | re.IGNORECASE,
)
_NO_CREDENTIAL = re.compile(
    r"(?:project|public|partition|sort|primary|foreign|cache|encryption)[_-]?key$", re.IGNORECASE
)
_VARIABLE = re.compile(
    r"\$\{(?:env:|input:|config:)?([A-Za-z_][\w.\-]*)(?::?-[^}]*)?\}|\$([A-Za-z_]\w*)|%([A-Za-z_]\w*)%"
)
_PLACEHOLDER = re.compile(
    r"[<{\[].*[>}\]]|your|xxx|example|placeholder|changeme|replace|\.\.\.|…|insert|todo|^$", re.IGNORECASE
)
_SECRET_OPTION = re.compile(
    r"--?(?:[a-z0-9]+[-_])*(?:key|token|secret|password|passwd|pass|auth|pat|bearer|credentials?|dsn)\Z", re.I
)
_HEADER_OPTION = re.compile(r"(?:--header|-H)\Z")


def printable(text: str, most: int = 300) -> str:
    """A text from elsewhere in one line: no control or bidirectional characters, cut to `most`."""
    return "".join(character if character.isprintable() else " " for character in text[:most])


def shown(text: str, most: int = 120) -> str:
    """A name, path or address for people: token-like words masked, control characters out, cut to `most`."""
    address = _ADDRESS.sub(r"\1\2", printable(text, most * 4))
    masked = _WORD.sub(lambda match: MASK if looks_secret(match.group()) else match.group(), address)
    return masked if len(masked) <= most else masked[: most - 1] + "…"


def shown_address(address: str) -> str:
    """An endpoint with token-like parts of its path masked; the host stays."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{slash}{shown(path)}"


def looks_secret(word: str) -> bool:
    """Whether a word has the form of a key or token."""
    if _PREFIX.search(word):
        return True
    return any(_mixed(match.group()) for match in _RUN.finditer(word))


def _mixed(run: str) -> bool:
    return any(c.isdigit() for c in run) and any(c.isalpha() for c in run)


def is_credential(name: str) -> bool:
    """Whether an environment variable or field of this name holds a credential."""
    return _CREDENTIAL.search(name) is not None and _NO_CREDENTIAL.search(name) is None


def variables(text: str) -> list[str]:
    """Names of the variables in a value."""
    return [next(group for group in match.groups() if group) for match in _VARIABLE.finditer(text)]


def is_literal(value: str) -> bool:
    """Whether the file itself holds a credential's value: neither a variable nor a placeholder."""
    return not variables(value) and _PLACEHOLDER.search(value) is None


def secret_arguments(words: Iterable[str]) -> list[tuple[str, str]]:
    """Options that carry a credential, each with its value: `--api-key X`, `--token=X`, `-s X`, `--header "A: X"`."""
    found: list[tuple[str, str]] = []
    waiting = ""
    for word in words:
        option, equals, value = word.partition("=")
        waits = not waiting and (_SECRET_OPTION.match(word) or _HEADER_OPTION.match(word))
        if waiting:
            found.append((waiting, word))
        elif equals and _SECRET_OPTION.match(option):
            found.append((option, value))
        waiting = word if waits else ""
    return found
