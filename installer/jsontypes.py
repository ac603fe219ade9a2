"""The type of JSON values, shared by all rooms."""

Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
