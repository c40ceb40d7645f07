"""Agents that lie in folders, of this machine or of a repository."""
