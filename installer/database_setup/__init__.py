"""PostgreSQL: roles, databases and privileges of an environment, and the program that applies them inside its network.

Only that program (`__main__`, `session.py`) imports asyncpg and azure.identity, which the Prefect image has.
"""
