"""Removal of an installation: the forecast, the steps that carry it out, and the scan afterwards."""
