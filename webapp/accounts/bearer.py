"""Views for programs: who asks is told by a token, not by a session."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from webapp.accounts import services

View = Callable[..., HttpResponse]


def for_programs(view: View) -> View:
    """The view, for requests with a good token; refusals are JSON, too."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        user = services.user_of_token(secret=secret) if scheme.lower() == "bearer" else None
        if user is None:
            answer = JsonResponse({"error": "Send a token: Authorization: Bearer …"}, status=401)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        request.user = user
        try:
            return view(request, *args, **kwargs)
        except Http404 as error:
            return JsonResponse({"error": str(error) or "Not found."}, status=404)

    return csrf_exempt(login_not_required(never_cache(guarded)))
