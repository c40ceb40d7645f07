"""Writes the next migration from what the tables say: `python -m records.migrations "why the schema changes"`.

Then set `HEAD` in `records/database/schema.py` and let `tests/records/test_schema.py` tell whether it is complete.
"""

import sys
import tempfile
from pathlib import Path

from records.database import schema
from records.database.engine import Database, make_engine


def main() -> None:
    from alembic import command

    if len(sys.argv) != 2:
        sys.exit('usage: python -m records.migrations "why the schema changes"')
    config = schema.configuration()
    number = f"{len(list((Path(__file__).parent / 'versions').glob('[0-9]*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/schema.db")
        if number != "0001":
            schema.migrate(database)
        with make_engine(database.url).execution_options(assay_writes=True).begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, sys.argv[1], autogenerate=True, rev_id=number)
        database.close()


if __name__ == "__main__":
    main()
