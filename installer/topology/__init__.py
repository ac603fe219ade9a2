"""The picture of an installation: networks, subnets, private endpoints, ingress and identities with their roles, from the estate.

Pure. `estate_topology.py` reads the planned resources into `model.py`; `text.py` draws them in cells of a terminal, `svg.py` for
documents. Nothing is drawn that the templates do not deploy, other than networks that already exist.
"""
