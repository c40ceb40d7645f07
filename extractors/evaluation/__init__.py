"""Measured agreement: the floor that every assessor must beat, and the bars of grounding and of hostile pages."""
