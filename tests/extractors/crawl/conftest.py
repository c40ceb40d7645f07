"""One loopback server and one canary for each test that wants them."""

from collections.abc import AsyncIterator

import pytest

from tests.extractors.crawl.web import Server, page


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    one = Server()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def canary() -> AsyncIterator[Server]:
    """A private service that nobody may reach: `connections` must stay 0."""
    one = Server({"/": page(b"secret")})
    await one.start()
    yield one
    await one.stop()
