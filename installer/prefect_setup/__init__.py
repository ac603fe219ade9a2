"""Prefect: what shall exist in it, and the program that applies and proves that inside the network of an environment.

Only that program (`__main__` and `child/`) imports prefect: that costs two seconds, which a wizard cannot spare.
"""
