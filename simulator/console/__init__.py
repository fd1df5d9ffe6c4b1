"""The console of a server: what somebody sees who stands before it, or uses its IPMI, when no network helps.

Terminal        a TCP line terminal on loopback: login, prompt, interrupt
└── Shell       one login: variables, $( ), the programs below
    ├── programs    ip, cat, reboot, xe-toolstack-restart, xe-reset-networking …
    └── xe          XAPI's command line: `xe class-verb key=value …`
"""
