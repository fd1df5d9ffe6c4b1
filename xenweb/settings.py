"""All settings, from the environment. Each is documented in docs/settings.md."""

from xenweb import env as _env
from xenweb.env import BASE_DIR, env

VAR_DIR = _env.var_dir()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = _env.secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

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
    "allauth.usersessions",
    "axes",
    "django_htmx",
    "lucide",
    "pools",
]

MIDDLEWARE = [
    "xenweb.proxy.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "xenweb.csp.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "xenweb.sessions.SessionLimits",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "xenweb.urls"
ASGI_APPLICATION = "xenweb.asgi.application"
WSGI_APPLICATION = "xenweb.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["pools.templatetags.ui", "pools.templatetags.pages"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "xenweb.csp.nonce",
                "pools.context.shell",
            ],
        },
    },
]

DATABASES = {"default": _env.database() | {"CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
KEY_PREFIX = env.str("XENWEB_KEY_PREFIX", default="xenweb:")
# Only sign-in uses it (throttles, used codes): people can sign in while Redis is down, and no code works twice.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "xenweb_cache"}}

# People
AUTH_USER_MODEL = "pools.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "xenweb.accounts.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key"}  # second factors; passwords are throttled by axes
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.int("XENWEB_STEP_UP", default=300)
MFA_ADAPTER = "xenweb.accounts.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
USERSESSIONS_TRACK_ACTIVITY = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "xenweb.accounts.name_tried"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False

# Browser
SECURE_COOKIES = env.bool("XENWEB_SECURE_COOKIES", default=True)
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE_COOKIES else "sessionid"
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE_COOKIES else "csrftoken"
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
SECURE_SSL_REDIRECT = env.bool("XENWEB_SSL_REDIRECT", default=SECURE_COOKIES)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
BEHIND_PROXY = env.bool("XENWEB_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 2 * 365 * 86400 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000  # addresses of 64 servers on ten networks, six fields each
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_MANIFEST = env.bool("XENWEB_STATIC_MANIFEST", default=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Hosts that xenweb may talk to
LAB = _env.lab()
HOST_NETWORKS = _env.networks("XENWEB_HOST_NETWORKS", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"])
HOST_PORTS = env.list("XENWEB_HOST_PORTS", cast=int, default=[443])
CREDENTIAL_KEYS = _env.read_key("credential_keys").split()
AUDIT_KEY = _env.read_key("audit_key")
PATIENCE = env.float("XENWEB_PATIENCE", default=300)
DRAFT_AGE = env.float("XENWEB_DRAFT_AGE", default=14)
SNAPSHOT_NIGHTS = env.int("XENWEB_SNAPSHOT_NIGHTS", default=30)
SNAPSHOT_HOUR = env.int("XENWEB_SNAPSHOT_HOUR", default=2) % 24
FAILPOINTS = env.bool("XENWEB_FAILPOINTS", default=False)

# Celery (docs/decisions/0002: PostgreSQL holds the work, Redis is a doorbell)
CELERY = {
    "broker_url": BROKER_URL,
    "broker_transport_options": {
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
        "health_check_interval": 15,
        "visibility_timeout": 3600,
        "global_keyprefix": KEY_PREFIX,
    },
    "task_routes": {"pools.run_step": {"queue": "steps"}},
    "task_acks_late": False,
    "task_reject_on_worker_lost": False,
    "task_retry_on_worker_lost": False,
    "worker_disable_prefetch": True,
    "task_ignore_result": True,
    "result_backend": None,
    "broker_connection_max_retries": None,
    "broker_connection_retry_on_startup": True,
    "accept_content": ["json"],
    "timezone": "UTC",
    "worker_hijack_root_logger": False,
    "beat_schedule": {
        "sweep": {"task": "pools.sweep", "schedule": 1.0},
        "refresh-inventories": {"task": "pools.refresh_inventories", "schedule": 15.0},
        "snapshot-networks": {"task": "pools.snapshot_networks", "schedule": 600.0},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "xenweb.logs.SecretFilter"}},
    "formatters": {"json": {"()": "xenweb.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": env.str("XENWEB_LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
    },
}
