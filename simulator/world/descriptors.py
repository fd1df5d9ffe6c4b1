"""Every host and every connection takes a socket: more than the soft limit of a usual login."""

import resource

ENOUGH = 65_536


def make_room() -> None:
    """Raise the soft limit of open files to the hard one, as a daemon may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else hard
    if soft not in {hard, resource.RLIM_INFINITY} and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
