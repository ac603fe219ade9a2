"""Conventions of every installation: names, address plan, regions, clouds and sizes.

Pure functions of plain values: no answers, no I/O, no Azure SDKs. Imports ground modules only.
"""
