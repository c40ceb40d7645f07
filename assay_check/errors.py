"""The one error that Assay Check raises on purpose: a person gave something that cannot be used."""


class BadInput(Exception):
    """One line: what was given, what is wrong with it, what to do next. Holds no value of a configuration."""

    def __init__(self, problem: str, *, subject: str = "", next_step: str = "") -> None:
        self.problem = problem
        self.subject = subject
        self.next_step = next_step
        super().__init__(problem)

    def __str__(self) -> str:
        line = " ".join((f"{self.subject}: {self.problem}" if self.subject else self.problem).split())
        return f"{line}. Next: {self.next_step}" if self.next_step else line
