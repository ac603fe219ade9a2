"""Operations on an installation after its first day: each is a list of steps for a run. They are built on `steps`."""
