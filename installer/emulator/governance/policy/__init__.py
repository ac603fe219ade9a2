"""Azure Policy as Resource Manager applies it to requests: which rules are in force, what they judge, what they do.

`book` compiles assignments and definitions once; `conditions`, `operators`, `expressions` and `fields` are the language of
rules; `assignments` has scopes, selectors, overrides and exemptions; `effects` and `existence` what a rule does. `service`
is what the rest of the emulator calls. A rule or a part of it that is not judged is listed with its reason, never passed
silently.

Sources: MicrosoftDocs/azure-docs articles/governance/policy/concepts (definition-structure-*, assignment-structure,
exemption-structure, effect-*) and how-to/author-policies-for-arrays.
"""
