"""The tool inventory of a product: names, classes by rule, completeness, digest, and the claims that follow.

All of it is a pure function of what the files declare; nothing is fetched, and no model is asked.
"""
