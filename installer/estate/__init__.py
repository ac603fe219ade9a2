"""The estate: stages, their parameters and resources, and prerequisites.

Pure: answers in, template parameters and resource lists out. May import `answers`, `conventions`, `arm_templates` and the
ground modules; no Azure SDK, engine or screens.
"""
