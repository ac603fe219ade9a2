"""Emulated AKS clusters."""
