"""The Blob service of storage accounts: learn.microsoft.com/rest/api/storageservices/blob-service-rest-api.

Containers are those of Azure Resource Manager; contents are files in the state directory. Left out, and refused by name:
leases, snapshots, versions, tags, batches, page blobs, signatures (SAS), queries, structured bodies. Deleted blobs are kept by
soft_delete.py; a lifecycle policy moves and deletes nothing.
"""
