"""Numbers with their noun: 1 resource, 12 resources."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number and its noun, in the plural unless the number is 1; `plural` if that is more than the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
