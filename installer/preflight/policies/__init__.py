"""Check of Azure Policy: what policies in force refuse or change of the planned resources, and who can exempt them.

`reads` collects the rules in few reads, `judging` judges every planned resource with the engine in `installer.policy`,
`restrictions` asks Azure where the engine has found a denial or cannot decide, `ways` tries answers that avoid a denial.
"""
