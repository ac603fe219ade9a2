"""The command line: options, commands, exit codes, and the wizard and watcher for plain terminals.

The topmost room: it may import every other one. Nothing imports it.
"""
