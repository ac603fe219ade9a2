"""Azure Policy as Resource Manager applies it to requests, on the engine in `installer.policy`.

`service` is what the rest of the emulator calls, `restrictions` answers checkPolicyRestrictions.
"""
