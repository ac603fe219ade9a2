"""Tests of the migrations of tables."""
