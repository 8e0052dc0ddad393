"""Pages that no link of another page leads to, and addresses that are no page: each with its reason.

All other pages are found by following the links of the pages themselves.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

from troth.access import links as login_links
from troth.access.models import User
from troth.access.permissions import Role
from troth.care.models import Journey, JourneyRehearsal, ServiceRequest, TrainingSession
from troth.care.requests import links as request_links
from troth.care.training import links as training_links
from troth.customers.models import Customer
from troth.messaging import links, preferences
from troth.programs.models import Programme
from troth.voice.complaints import links as complaint_links
from troth.voice.models import Case, CaseState, Improvement, Invitation, InvitationState, Survey
from troth.voice.surveys import links as survey_links

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "long enough words"
FILE, PART, DATA, LEADS_ON = "a file", "a part that its page asks for", "data for a script", "leads on to another page"
NO_PAGES = {
    "": LEADS_ON,
    "search/": PART,
    "account/confirm-email/(?P<key>[-:\\w]+)/$": "our own page of that address comes first",
    "account/confirm-email/<str:key>/": "the page of account/email/ again",
    "account/login/code/confirm/": "signing in by a code is not offered",
    "account/2fa/recovery-codes/download/": FILE,
    "calendar/<str:day>/<slug:code>/": PART,
    "complaints/photos/<uuid:photo_id>/": FILE,
    "coupons/campaigns/<slug:code>/codes/<int:batch_id>/": FILE,
    "coupons/campaigns/<slug:code>/effect/progress/": PART,
    "coupons/suggest/": DATA,
    "customers/<uuid:customer_id>/points/<slug:code>/statement.csv": FILE,
    "imports/<uuid:run_id>/noted/": FILE,
    "imports/<uuid:run_id>/progress/": PART,
    "imports/<uuid:run_id>/refused/": FILE,
    "journeys/<uuid:journey_id>/effect/progress/": PART,
    "journeys/<uuid:journey_id>/rehearsals/<uuid:rehearsal_id>/csv/": FILE,
    "journeys/<uuid:journey_id>/rehearsals/<uuid:rehearsal_id>/progress/": PART,
    "messages/control/progress/": PART,
    "overview/report.<slug:kind>": FILE,
    "p/brand.css": FILE,
    "p/l/<str:token>": LEADS_ON,
    "p/logo": FILE,
    "p/o/<str:token>": FILE,
    "p/receipts/<slug:channel>/": "asked by machines",
    "p/receipts/<slug:channel>/<str:token>": "asked by machines",
    "programmes/<uuid:programme_id>/edit/facts/": DATA,
    "programmes/<uuid:programme_id>/effect/": PART,
    "programmes/<uuid:programme_id>/example/orders/": PART,
    "programmes/<uuid:programme_id>/rehearsals/<uuid:rehearsal_id>/csv/": FILE,
    "programmes/<uuid:programme_id>/rehearsals/<uuid:rehearsal_id>/progress/": PART,
    "programmes/<uuid:programme_id>/review/cost/": PART,
    "programmes/award/<uuid:award_id>/progress/": PART,
    "programmes/suggest/": DATA,
    "rewards/audience/suggest/": DATA,
    "rewards/birthdays/gifts/<slug:code>/people/csv/": FILE,
    "segments/<uuid:segment_id>/status/": PART,
    "segments/suggest/": DATA,
    "segments/why/<uuid:customer_id>/": LEADS_ON,
    "settings/": LEADS_ON,
    "settings/jobs/<uuid:job_id>/progress/": PART,
    "surveys/<uuid:survey_id>/code.svg": FILE,
    "tasks/calendar/<str:secret>.ics": FILE,
    "tasks/reminders/": PART,
    "tasks/results/file/": FILE,
    "value/progress/<uuid:job_id>/": PART,
    "visits/photos/<uuid:photo_id>/": FILE,
}

DOORS = ("account/", "p/", "welcome/")
STATUS = {
    "/welcome/changed/": 403,
    "/p/u/changed": 404,
    "/p/s/changed/": 404,
    "/p/complaint/changed/": 404,
    "/p/service/changed/": 404,
    "/p/training/changed/": 404,
}
"""Addresses that are refused, and how."""


def of_staff() -> list[str]:
    """Return addresses that stand for others of their kind, and those that only a state of things leads to."""
    journey, rehearsal = Journey.objects.get(code="todo"), JourneyRehearsal.objects.get()
    told, club = Improvement.objects.filter(state="done")[0], Programme.objects.get(code="club")
    return [
        f"/complaints/improvements/{told.id}/tell/",
        f"/journeys/{journey.id}/edit/part/steps-2/way/",
        f"/journeys/{rehearsal.journey_id}/rehearsals/{rehearsal.id}/",
        f"/programmes/{club.id}/rehearsals/compare/",
        "/training/courses/cooking/",
        "/points/people/?currency=points",
        "/points/movements/?currency=points",
        "/value/people/?status=all_active",
        "/customers/?q=nobody",
        "/value/what-if/?customers=1000&profit=100&retention=80&more=5&discount=10&acquisition=150",
        "/value/what-if/?customers=10&profit=-5&retention=300&more=5&discount=10",
        "/value/what-if/attrition/?example",
        "/account/email/",
        "/account/confirm-email/",
        "/account/password/set/",
        "/account/2fa/totp/activate/",
        "/account/logout/",
    ]


def of_strangers(now: datetime) -> list[str]:
    """Return what somebody who is not signed in may open: the doors of the console, and refusals there."""
    user = User.objects.create_user("new@example.org", name="新同事", role=Role.CLERK)
    key = default_token_generator.make_token(user)
    return [
        "/account/login/",
        "/account/signup/",
        "/account/inactive/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        f"/account/password/reset/key/{user_pk_to_url_str(user)}-{key}/",
        "/account/password/reset/key/0-changed/",
        "/account/password/reset/key/done/",
        f"/welcome/{login_links.make_login_link(user, now=now)}/",
        "/welcome/changed/",
    ]


def of_customers(now: datetime) -> list[str]:
    """Return the public pages: preferences, surveys of every kind, complaints, and what a changed link says."""
    person = Customer.objects.order_by("id")[0]
    confirm = preferences.confirmation_url(
        customer_id=person.id, purpose="survey", channel="email", source="form", now=now + timedelta(hours=1)
    )
    token = links.unsubscribe_token(person.id, purpose="marketing", channel="email", contact_id=None)
    urls = [links.unsubscribe_url(token), links.preferences_url(person.id), confirm]
    asked = Invitation.objects.filter(state=InvitationState.SENT, expires_at__gt=now).order_by("-id")[0]
    opened, done = ServiceRequest.objects.order_by("id")[0], ServiceRequest.objects.order_by("-id")[0]
    training = TrainingSession.objects.order_by("-starts_at")[0]
    decided = Case.objects.filter(state=CaseState.RESOLVED).order_by("id")[0]
    return [
        *(urlsplit(url).path for url in urls),
        "/p/u/changed",
        f"/p/s/{survey_links.token(asked.id, asked.owner_id)}/",
        *(f"/p/o/{survey.open_token}/" for survey in Survey.objects.exclude(open_token="").order_by("id")),
        "/p/s/changed/",
        "/p/complaint/",
        "/p/complaint/thanks/",
        f"/p/complaint/{complaint_links.word_token(decided)}/",
        "/p/complaint/changed/",
        "/p/service/",
        *(f"/p/service/{request_links.token_of(one)}/" for one in (opened, done)),
        "/p/service/changed/",
        urlsplit(training_links.address_of(training.id, person.id)).path,
        "/p/training/changed/",
    ]


def guarded_user(language: str, theme: str) -> User:
    """Return somebody who signs in with a password and a second step."""
    user = User.objects.create_user(
        f"guarded-{language}@example.org",
        name="林悦",
        role=Role.ADMIN,
        password=PASSWORD,
        language=language,
        theme=theme,
    )
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def code_of_the_moment() -> str:
    """Return what the telephone of a guarded user shows."""
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(SECRET, counters[len(counters) // 2])))


OF_THE_GUARDED = (
    "/account/password/change/",
    "/account/reauthenticate/",
    "/account/2fa/",
    "/account/2fa/reauthenticate/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
)
