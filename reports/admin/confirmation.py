"""A page of its own for what takes a sealed reason: it says what will happen, and keeps what was typed."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise

from reports.admin.lock import page
from reports.domain.errors import Refused
from reports.models import Tip


class Question(NamedTuple):
    """What is asked, what it leads to, and what is said once it is done."""

    title: str | Promise
    consequences: tuple[str | Promise, ...]
    label: str | Promise
    button: str | Promise
    done: str | Promise


def ask(request: HttpRequest, tip: Tip, question: Question, *, do: Callable[..., object], onward: str) -> HttpResponse:
    """Show the page; when the reason comes, do it and go on."""
    reason, problem = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            do(reason=reason)
        except Refused as refusal:
            problem = str(refusal)
        else:
            messages.success(request, str(question.done) % {"tip": tip.reference})
            return redirect(onward)
    context = page(request, title=str(question.title)) | {
        "tip": tip,
        "question": question,
        "reason": reason,
        "problem": problem,
    }
    return TemplateResponse(request, "admin/reports/confirmation/confirmation.html", context)
