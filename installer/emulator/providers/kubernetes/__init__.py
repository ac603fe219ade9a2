"""The contents of emulated AKS clusters: objects, kubectl commands, pods and workloads."""
