"""Tests of the Bicep templates, judged by the real compiler where there is one."""
