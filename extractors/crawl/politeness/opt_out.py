"""Who asked not to be crawled. Held against every URL and every hop of a redirect."""

from collections.abc import Iterable

from extractors.crawl.http.exchange import Failure
from extractors.crawl.http.url import Address, parse
from extractors.pages.snapshot import FetchOutcome
from scoring.errors import BadInput


class OptOut:
    """`example.org` covers the host and its subdomains; `https://example.org/a/` every URL that begins so."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._hosts: set[str] = set()
        self._prefixes: list[str] = []
        for entry in entries:
            try:
                if "://" in entry:
                    self._prefixes.append(parse(entry).href)
                else:
                    self._hosts.add(parse(f"http://{entry.removeprefix('*.').strip('.')}/").host)
            except BadInput as problem:
                raise BadInput(
                    f"{entry[:80]!r} is neither a host nor a URL",
                    subject="crawl.opt_out",
                    next_step="write example.org or https://example.org/path/",
                ) from problem

    def refusal(self, address: Address) -> Failure | None:
        """Why this URL is not asked; None when nobody objected."""
        host = address.host.rstrip(".")
        while host:
            if host in self._hosts:
                return Failure(FetchOutcome.OPTED_OUT, f"{host} opted out")
            host = host.partition(".")[2]
        prefix = next(filter(address.href.startswith, self._prefixes), None)
        return None if prefix is None else Failure(FetchOutcome.OPTED_OUT, f"{prefix} opted out")
