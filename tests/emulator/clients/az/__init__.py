"""The real Azure CLI against the emulator.

`az` is not a dependency of the project and has its own environment: `python -m venv E && E/bin/pip install azure-cli`
creates one, and `AZ=E/bin/az pytest tests/emulator/clients/az` runs these tests with it. Without AZ the `az` on the PATH
is used; if there is none, the tests are skipped with that reason. Nothing leaves the machine: telemetry and instance
discovery are off, the only registered cloud is the emulator, and the configuration is in a folder of the test.
"""
