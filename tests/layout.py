"""`python -m tests.layout [--check]`: templates, style sheets and scripts in lines that a person can read.

Idea: a line is broken only where the page stays the same. In a template that is after a block tag (whose line end Jinja
drops), inside a Jinja expression, and where white space is or cannot be seen. In a style sheet each rule has a line;
scripts are only measured.
Invariant: what is written is not changed by a second run. A formatter of HTML would set inline elements apart, which a
reader sees.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("publishing", "review")
WIDTH = 120
LIMIT = 160

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_UNSEEN = re.compile(
    r"</(?:td|th|tr|thead|tbody|table|caption|option|section|p|h[1-3]|form|article|details|div)>(?=<)"
    r"|<input type=\"hidden\"[^<>]*>(?=<)|>(?=<input type=\"hidden\")"
)


def files() -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for ending in ("templates/*.html", "static/*.css", "static/*.js")
        for path in (ROOT / folder).glob(ending)
    )


def laid_out(path: Path) -> str:
    """The text of a file as it should be."""
    text = path.read_text(encoding="utf-8")
    write = {".css": style_sheet, ".html": template}.get(path.suffix)
    return write(text) if write else text


def template(text: str) -> str:
    """A template with its long lines broken."""
    return "\n".join(_broken(text))


def _breaks(text: str) -> dict[int, int]:
    """Place to rank of each possible break: 0 is best. At a space the break takes its place, else it is put in.

    A space after a block tag stays: Jinja drops a line end there.
    """
    found: dict[int, int] = {}
    inside, quoted, at = False, "", 0
    while at < len(text):
        chunk = _JINJA.match(text, at)
        if chunk:
            words = _STRING.sub(lambda string: "x" * len(string[0]), chunk[0])
            first = 2 + len(words[2:].lstrip().split(" ")[0]) + 1
            found |= {
                at + space.start(): 2 for space in re.finditer(" ", words) if first < space.start() < len(words) - 3
            }
            at = chunk.end()
            blocks = chunk[0][1] in "%#"
            if blocks and text[at : at + 1] != " ":
                found[at] = 4 if inside else 0
            at += blocks and text[at : at + 1] == " "
            continue
        sign = text[at]
        if quoted:
            quoted = "" if sign == quoted else quoted
        elif inside:
            quoted = sign if sign in "\"'" else ""
            inside = sign != ">"
            if sign == " ":
                found[at] = 5
        elif sign == "<":
            inside = True
        elif sign == " ":
            found[at] = 1 if text[at + 1 : at + 2] == "<" else 3
        at += 1
    return found | {unseen.end(): 0 for unseen in _UNSEEN.finditer(text)}


def _broken(text: str) -> list[str]:
    breaks, lines, start = _breaks(text), [], 0
    for line in text.split("\n"):
        end = start + len(line)
        while end - start > WIDTH:
            place = _best(breaks, start, end)
            if place == end:
                break
            lines.append(text[start:place].rstrip(" "))
            start = place + (text[place] == " ")
        lines.append(text[start:end])
        start = end + 1
    return lines


def _best(breaks: dict[int, int], start: int, end: int) -> int:
    """Where a line is broken: words that stand together on the page stay together where they can."""
    spare = () if end - start <= LIMIT else ((WIDTH, 3), (LIMIT, 3), (WIDTH, 5), (end - start, 5))
    for most, worst in ((WIDTH, 2), (LIMIT, 2), *spare):
        near = [at for at in breaks if start + WIDTH // 3 < at <= start + most and at < end and breaks[at] <= worst]
        if near:
            return max(near, key=lambda at: (-breaks[at], at)) if most == WIDTH else min(near)
    return end


def style_sheet(text: str) -> str:
    """A style sheet with one rule a line, and a long rule in several lines."""
    lines: list[str] = []
    _rules(text, "", lines)
    return "\n".join(lines).strip("\n") + "\n"


def _rules(text: str, indent: str, lines: list[str]) -> None:
    at = 0
    for part in re.finditer(r"\s*(/\*.*?\*/|[^{}]+?\s*\{)", text, re.S):
        if part.start() < at:
            continue
        if text[at : part.end(1)].partition(part[1].strip())[0].count("\n") > 1 and lines:
            lines.append("")
        at = part.end()
        if part[1].startswith("/*"):
            lines.append(indent + part[1])
            continue
        body = _body(text, at)
        at += len(body) + 1
        head = indent + " ".join(part[1][:-1].split())
        if "{" in body:
            lines.append(f"{head} {{")
            _rules(body, indent + "  ", lines)
            lines.append(f"{indent}}}")
        else:
            _rule(head, [" ".join(line.split()) for line in body.strip().split("\n")], indent, lines)


def _body(text: str, start: int) -> str:
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return text[start:at]
    raise ValueError("a rule has no end")


def _rule(head: str, body: list[str], indent: str, lines: list[str]) -> None:
    whole = f"{head} {{ {' '.join(body)} }}"
    if len(body) == 1 and len(whole) <= WIDTH:
        lines.append(whole)
        return
    lines.append(f"{head} {{")
    for words in body:
        line = indent + " "
        for declaration in re.findall(r"[^;]+;?", words):
            if len(line) + 1 + len(declaration.strip()) > WIDTH and line.strip():
                lines.append(line)
                line = indent + " "
            line += " " + declaration.strip()
        lines.append(line)
    lines.append(f"{indent}}}")


def main(check: bool) -> int:
    """Writes the files, or with `check` names those that would change; 1 when there is one."""
    changed = [path for path in files() if laid_out(path) != path.read_text(encoding="utf-8")]
    long = [
        f"{path.relative_to(ROOT)}:{number}: longer than {LIMIT}"
        for path in files()
        for number, line in enumerate(laid_out(path).split("\n"), 1)
        if len(line) > LIMIT
    ]
    for path in changed:
        if not check:
            path.write_text(laid_out(path), encoding="utf-8")
    told = [f"{path.relative_to(ROOT)}: run python -m tests.layout" for path in changed if check] + long
    sys.stdout.write("".join(f"{line}\n" for line in told))
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
