"""Jupyter notebooks: prose and code of the cells, without what a run of them gave."""

import json

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.markdown import read_markdown
from extractors.pages.page_text import BlockKind


def read_notebook(text: str, writer: Writer) -> None:
    """Prose and code of the cells; outputs are results of a run, not statements."""
    for cell in json.loads(text)["cells"]:
        source = cell.get("source", "")
        source = source if isinstance(source, str) else "".join(source)
        if cell.get("cell_type") == "markdown":
            read_markdown(source, writer)
        elif cell.get("cell_type") == "code":
            writer.add(source, BlockKind.CODE)
            writer.drop("notebook output", len(cell.get("outputs", ())))
