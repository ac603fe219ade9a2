"""Names of what watches over the rest, protects it, and of the services beside it."""

from typing import Final

from installer.naming.base import Law, NamesBase

LAWS: Final[dict[str, Law]] = {}


class WatchNames(NamesBase):
    """Names of what watches over the rest, protects it, and of the services beside it."""
