"""Rows of text as columns for a terminal. Pure."""

from collections.abc import Sequence

from installer.sanitize import printable


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row; columns are as wide as their widest cell. All rows have as many cells, and there is at least one.

    Cells are texts from anywhere: each stays on its line, without control characters.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
