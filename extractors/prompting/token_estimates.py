"""How many tokens a text has, without a tokenizer: what is usual, the most, the fewest."""


def tokens_in(text: str) -> int:
    """An estimate without a tokenizer: a token for three bytes of UTF-8, rounded up. Most texts need fewer."""
    return -(-len(text.encode("utf-8", "replace")) // 3)


def most_tokens_in(text: str) -> int:
    """What a byte-level tokenizer hardly exceeds: a token for two bytes. For reserving money."""
    return -(-len(text.encode("utf-8", "replace")) // 2)


def fewest_tokens_in(text: str) -> int:
    """What no tokenizer needs fewer of: a third of a token for four bytes. An endpoint that counts fewer read less."""
    return len(text.encode("utf-8", "replace")) // 12
