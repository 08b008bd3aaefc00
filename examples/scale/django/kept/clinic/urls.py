from django.urls import path

from clinic.views import ask

urlpatterns = [path("ask", ask)]
