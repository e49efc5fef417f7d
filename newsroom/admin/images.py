"""Pictures in the admin: cleaned and sized before they are stored."""

from typing import Any, override

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.errors import Refused
from core.rights import needs
from newsroom.admin.base import CHANGE, NewsroomModelAdmin
from newsroom.domain import images
from newsroom.models import Image


class ImageForm(forms.ModelForm):
    """The words of a picture, and for a new one its file."""

    field_order = ("file", "alt", "caption", "credit")
    file = forms.FileField(
        label="File",
        help_text="JPEG, PNG or WebP, at most 20 MB and 40 megapixels. We remove the place and camera from it.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    class Meta:
        model = Image
        fields = ["alt", "caption", "credit"]

    def clean(self) -> dict[str, Any]:
        """Prepare the file, unless another field is wrong: then it must be chosen again anyway."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("file") and not self.errors:
            try:
                self.prepared = images.prepare(raw=cleaned["file"].read())
            except Refused as refusal:
                self.add_error("file", str(refusal))
        return cleaned


@admin.register(Image)
class ImageAdmin(NewsroomModelAdmin):
    """Pictures."""

    form = ImageForm
    rights = NewsroomModelAdmin.rights | {"delete": CHANGE}
    list_display = ["thumbnail", "alt", "credit", "added_at"]
    list_display_links = ["alt"]
    search_fields = ["alt", "caption", "credit"]
    readonly_fields = ["preview", "line"]

    @override
    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj:
            return ["preview", "alt", "caption", "credit", "line"]
        return ["file", "alt", "caption", "credit"]

    @override
    def get_form(
        self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, without the file for a stored picture."""
        form = super().get_form(request, obj, change, **kwargs)
        if obj:
            return type(form.__name__, (form,), {"file": None})
        return form

    @override
    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if change:
            images.reword(image=obj)
        else:
            images.add(prepared=form.prepared, image=obj)

    @override
    def get_urls(self) -> list[URLPattern]:
        attach = self.admin_site.admin_view(self.attach)
        return [path("attach/", attach, name="newsroom_image_attach"), *super().get_urls()]

    @method_decorator(needs(post=CHANGE))
    def attach(self, request: HttpRequest) -> HttpResponse:
        """Store a picture for the script of an article's form; the answer is its line for the text, or the problems."""
        form = ImageForm(request.POST, request.FILES)
        if not form.is_valid():
            return JsonResponse(
                {"problems": {name: list(texts) for name, texts in form.errors.items()}}, status=422
            )
        image = images.add(prepared=form.prepared, image=form.save(commit=False))
        return JsonResponse({"line": image.line})

    @override
    def response_add(
        self, request: HttpRequest, obj: Image, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect to the new picture's page, which shows its line for articles."""
        messages.success(request, "The picture is saved. Copy its line for stories from below.")
        return redirect("admin:newsroom_image_change", obj.pk)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it when no article shows the picture."""
        return (
            obj is not None
            and self.has_change_permission(request)
            and images.shown_by(image=obj) is None
        )

    @override
    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        """Delete the picture, unless an article shows it by now."""
        try:
            images.remove(image=obj)
        except Refused as refusal:
            messages.error(request, str(refusal))

    @admin.display(description="picture")
    def thumbnail(self, image: Image) -> SafeString:
        return format_html(
            '<img class="thumb" src="{}" alt="" loading="lazy">', image.picture.thumbnail
        )

    @admin.display(description="picture")
    def preview(self, image: Image) -> SafeString:
        return format_html('<img class="shown" src="{}" alt="{}">', image.picture.src, image.alt)

    @admin.display(description="line for stories")
    def line(self, image: Image) -> SafeString:
        """Return the Markdown to copy into an article's text."""
        return format_html('<code class="line">{}</code>', image.line)
