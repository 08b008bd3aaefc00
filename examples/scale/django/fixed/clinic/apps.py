from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        # Runs once in each process that loads the application.
        from autogen import Agent

        from clinic.emergencies import call_a_doctor
        from clinic.receptionist import receptionist

        receptionist.register_reply([Agent, None], call_a_doctor)
