"""Data planes of the embedded Azure: what processes of a rehearsal ask of storage accounts, key vaults and Azure Monitor.

Their host names are Azure's. Processes of a rehearsal reach them through a proxy (proxy.py) in place of DNS.
"""
