"""What a program could do by its own code: which modules it uses, and which calls are judged."""
