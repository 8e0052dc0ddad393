"""The application that a WSGI server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from troth.kit.collecting import collect_less
from troth.kit.warm import keep_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")

application = get_wsgi_application()
_ = get_resolver().url_patterns  # loaded now, not while the first one waits
collect_less()
keep_connections()
