"""Fixtures that stand in files of their own, loaded by path because test folders are no packages."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def _load(name: str) -> ModuleType:
    if name not in sys.modules:
        path = Path(__file__).resolve().parents[1] / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


replies = _load("model_replies").replies
model_endpoint = _load("model_endpoint").model_endpoint
