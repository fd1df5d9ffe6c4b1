"""Where people go on: the buttons of xenweb, and the tools beside it. Many cards name the same ones."""

from typing import Final

CHECK: Final = "On the checks page, once it is put right: “Examine again”."
FIX: Final = "On the checks page, at the finding: the fix that is offered shows its own plan; then “Examine again”."
RETRY: Final = "On the operation's page, once it is put right: “Check and try again”; before a start, plan again."
LOOK: Final = "On the operation's page: read what the step names to look at; then “Check and try again” or “Decide”."
READ: Final = "On the pool's page: “Read again”; a plan made before it is made again."
NETWORK: Final = "On the pool's page: “Read again” and compare its networks; in an operation: “Check and try again”."
HA: Final = "In the wizard that adds servers: let xenweb switch HA off and on again. Elsewhere: “Read again” after it."
VM: Final = "Once the VM is out of the way: “Examine again” on the checks page, “Check and try again” in an operation."
ADD: Final = "On the pool's page: “Add servers”."
LOGIN: Final = "On the pool's page, in its menu: “New login…”."
CERTIFICATE: Final = "On the server's page: “Check certificate…”."
CONNECT: Final = "On the page “Connect servers”: give the address again."
CHOOSE: Final = "In the wizard, on its page “Servers”: leave this server out."
PLAN: Final = "On the plan page: “Make the plan again”."
OUTSIDE: Final = "xenweb has no button for this. When it is done: “Read again” on the pool's page."

XE: Final = "xe on the coordinator, or XenCenter"
CONSOLE: Final = "the server's console, or SSH to it"
UPDATES: Final = "XenCenter's updates, or yum on each server"
