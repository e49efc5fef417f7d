"""What readers see. These pages set no cookie and are the same for everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from newsroom.domain import publishing


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the lead story, the stories after it and the appeal."""
    lead, more = publishing.front_page()
    return render(request, "newsroom/front.html", {"lead": lead, "more": more})


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Show every story that is out, newest first, a page at a time."""
    page = publishing.archive_page(number=request.GET.get("page", "1"))
    return render(request, "newsroom/archive.html", {"page": page})


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one story that is out."""
    story = publishing.story(slug=slug)
    if story is None:
        raise Http404
    return render(request, "newsroom/article.html", {"article": story})
