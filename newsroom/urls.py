"""The newsroom's rooms."""

from django.urls import path

from newsroom import views

urlpatterns = [
    path("", views.front, name="front"),
    path("news/", views.archive, name="archive"),
    path("news/<slug:slug>/", views.article, name="article"),
]
