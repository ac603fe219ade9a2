"""Prefect: desired objects, and the program that applies and verifies them inside the network of an environment.

Only that program (`__main__` and `client/`) imports prefect, because the import takes two seconds.
"""
