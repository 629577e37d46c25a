"""Tables from and for other programs: CSV and Excel, read with distrust and written so that nothing in them is run."""

from .reading import MOST_BYTES, MOST_ROWS, Sheet, Unreadable, read_table
from .writing import ENDINGS, Table, to_csv, to_xlsx

__all__ = ["ENDINGS", "MOST_BYTES", "MOST_ROWS", "Sheet", "Table", "Unreadable", "read_table", "to_csv", "to_xlsx"]
