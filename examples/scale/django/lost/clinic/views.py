import os

from django.http import HttpRequest, JsonResponse

from clinic.receptionist import receptionist


def ask(request: HttpRequest) -> JsonResponse:
    question = request.GET["q"]
    reply = receptionist.generate_reply(messages=[{"role": "user", "content": question}])
    return JsonResponse({"worker": os.getpid(), "reply": reply})
