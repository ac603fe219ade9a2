"""Conventions of every installation: names, address plan, regions, clouds and sizes.

Pure functions of plain values: no answers, no I/O, nothing of Azure's SDKs. They stand on the ground modules only.
"""
