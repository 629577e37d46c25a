from django.urls import path

from . import views

urlpatterns = [path("n/<slug:slug>/search/", views.search, name="search")]
