"""Records that registries, marketplaces and catalogues publish."""
