"""State of an installation: a file per question, each a pure judgement of what it reads; nothing is written."""
