"""Long values are compressed by LZ4 where PostgreSQL can."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_a_connection_compresses_by_lz4_where_the_server_can():
    with connection.cursor() as cursor:
        cursor.execute("SELECT enumvals, setting FROM pg_settings WHERE name = 'default_toast_compression'")
        known, chosen = cursor.fetchone()
    assert chosen == ("lz4" if "lz4" in known else "pglz")
