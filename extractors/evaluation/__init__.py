"""Measured agreement of assessors with what was published, and how well quotes are checked."""
