"""Files that earlier versions wrote: answers, journals, events and support bundles, which have to load for ever.

A folder of `samples` for each version, written by that version and never edited.
"""
