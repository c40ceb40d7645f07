"""What a check looks like: a table for people, JSON for programs, SARIF for code hosts. No form holds a secret."""

from assay_check.outputs.json_report import json_report
from assay_check.outputs.sarif import sarif
from assay_check.outputs.table import table

__all__ = ["json_report", "sarif", "table"]
