"""The inside of emulated AKS clusters: objects, the kubectl commands that act on them, pods and workloads."""
