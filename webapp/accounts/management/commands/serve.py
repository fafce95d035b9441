"""`manage.py serve`: the web server."""

import socket
from importlib import import_module
from threading import Thread

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from waitress import serve

THREADS = 8
ROOM_FOR_FORM_FIELDS = 2**20


class Command(BaseCommand):
    help = "Serve the web application on a socket that the supervisor has opened, or on a port."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fd", type=int, help="the listening socket's descriptor")
        parser.add_argument("--listen", default="127.0.0.1:8765", help="address and port")

    def handle(self, *args: object, **options: object) -> None:
        # Imported here: loading the application takes the settings that this command has read.
        from webapp.wsgi import application

        # Pages need the analyzer; it takes seconds to load, and the first ones do without.
        Thread(target=import_module, args=["analyzer.api"], daemon=True).start()
        where = {"listen": options["listen"]}
        if options["fd"] is not None:
            where = {"sockets": [socket.socket(fileno=int(str(options["fd"])))]}
        serve(
            application,
            threads=THREADS,
            max_request_body_size=settings.UPLOAD_LIMIT_BYTES + ROOM_FOR_FORM_FIELDS,
            channel_timeout=300,
            ident="seamline",
            **where,
        )
