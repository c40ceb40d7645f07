"""What a check looks like: a table for people, JSON for programs, SARIF for code hosts. No form holds a secret."""
