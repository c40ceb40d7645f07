"""An endpoint's context window: the one that it names, and the one that its counts of tokens betray.

Idea: some servers cut a long prompt in silence and answer all the same, but count what they read. Invariant: an answer
to a prompt that was not read whole never counts.
"""

from typing import Any

from extractors.model.endpoint.chat_response import Answer
from extractors.model.endpoint.features import LEAST_ANSWER
from extractors.prompting.token_estimates import fewest_tokens_in

_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx", "max_input_tokens")


def window_named_in(node: Any) -> int | None:
    """The smallest window named anywhere in a model's entry."""
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = [
        part if key in _WINDOWS and isinstance(part, int) and part > 0 else window_named_in(part) for key, part in parts
    ]
    return min((window for window in found if window is not None), default=None)


def not_read_whole(answer: Answer, body: dict[str, Any]) -> str:
    """What to mend when the endpoint's own count says that it did not read all that was sent; empty when it did."""
    used, longest = answer.usage, int(body.get("max_tokens", 0))
    fewest = sum(fewest_tokens_in(turn["content"]) for turn in body["messages"])
    if 0 < used.prompt + used.cached < fewest:
        what = f"the endpoint read {used.prompt} tokens of a prompt of more than {2 * fewest}"
    elif answer.finish_reason == "length" and 0 < used.completion < min(longest, LEAST_ANSWER) // 10:
        what = f"the endpoint ended the reply after {used.completion} of {longest} tokens, so its window is full"
    else:
        return ""
    return f"{what}: raise its window (num_ctx, --ctx-size, --max-model-len), or lower model.context_tokens to it"
