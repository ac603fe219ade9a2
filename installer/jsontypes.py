"""Type of JSON values."""

Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
