"""JSON logs, one line an event, with a last net against secrets."""

import json
import logging
import re
from datetime import UTC, datetime

MASK = "•••"
SECRET = re.compile(r"(?i)\b(password|passwd|pwd|secret|session_id|token)\b(\s*[=:]\s*)(\S{1,200})")


class SecretFilter(logging.Filter):
    """Masks ``password=…`` and the like; the code above never logs secrets, this is the last net."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = SECRET.sub(rf"\1\2{MASK}", record.getMessage())
        record.args = ()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = SECRET.sub(rf"\1\2{MASK}", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
