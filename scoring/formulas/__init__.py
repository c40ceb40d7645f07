"""Formula profiles: one small module each, its docstring the formula with its source."""

from scoring.formulas.profile import Figures, Profile, three_point
from scoring.formulas.score_line import score_line
from scoring.formulas.table import HEADLINE, PROFILES, profile_named

__all__ = ["HEADLINE", "PROFILES", "Figures", "Profile", "profile_named", "score_line", "three_point"]
