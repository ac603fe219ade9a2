"""Answers for the tests of this folder."""

from installer.answers.model import Answers


def answers(
    *environments: str, runtime: str = "aks", cloud: str = "public", workers: int = 1, prefix: str = "contoso"
) -> Answers:
    return Answers.model_validate(
        {
            "subscription": {
                "cloud": cloud,
                "tenant": "7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10",
                "subscription": "4f2c8a5e-1b39-4d0c-8c55-0d2f6a7791ab",
                "region": "swedencentral",
                "environments": list(environments),
                "prefix": prefix,
            },
            "platform": {"runtime": runtime},
            "sizing": {"preset": "trial", "worker_nodes": workers},
        }
    )
