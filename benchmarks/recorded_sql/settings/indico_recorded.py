"""A pytest plugin: gives the database of the tests the extensions that its tables need."""

import os

import psycopg2


def pytest_sessionstart(session):
    """Before any table is made."""
    address = os.environ["INDICO_TEST_DATABASE_URI"]
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name in ("unaccent", "pg_trgm"):
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
    connection.close()
