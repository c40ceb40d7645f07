"""Tools declared in program text, by grammar: read, never run."""
