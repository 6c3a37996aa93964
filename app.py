"""What the web server loads."""

from pindeck.bootstrap import create_app

app = create_app()
