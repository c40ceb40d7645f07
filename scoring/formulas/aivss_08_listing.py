"""The headline estimate: the equation of AIVSS 0.8 over the ten published factors, in tenths.

    Factor_Sum = f[1] + ... + f[10]                  f: the ten factors of published records, each a tenth
    AARS       = (10 - B) x (Factor_Sum / 10) x ThM
    raw        = (B + AARS) x MF
    AIVSS      = round_half_up(raw, 1)

The equation is that of OWASP AIVSS 0.8, section 3.4, unchanged. The factor set is that of AIVSS 0.5,
section 1, which directories print; B is derived from what a listing says. Self-Modification follows the
directories too: running code for a task is 0.3 to 0.4 there and 1.0 by table 2 of 0.8. The reason: it moves
Dynamic Tool Use and the exposure already. The effect: the score is lower by at most 0.07 x (10 - B) x ThM, 0.2
at a base of 7. These are departures, and every score of this profile says so: it is an estimate, not an OWASP
AIVSS 0.8 score.
"""

from scoring.formulas.owasp_aivss_08 import equation
from scoring.formulas.profile import FACTORS_PUBLISHED, Profile
from scoring.formulas.threat_and_mitigation import MITIGATION_0_8, THM_0_8

PROFILE = Profile(
    id="aivss-0.8-listing",
    title="AIVSS 0.8 equation over the ten published factors, estimated",
    source="OWASP AIVSS 0.8 section 3.4 (equation); OWASP AIVSS 0.5 section 1 (factors); tenths as published records",
    equation=equation,
    factors=FACTORS_PUBLISHED,
    thm=THM_0_8,
    mitigation=MITIGATION_0_8,
    conformance=(
        "factor set of AIVSS 0.5 under the equation of AIVSS 0.8",
        "running code for a task is self-modification 0.3 to 0.4, as directories print it; 1.0 by the standard",
    ),
)
