from allauth.account import views as allauth
from django.urls import path, re_path
from django.views.generic import TemplateView

from .views import account, changes, invitations, joining, members, site, towns

urlpatterns = [
    path("", site.start, name="start"),
    path("networks/", site.network_list, name="network_list"),
    path("language/", site.set_language, name="set_language"),
    path("healthz", site.healthz, name="healthz"),
    path("readyz", site.readyz, name="readyz"),
    path("accessibility/", TemplateView.as_view(template_name="pages/accessibility.html"), name="accessibility"),
    path("privacy/", TemplateView.as_view(template_name="pages/privacy.html"), name="privacy"),
    path("imprint/", TemplateView.as_view(template_name="pages/imprint.html"), name="imprint"),
    # Signing in
    path("accounts/login/", account.sign_in, name="account_login"),
    path("accounts/login/code/", allauth.request_login_code, name="account_request_login_code"),
    path("accounts/login/code/confirm/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/signup/", allauth.signup, name="account_signup"),
    path("accounts/reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("accounts/password/set/", allauth.password_set, name="account_set_password"),
    path("accounts/password/reset/", allauth.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("demo/sign-in/", account.demo_sign_in, name="demo_sign_in"),
    path("invitation/", joining.invitation_page, name="invitation_page"),
    path("invitation/<str:token>/", joining.invitation, name="invitation"),
    # A network
    path("n/<slug:slug>/changes/", changes.changes, name="changes"),
    path("n/<slug:slug>/members/", members.members, name="members"),
    path("n/<slug:slug>/members/invite/", invitations.invite, name="invite"),
    path("n/<slug:slug>/members/<int:pk>/role/", members.membership_role, name="membership_role"),
    path("n/<slug:slug>/members/<int:pk>/end/", members.membership_end, name="membership_end"),
    path("n/<slug:slug>/invitations/<int:pk>/resend/", invitations.invitation_resend, name="invitation_resend"),
    path("n/<slug:slug>/invitations/<int:pk>/revoke/", invitations.invitation_revoke, name="invitation_revoke"),
    path("n/<slug:slug>/invitations/<int:pk>/link/", invitations.invitation_link, name="invitation_link"),
    path("n/<slug:slug>/municipalities/", towns.municipality_search, name="municipality_search"),
    path("n/<slug:slug>/accessions/add/", towns.accession_add, name="accession_add"),
    path("n/<slug:slug>/accessions/<int:pk>/end/", towns.accession_end, name="accession_end"),
    path("n/<slug:slug>/mail/", account.demo_mail, name="demo_mail"),
]
