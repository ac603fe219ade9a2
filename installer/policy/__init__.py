"""The engine of Azure Policy: which rules are in force, what they judge, what they do. Pure, without any server.

`book` compiles assignments and definitions once; `conditions`, `operators`, `expressions` and `fields` are the language of
rules; `assignments` has scopes, selectors, overrides and exemptions; `effects` what a rule changes; `judgement` judges one
resource. The checks before a run and the embedded Azure both use it. A rule or a part of it that is not judged is listed
with its reason, never passed silently.

Sources: MicrosoftDocs/azure-docs articles/governance/policy/concepts (definition-structure-*, assignment-structure,
exemption-structure, effect-*) and how-to/author-policies-for-arrays.
"""
