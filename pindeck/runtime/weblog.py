"""The web server's own log: its lines look as all others do, and hold no line break that a stranger sent."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from pindeck.logs import FORMAT, Formatter


class Log(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                if isinstance(handler, logging.StreamHandler):
                    handler.setFormatter(Formatter(FORMAT if log is self.error_log else self.access_fmt))

    def atoms(self, resp: Any, *rest: Any) -> dict[str, Any]:
        """Gunicorn counts what it writes itself, and not the files that the system sends."""
        told: dict[str, Any] = super().atoms(resp, *rest)
        told["B"] = resp.sent + resp.sock.handed_over
        return told | {"b": str(told["B"])}
