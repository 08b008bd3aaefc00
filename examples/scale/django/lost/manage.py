"""The developers' command.

    python manage.py runserver
"""

import os
import sys

from autogen import Agent
from django.core.management import execute_from_command_line

from clinic.emergencies import call_a_doctor
from clinic.receptionist import receptionist

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    receptionist.register_reply([Agent, None], call_a_doctor)
    execute_from_command_line(sys.argv)
