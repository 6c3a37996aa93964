"""Called while a wheel is built: puts into it what lies beside the package in the checkout.

`pindeck/resources.py` finds these files in either place. An editable install needs no copies.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BESIDE = ("templates", "static", "migrations", "Procfile", "app.py", "worker.py", "gunicorn.conf.py")


class Wheel(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update({name: f"pindeck/deployed/{name}" for name in BESIDE})
