"""What every screen shares: frame, footer, dialogs, glyphs, background work, the stylesheet. Knows no page and no run."""

from pathlib import Path
from typing import Final

STYLESHEET: Final = Path(__file__).with_name("flowforge.tcss")
"""Style of every screen."""
