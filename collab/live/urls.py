from django.urls import path

from . import views

urlpatterns = [path("n/<slug:slug>/live/", views.poll, name="live_poll")]
