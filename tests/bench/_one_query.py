"""The site with one more address: a bare view with one query."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from reports.models import Tip


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """Find a tip by what was posted, and say its number."""
    found = Tip.objects.filter(lookup=request.POST["lookup"]).values("pk").first()
    return HttpResponse(str(found))


urlpatterns = [path("bare/", bare), path("", include("config.urls"))]
