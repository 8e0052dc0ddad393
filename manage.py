"""Django's own commands, for those who change Troth; everybody else uses `troth`."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
