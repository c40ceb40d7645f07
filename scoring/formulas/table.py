"""The formula profiles by id. A new profile is one file beside this one and its name in the tuple below."""

from scoring.errors import BadInput, shown
from scoring.formulas import aivss_08_listing, aivss_10_proposal, directory_card, owasp_aivss_05, owasp_aivss_08
from scoring.formulas.profile import Profile

PROFILES: dict[str, Profile] = {
    module.PROFILE.id: module.PROFILE
    for module in (aivss_08_listing, owasp_aivss_08, owasp_aivss_05, aivss_10_proposal, directory_card)
}

HEADLINE = aivss_08_listing.PROFILE.id
"""The profile of a record's headline."""


def profile_named(name: str) -> Profile:
    """The profile with this id; `BadInput` lists the ones there are."""
    if name not in PROFILES:
        raise BadInput(f"no formula profile {shown(name)}; there are {', '.join(PROFILES)}")
    return PROFILES[name]
