"""How states look: the one table of words, icons and tones. A word never stands without its icon."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """The word, the Lucide icon and the colour tone of a state."""

    word: str
    icon: str
    tone: str = "neutral"
    spins: bool = False


@dataclass(frozen=True)
class NavItem:
    """A place in the menu; ``prefixes`` are the paths that belong to it, ``main`` keeps it on a phone's bar."""

    url_name: str
    label: str
    icon: str
    prefixes: tuple[str, ...] = ()
    main: bool = False


LOOKS = {
    # Findings
    "ok": Look("OK", "circle-check", "ok"),
    "info": Look("Note", "info", "running"),
    "warning": Look("Warning", "triangle-alert", "warning"),
    "error": Look("Error", "octagon-x", "error"),
    "unknown": Look("Unknown", "circle-question-mark", "unknown"),
    "not_applicable": Look("Not applicable", "minus"),
    # Operations
    "draft": Look("Draft", "pencil-line"),
    "planned": Look("Planned", "list-checks", "accent"),
    "awaiting_approval": Look("Waiting for approval", "stamp", "warning"),
    "approved": Look("Approved", "circle-check-big", "ok"),
    "refused": Look("Refused", "ban", "error"),
    "stale": Look("Out of date", "history", "warning"),
    "queued": Look("Queued", "hourglass", "running"),
    "running": Look("Running", "loader-circle", "running", spins=True),
    "needs_attention": Look("Needs attention", "hand", "warning"),
    "open_points": Look("Done with open points", "list-todo", "warning"),
    "parked": Look("Parked", "circle-pause", "warning"),
    "stopped": Look("Stopped", "circle-stop"),
    "undoing": Look("Undoing", "undo-2", "running"),
    "undone": Look("Undone", "undo-2"),
    "succeeded": Look("Succeeded", "circle-check", "ok"),
    "cancelled": Look("Cancelled", "circle-x"),
    # Steps
    "pending": Look("Waiting", "circle-dashed"),
    "verifying": Look("Checking", "scan-search", "running"),
    "done": Look("Done", "check", "ok"),
    "failed": Look("Failed", "octagon-x", "error"),
    "skipped": Look("Skipped", "skip-forward"),
    # Connecting servers
    "waiting": Look("Waiting", "hourglass"),
    "probing": Look("Looking", "loader-circle", "running", spins=True),
    "trust": Look("Certificate to confirm", "shield-alert", "warning"),
    "ready": Look("Ready to add", "circle-check", "ok"),
    "adding": Look("Adding", "loader-circle", "running", spins=True),
    "added": Look("Added", "check", "ok"),
    # Servers and pools
    "coordinator": Look("Coordinator", "crown", "accent"),
    "member": Look("Member", "server"),
    "standalone": Look("Standalone", "box"),
    "live": Look("Live", "plug", "ok"),
    "enabled": Look("Enabled", "power", "ok"),
    "disabled": Look("Maintenance", "wrench", "warning"),
    "unreachable": Look("Not reachable", "unplug", "error"),
    "healthy": Look("Healthy", "circle-check", "ok"),
    "degraded": Look("Degraded", "triangle-alert", "warning"),
    "offline": Look("Offline", "unplug", "error"),
    "left": Look("Not in this pool any more", "log-out", "warning"),
    "lab": Look("Practice lab", "flask-conical", "running"),
    # Roles
    "viewer": Look("Viewer", "eye"),
    "operator": Look("Operator", "wrench", "running"),
    "administrator": Look("Administrator", "shield", "accent"),
    "owner": Look("Owner", "key-round", "warning"),
}

ROLES = {1: "viewer", 2: "operator", 3: "administrator", 4: "owner"}
MARKS = {"ok": "✓", "warning": "!", "error": "✕", "unknown": "?", "info": "i", "not_applicable": "–", "waiting": "…"}
TONES = ("accent", "ok", "warning", "unknown", "running", "neutral")

ESTATE = ("/pools/", "/servers/", "/snapshots/", "/connect/", "/create-pool/", "/add-to-pool/")
NAVIGATION = (
    NavItem("home", "Home", "house", main=True),
    NavItem("estate", "Estate", "layers", ESTATE, main=True),
    NavItem("operations", "Operations", "activity", ("/drafts/",), main=True),
    NavItem("approvals", "Approvals", "stamp", main=True),
    NavItem("audit", "Audit", "scroll-text"),
    NavItem("lab", "Practice lab", "flask-conical"),
    NavItem("people", "People", "users", ("/teams/",)),
)


def look_of(state: object) -> Look:
    """Find the look of a state's value, a role's number or a severity; what is not listed shows as it is."""
    key = ROLES.get(state, "") if isinstance(state, int) else str(state).lower()
    return LOOKS.get(key) or Look(str(state).replace("_", " ").capitalize() or "Unknown", "circle-question-mark")
