"""Shared parts of every screen: frame, footer, dialogs, glyphs, background work, stylesheet. Imports no page and no run."""

from pathlib import Path
from typing import Final

STYLESHEET: Final = Path(__file__).with_name("flowforge.tcss")
"""Stylesheet of every screen."""
