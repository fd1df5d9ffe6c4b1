"""JSON logs, one line an event, with a last net against secrets."""

import json
import logging
import re
from datetime import UTC, datetime

MASK = "•••"
NAMED = re.compile(
    r"""((?:password|passwd|pwd|secret|session_?id|token|authorization)\w{0,20}\\?["']?\s{0,9}[=:]\s{0,9})"""
    r"""(?:b?(?:"(?:\\.|[^"\\\n]){0,500}"|'(?:\\.|[^'\\\n]){0,500}')(?=[\s,;}\])]|$)|[^\n]+)""",
    re.IGNORECASE,
)
IN_URL = re.compile(r"(://[^\s/:@]{0,100}:)\S{1,200}@")


def masked(text: str) -> str:
    """Mask what stands after a telling name (in quotes, or to the end of its line) and passwords in URLs."""
    return IN_URL.sub(rf"\1{MASK}@", NAMED.sub(rf"\1{MASK}", text))


class SecretFilter(logging.Filter):
    """Masks ``password=…`` and the like; the code above never logs secrets, this is the last net."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = masked(record.getMessage())
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
            line["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
