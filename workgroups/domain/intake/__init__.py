"""Bringing in what exists: an uploaded table, which column is what, what would happen, and all of it or nothing."""

from .plan import Line, Outcome, Plan, plan_of
from .steps import KINDS, carry_out, columns_of, drop_intake, match_columns, upload_table

__all__ = [
    "KINDS",
    "Line",
    "Outcome",
    "Plan",
    "carry_out",
    "columns_of",
    "drop_intake",
    "match_columns",
    "plan_of",
    "upload_table",
]
