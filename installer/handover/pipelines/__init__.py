"""Pipelines of an installation for GitHub Actions and Azure Pipelines: files that a repository keeps beside the answers.

A folder per platform, a file per kind of pipeline. They have no settings beside the answers file,
with which every job calls the installer.
"""
