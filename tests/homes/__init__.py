"""`python -m tests.homes`: the matrix of homes on the embedded Azure, with real PostgreSQL and real Prefect processes.

A home is where Prefect and the web app run, and the number of Prefect servers. Each is rehearsed twice on one embedded Azure;
the second run may change nothing. With kills, each kind of process is killed once in the middle of a step.
"""
