SECRET_KEY = "only for this example"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["clinic.apps.ClinicConfig"]
ROOT_URLCONF = "clinic.urls"
