"""What an operator decides about crawling. Nothing here can be set by a page or a listing.

Invariant: there is no switch for TLS verification and none for the address rule; `allow_private` names
single hosts, `authority_file` adds a certificate authority, neither takes a check away.
"""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from scoring.claims import Frozen

MEBIBYTE = 1 << 20


class CrawlSettings(Frozen):
    """The limits of a crawl. Times are seconds, sizes bytes."""

    product: str = Field("AssayBot", pattern=r"^[A-Za-z_-]+$")
    """The product token that robots.txt addresses (RFC 9309: letters, `_` and `-`)."""
    version: str = Field("0.1", pattern=r"^[A-Za-z0-9.]+$")
    """The product's version in the user agent."""
    contact: str = Field("https://example.org/assay", pattern=r"^[!-~]+$")
    """Page or mail address that a site's owner can turn to; part of the user agent."""

    pace: float = Field(1.0, ge=0)
    """Shortest pause between two requests to a host; robots.txt and latency can only lengthen it."""
    latency_factor: float = Field(2.0, ge=0)
    """The pause is at least the last answer's time times this."""
    api_hosts: tuple[str, ...] = ("api.github.com",)
    """Documented APIs: their own limits (`X-RateLimit-*`) hold instead of robots.txt and `pace`."""
    api_pace: float = Field(0.1, ge=0)
    """Shortest pause between two requests to one of `api_hosts`."""
    in_flight: int = Field(16, ge=1)
    """Requests under way at once over all hosts; one a host."""
    pages_per_host: int = Field(10_000, ge=1)
    """Requests a host and night, robots.txt, redirects and repeats included."""
    bytes_per_host: int = Field(512 * MEBIBYTE, ge=1)
    """Bytes a host may send us in a night, as they came over the wire."""
    longest_wait: float = Field(900.0, ge=0)
    """A host that asks for a longer pause than this is left for another night."""
    deferral: float = Field(3600.0, ge=0)
    """How long a host whose robots.txt cannot be had, or that keeps failing, is left alone."""
    tries: int = Field(3, ge=1, le=10)
    """Requests for one URL when the failure may pass."""

    timeout: float = Field(30.0, gt=0)
    """Wall time of one request, from connecting to the last byte."""
    connect_timeout: float = Field(10.0, gt=0)
    """Wall time of connecting, TLS included."""
    largest_page: int = Field(8 * MEBIBYTE, ge=1)
    """Decoded bytes of one page."""
    largest_headers: int = Field(64 * 1024, ge=1024)
    """Bytes of an answer's headers."""
    redirects: int = Field(5, ge=0, le=20)
    """Redirects followed for one page."""

    allow_private: tuple[str, ...] = ()
    """`host` or `host:port` that may be asked although its address is not public."""
    opt_out: tuple[str, ...] = ()
    """Hosts (with their subdomains) and URL prefixes that are never asked."""
    authorization: dict[str, SecretStr] = Field(default_factory=dict)
    """Host to the value of its `Authorization` header; never sent to another host, never over plain HTTP
    to a public address."""
    authority_file: Path | None = None
    """A PEM file with further certificate authorities to trust."""

    @field_validator("opt_out", "allow_private", "api_hosts")
    @classmethod
    def _trimmed(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(entry.strip() for entry in entries if entry.strip())

    @property
    def user_agent(self) -> str:
        """`AssayBot/0.1 (+https://example.org/assay)`."""
        return f"{self.product}/{self.version} (+{self.contact})"
