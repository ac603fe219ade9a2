"""Migrations of the tables of an installation beside its upgrades: those that are pending, and the steps that apply them."""
