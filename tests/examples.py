"""How many examples a test of a property tries where the profile's sixty are too few or too many."""

from typing import Any

from hypothesis import settings


def examples(number: int, **more: Any) -> settings:
    """So many in the whole suite; a quick run tries a third of them, as it does of all."""
    return settings(max_examples=-(-number * settings().max_examples // 60), **more)
