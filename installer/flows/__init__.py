"""Prefect: what shall exist in it, a server and workers on this machine, and what applies and proves the description.

Only a child process (`python -m installer.flows`) imports prefect: that costs two seconds, which a wizard cannot spare.
"""
