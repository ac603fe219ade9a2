"""Words and domains that identify nobody: those of Azure, of file systems, and of FlowForge's templates."""

import re
from functools import cache
from typing import Final

from installer.shipped_files import compiled_templates, error_explanations
from installer.support_bundle.identity_patterns import WORD


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OF_AZURE: Final = _words(
    """azure.com azure.net windows.net microsoft.com azurewebsites.net azurecr.io azurecontainerapps.io azurefd.net
    trafficmanager.net microsoftonline.com azmk8s.io usgovcloudapi.net azure.us azurewebsites.us azurecr.us
    microsoftonline.us chinacloudapi.cn azure.cn azurewebsites.cn azurecr.cn chinacloudapp.cn aka.ms prefect.cloud
    pypi.org python.org ghcr.io docker.io"""
)
ENDINGS: Final = _words("com net org io dev app cloud info biz gov edu mil int corp local lan intra internal test")
NO_ENDINGS: Final = _words("py sh js md rs db so id")
"""Two-letter endings of file names rather than country domains."""
PLAIN: Final = _words(
    """home users tmp var local share state root lib opt usr mnt data runs rehearsals default current localhost host user
    true false none null yes no subscription subscriptions tenant login management www admin blob core dfs file queue
    table vault vaultcore postgres database logs ods oms monitor ingest in privatelink scm"""
)


@cache
def vocabulary() -> frozenset[str]:
    """Words of the compiled templates and error explanations, in lower case."""
    texts = [path.read_text(encoding="utf-8") for path in compiled_templates()]
    texts.append(error_explanations())
    words = {word.lower() for text in texts for word in re.findall(WORD, text)}
    return frozenset(words.union(*(word.split(".") for word in words)))
