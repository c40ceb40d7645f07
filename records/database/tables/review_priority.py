"""In which order drafts wait for a reviewer: the computed column `agents.priority`, highest first."""

PRIORITY = """(CASE WHEN evidence_lost > 9 THEN 9 ELSE evidence_lost END) * 1000000
 + COALESCE(high, 0) * (CASE WHEN not_certain > 32 THEN 0 ELSE 32 - not_certain END) * (1 + bands_open)
 * (CASE WHEN findings_addressing > 0 THEN 2 ELSE 1 END)"""
"""Lost evidence first; then exposure (how high the range goes, in tenths) times evidence (claims that are known) times
the chance to change the band (bands that the range spans), twice that for text that addresses the assessor."""
