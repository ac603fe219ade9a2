"""The real Azure CLI against the embedded Azure.

`az` is no dependency of ours and shares no environment with us: `python -m venv E && E/bin/pip install azure-cli` makes
one of its own, and `AZ=E/bin/az pytest tests/emulator/az` runs these tests with it. Without AZ the `az` on the PATH is
taken; where there is none the tests skip and say so. Nothing leaves the machine: telemetry and instance discovery are
off, the only cloud it is told of is the embedded one, and its configuration lives in a folder of the test's own.
"""
