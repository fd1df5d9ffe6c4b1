"""What a toolstack answers. Here is what every message goes through; what each one does is in the packages below.

access    sessions, logins, roles, permissions
events    event.from, the older queue, messages
host      what a server tells of itself; enabling, power, evacuation, forgetting
network   networks, PIFs, bonds, VLANs, tunnels, VIFs; what a start mends of them
pool      join, start, heartbeats, roles, HA, eject
storage   SRs, PBDs, VDIs, VBDs
vm        VMs
"""
