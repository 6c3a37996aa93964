"""Under which host names this server answers.

A page of somebody else may let its own name lead to this machine (DNS rebinding): its scripts could then read whatever
a browser here may see, and make the first account. Only the names that the settings know are answered.
"""

from flask import Flask, request

from pindeck.config import Settings
from pindeck.errors import WrongHost
from pindeck.http.auth import HEALTH_PATHS


def init_app(app: Flask, settings: Settings) -> None:
    """To be called before whatever else looks at a request, so that nothing is done for a wrong host."""
    served = settings.served_hosts

    @app.before_request
    def refuse_other_hosts() -> None:
        # A program that watches over this process asks by the number of its machine.
        if request.path not in HEALTH_PATHS and not served.serves(request.host, request.path):
            raise WrongHost(
                "This server does not answer under this name. If it should, its operator adds the name to "
                "ALLOWED_HOSTS, or sets SITE_URL."
            )
