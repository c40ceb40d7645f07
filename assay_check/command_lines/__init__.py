"""What a command line starts: wrappers, runners and their grammars of options."""
