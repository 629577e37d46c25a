"""The site map: it mounts the apps, nothing else."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated

urlpatterns = [
    path("", include("collab.network.urls")),
    path("", include("collab.live.urls")),
    path("", include("collab.search.urls")),
    path("", include("workgroups.urls")),
    path("", include("meetings.urls")),
    path("api/schema/", SpectacularAPIView.as_view(permission_classes=[IsAuthenticated]), name="api_schema"),
    path("operator/", admin.site.urls),
]
