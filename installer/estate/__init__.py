"""The estate: every stage, its parameters, its resources, and what has to exist before it.

Pure: answers in, template parameters and resource lists out. May import `answers`, `conventions`, `arm_templates` and the
ground modules; knows no Azure SDK, no engine and no screen.
"""
