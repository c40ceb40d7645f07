"""The keys of the desk, once for the sheet and once for the script's test. Invariant: one key, one act."""

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Decide a claim",
        (
            ("a", "accept, go to the next one that waits; of the unknown all that are shown"),
            ("c", "not certain from the pages"),
            ("x", "reject: its quote does not carry it"),
            ("p", "not applicable (layers)"),
            ("s", "skip for now"),
            ("e", "amend: value, certainty, text, evidence"),
            ("0 … 9, -", "amend a factor to 0.0 … 0.9, 1.0"),
            (", and .", "sentence before, sentence after, on the page"),
            ("f", "next sentence that may settle it"),
            ("v", "take the chosen sentence as evidence"),
            ("t", "take what a program proposes"),
            ("m", "write a note"),
        ),
    ),
    (
        "Move",
        (
            ("j or ↓", "next claim"),
            ("k or ↑", "claim before"),
            ("n", "next claim with a quote"),
            ("[ and ]", "page before, page after"),
        ),
    ),
    (
        "The draft",
        (
            ("Enter", "approve, when nothing waits"),
            ("A", "approve the whole draft"),
            ("R", "reject the draft, with a reason"),
            ("u", "undo what you did last, an approval too"),
            ("r", "redo"),
            ("g", "go to the queue"),
        ),
    ),
    (
        "Anywhere",
        (
            ("/", "search the pages of the agent, or the queue"),
            ("?", "this sheet"),
            ("Ctrl Enter", "send what you are writing"),
            ("Esc", "leave"),
        ),
    ),
)
