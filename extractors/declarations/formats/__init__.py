"""Readers of manifests, cards, configurations and documents, one kind of file each."""
