"""The application that a server loads."""

from portal import create_app

application = create_app()
