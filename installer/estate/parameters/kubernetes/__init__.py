"""Kubernetes manifests for the cluster of an environment. Pure."""
