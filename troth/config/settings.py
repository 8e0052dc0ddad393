"""Settings, all from the environment. docs/settings.md lists every variable; a test keeps it complete."""

import os
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from troth.config.secret import secret_key

PACKAGE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = os.environ.get("TROTH_ENV", "development")
if ENVIRONMENT not in ("development", "production"):
    raise ImproperlyConfigured(f"TROTH_ENV={ENVIRONMENT!r}: use development or production")
IS_PRODUCTION = ENVIRONMENT == "production"
DATA_DIR = Path(os.environ.get("TROTH_DATA_DIR", "var")).resolve()

DEBUG = os.environ.get("TROTH_DEBUG", "") == "1" and not IS_PRODUCTION
SECRET_KEY = secret_key(IS_PRODUCTION, DATA_DIR)
ALLOWED_HOSTS = os.environ.get(
    "TROTH_ALLOWED_HOSTS", "" if IS_PRODUCTION else "localhost,127.0.0.1,[::1],testserver"
).split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("TROTH_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "troth.access",
    "troth.jobs",
    "troth.events",
    "troth.staff",
    "troth.ledger",
    "troth.customers",
    "troth.activity",
    "troth.insights",
    "troth.segments",
    "troth.worklist",
    "troth.messaging",
    "troth.programs",
    "troth.rewards",
    "troth.voice",
    "troth.sales",
    "troth.care",
    "troth.imports",
    "troth.demo",
    "troth.console",
    "troth.portal",
    "troth.api",
]

MIDDLEWARE = [
    "troth.config.health.HealthMiddleware",
    "troth.config.forwarded.ForwardedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "troth.api.middleware.ApiMiddleware",  # before the policy for pages: calls have one of their own
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "troth.console.middleware.SurroundingsMiddleware",
    "troth.console.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "troth.config.urls"
WSGI_APPLICATION = "troth.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Each console area keeps its templates beside its views.
        "DIRS": sorted(PACKAGE_DIR.glob("console/*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "troth.console.context.shell",
            ],
        },
    },
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;"
    ),
}
# Closing the last connection writes the whole log back into the file: after each request, it took most of its time.
SQLITE_CONNECTION_SECONDS = 600

DATABASE_URL = os.environ.get("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        DATABASES["default"] |= {"OPTIONS": SQLITE_OPTIONS, "CONN_MAX_AGE": SQLITE_CONNECTION_SECONDS}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "troth.sqlite3"),
            "OPTIONS": SQLITE_OPTIONS,
            "CONN_MAX_AGE": SQLITE_CONNECTION_SECONDS,
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# How often somebody tried to sign in is known to every process at once, and nothing of it is pushed out by other
# guesses. What providers lent us for an hour stays in the memory of the process that asked for it.
CACHES = {
    "default": {"BACKEND": "troth.access.notes.SharedCache"},
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "prompt"]}}

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "troth.console.accounts.adapter.ClosedAccountAdapter"
ACCOUNT_SESSION_REMEMBER = None  # the sign-in page asks
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # RFC 6238, 5.2: a code typed as it changes, or on a telephone half a minute off, still counts
MFA_FORMS = {
    "authenticate": "troth.console.accounts.forms.AuthenticateForm",
    "reauthenticate": "troth.console.accounts.forms.ReauthenticateForm",
}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_TIMEOUT = 20  # seconds: letters with a new password are sent while somebody waits, and strangers ask for them
if smtp_url := os.environ.get("TROTH_SMTP_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = smtp_url
    EMAIL_PORT = int(os.environ.get("TROTH_SMTP_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("TROTH_SMTP_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("TROTH_SMTP_PASSWORD", "")
    EMAIL_USE_TLS = os.environ.get("TROTH_SMTP_TLS", "1") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("TROTH_FROM_EMAIL", "troth@localhost")

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
FORMAT_MODULE_PATH = "troth.config.formats"  # days as everywhere else: 2 Mar 2026, 15:00
LOCALE_PATHS = sorted(PACKAGE_DIR.glob("**/locale"))

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static" if IS_PRODUCTION else None  # elsewhere files are served from where they lie
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
MEDIA_ROOT = DATA_DIR / "files"  # uploads and reports; served only through views that ask for the right
LAKE_DIR = Path(os.environ.get("TROTH_LAKE_DIR", DATA_DIR / "lake"))
SENDING_FILE = DATA_DIR / "sending.json"  # how far sending was: a restored database is behind it
MAILDIR = Path(folder) if (folder := os.environ.get("TROTH_MAILDIR")) else None  # of the complaints' address
MAIL_SERVER = os.environ.get("TROTH_MAIL_SERVER", "").strip()  # whose word on who sent a message is believed
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
# In links that customers get; in production the first host's, for nobody can follow a link to this machine.
_own_host = ALLOWED_HOSTS[0].lstrip(".*")
_own_url = f"https://{_own_host}" if IS_PRODUCTION and _own_host else "http://127.0.0.1:8000"
PUBLIC_URL = (os.environ.get("TROTH_PUBLIC_URL") or _own_url).rstrip("/")
PROXIES = int(os.environ.get("TROTH_PROXIES") or 0)  # web servers in front that say in X-Forwarded-For who asks
_own_networks = "10.0.0.0/8,127.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1,fc00::/7"  # tried out on a desk, not served
PRIVATE_NETWORKS = [  # that messages may be handed over to besides the open internet
    ip_network(network.strip())
    for network in os.environ.get("TROTH_PRIVATE_NETWORKS", "" if IS_PRODUCTION else _own_networks).split(",")
    if network.strip()
]
IMPORT_FILES_DAYS = int(os.environ.get("TROTH_IMPORT_FILES_DAYS", "30"))
API_MAX_BYTES = 8 * 2**20
API_REQUESTS_PER_MINUTE = int(os.environ.get("TROTH_API_REQUESTS_PER_MINUTE", "600"))

# What fails on our side is told to whoever runs the process, with its traceback, also where DEBUG is off: Django by
# itself would write letters to nobody. Requests that were refused are the caller's affair and stay out.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "troth.config.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "troth.config.logs.StderrHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "django.server": {"handlers": [], "level": "ERROR", "propagate": False},
    },
}

# Everything comes from this server; scripts and styles only from files. Charts set styles by property, which may be.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
CSRF_FAILURE_VIEW = "troth.console.errors.csrf_refused"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = os.environ.get("TROTH_HTTPS_REDIRECT", "1") == "1"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
