"""Writes a Sheet as CSV, JSON or Markdown. No text of a log is more than text in any of them.

- CSV: a spreadsheet reads no cell as a formula, see `reports.csv`;
- JSON: a list of objects, in ASCII;
- Markdown: a heading and a table, no character of whose cells is markup.
"""

import csv
import io
import json
from enum import StrEnum

from logmon_tui.escape import decoded, printable
from logmon_tui.reports.csv import cell
from logmon_tui.reports.markdown_text import plain
from logmon_tui.reports.sheet import Sheet, Value


class Form(StrEnum):
    """A form, by the ending of its files' names."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "md"


def written_sheet(sheet: Sheet, form: Form) -> str:
    """Return a sheet in a form, with the end of its last line."""
    return _WRITERS[form](sheet)


def _csv(sheet: Sheet) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(cell, sheet.columns))
    writer.writerows([_csv_cell(value) for value in row] for row in sheet.rows)
    return text.getvalue()


def _csv_cell(value: Value) -> str | int | float:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str | bytes) else _rounded(value)


def _json(sheet: Sheet) -> str:
    rows = [dict(zip(sheet.columns, map(_json_value, row), strict=True)) for row in sheet.rows]
    return json.dumps(rows, indent=2) + "\n"


def _json_value(value: Value) -> str | int | float | None:
    if isinstance(value, bytes):
        return decoded(value)
    return value if value is None or isinstance(value, str) else _rounded(value)


def _markdown(sheet: Sheet) -> str:
    lines = [
        f"## {plain(sheet.title)}",
        "",
        f"| {' | '.join(map(plain, sheet.columns))} |",
        f"|{'|'.join(_rule(sheet, place) for place in range(len(sheet.columns)))}|",
        *(f"| {' | '.join(map(_markdown_cell, row))} |" for row in sheet.rows),
    ]
    return "".join(f"{line}\n" for line in lines)


def _rule(sheet: Sheet, place: int) -> str:
    """Return what stands below a heading: figures stand at the right."""
    values = [row[place] for row in sheet.rows if row[place] is not None]
    figures = bool(values) and all(isinstance(value, int | float) for value in values)
    return "--:" if figures else "---"


def _markdown_cell(value: Value) -> str:
    if value is None:
        return ""
    return plain(printable(value) if isinstance(value, str | bytes) else f"{_rounded(value)}")


def _rounded(value: float) -> int | float:
    return value if isinstance(value, int) else round(value, 6)


_WRITERS = {Form.CSV: _csv, Form.JSON: _json, Form.MARKDOWN: _markdown}
