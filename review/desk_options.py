"""What an operator decides about the desk. Invariant: every default is the safe one."""

from typing import NamedTuple

from review.trusted_proxies import NameForm
from scoring.likely.advice import Limits


class DeskOptions(NamedTuple):
    """Handed in by whoever starts the desk; the desk reads no settings itself."""

    user_header: str = ""
    """Header in which a reverse proxy names the signed-in user; empty means passwords kept here."""
    user_header_form: NameForm = "text"
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks; only a proxy that connects from one of them is believed."""
    automatic_approval: bool = False
    two_people: tuple[str, ...] = ()
    """Cases in which a second person confirms an approval, see `review.services.confirmations`."""
    second_share: float = 0.05
    """Of the claims of approved drafts that are read a second time, blind."""
    second_claims: tuple[str, ...] = ("factors", "exposure")
    """Which of them."""
    correction_days: int = 30
    """Within so many days a vendor's correction is decided."""
    deciding_programs: tuple[str, ...] = ()
    """Tokens that may decide and approve; the record says *by program*."""
    session_hours: int = 12
    sign_in_tries: int = 10
    """Wrong passwords for one name, or from one address, before it has to wait."""
    sign_in_minutes: int = 10
    """How long it waits, and how long a try is remembered."""
    link_days: int = 7
    """How long a one-time link of a person works."""
    vendor_link_days: int = 60
    limits: Limits | None = None
    """Of the advice; those of the default policy where none are given."""
